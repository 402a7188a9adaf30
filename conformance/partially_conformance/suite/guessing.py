"""Logging in and guessing, as the checks of logins share it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from statistics import median

from partially_conformance.api import Answer, Api
from partially_conformance.catalogue import Need
from partially_conformance.given import building
from partially_conformance.harness import Harness

GUESSES = 100
"""Wrong tries by which a server should have begun to slow down.

So many failures in a row are the most that NIST SP 800-63B, 5.2.2, lets a server take.
"""

_TOO_MANY = 429
_REST = 24 * 60 * 60  # seconds after which limits are taken to be over

_SHORT_WAIT = 5  # seconds that are waited to see what comes after a 429

_FIRST = 5  # tries whose time is taken for the usual one
_DELAY = 0.5  # seconds a try takes longer than usual on a server that slows down by waiting


def guess(try_one: Callable[[], Answer]) -> tuple[list[Answer], bool]:
    """Try until the server slows down, or often. The answers, and whether it did."""
    answers: list[Answer] = []
    while len(answers) < GUESSES:
        answers.append(try_one())
        if answers[-1].status == _TOO_MANY or _is_delayed(answers):
            return answers, True
    return answers, False


def _is_delayed(answers: list[Answer]) -> bool:
    times = [answer.exchange.seconds for answer in answers]
    usual = median(times[:_FIRST])
    return len(times) > _FIRST and min(times[-2:]) > usual + _DELAY


def is_limited(answer: Answer) -> bool:
    """Whether the answer is that there were too many requests, which is never held against a server."""
    return answer.status == _TOO_MANY


def is_short_wait(answer: Answer) -> bool:
    """Whether the answer is to come again, in a few seconds."""
    seconds = answer.headers.get("retry-after", "")
    return is_limited(answer) and seconds.isdecimal() and float(seconds) <= _SHORT_WAIT


def rest(harness: Harness | None, offered: Collection[Need]) -> None:
    """Let the limits that guessing has reached pass, if the clock can be moved."""
    if harness is not None and Need.CLOCK in offered:
        harness.advance(_REST)


def right_login(api: Api, email: str, password: str) -> Answer:
    """The answer to a right password, which others are compared with."""
    with building("logging in with the right password"):
        answer = api.login_password(email=email, password=password)
        answer.customer()
    return answer


def told(answer: Answer, email: str) -> tuple[int, str]:
    """Status and message of an answer; the email is the same word in all of them."""
    body = answer.json
    message = body.get("message") if isinstance(body, Mapping) else None
    text = message if isinstance(message, str) else answer.text
    return answer.status, text.casefold().replace(email.casefold(), "email")
