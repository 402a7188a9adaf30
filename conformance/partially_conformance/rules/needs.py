"""What a rule needs beside the API and one key, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from partially_conformance.rules.catalogue import Need


@dataclass(frozen=True, slots=True)
class NeedWords:
    """The words for one need.

    Attributes:
        needs: What is needed.
        lacks: What is missing where it is not there.
        remedy: How to provide it.
    """

    needs: str
    lacks: str
    remedy: str


NEED_WORDS: dict[Need, NeedWords] = {
    Need.SECOND_MERCHANT: NeedWords(
        "a second API key, of another merchant",
        "no second key",
        "--other-api-key, or other_api_key in the target file",
    ),
    Need.PASSWORD: NeedWords(
        "a harness that sets passwords",
        "no passwords",
        "a harness that offers `password`",
    ),
    Need.PAYMENT_PLANS: NeedWords(
        "a harness that gives customers payment plans",
        "no payment plans",
        "a harness that offers `payment_plans`",
    ),
    Need.EMAILS: NeedWords(
        "a harness that shows the emails sent, or emails sent to the suite",
        "no login emails",
        "a harness that offers `emails`, or --smtp-listen",
    ),
    Need.CLOCK: NeedWords(
        "a harness that moves the clock",
        "no clock",
        "a harness that offers `clock`",
    ),
}
"""The words for each need, in the order in which they are listed."""


def needs_in_words(needs: Iterable[Need]) -> str:
    """Why a rule is not tested that lacks these: `needs a harness that sets passwords, and ...`."""
    wanted = set(needs)
    return "needs " + ", and ".join(words.needs for need, words in NEED_WORDS.items() if need in wanted)
