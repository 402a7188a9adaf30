"""TOKEN: whether tokens can be guessed or foreseen."""

from __future__ import annotations

import random

from partially_conformance.api import Answer, Api
from partially_conformance.catalogue import Need
from partially_conformance.check import check
from partially_conformance.data import Data
from partially_conformance.given import Given
from partially_conformance.harness import Harness
from partially_conformance.outcome import Blocked
from partially_conformance.suite.guessing import guess, is_limited, is_short_wait, rest
from partially_conformance.suite.token_text import count_up, lookalike

_SHORTEST = 6
"""Characters a token should have at least: those of the documented example."""

_SEEN = 8
"""Tokens that are compared. That many random ones rise steadily once in 40,000 times."""


@check("TOKEN-14")
def guessing_tokens_is_limited(
    api: Api, given: Given, data: Data, harness: Harness | None, offered: frozenset[Need]
) -> None:
    """Many tokens that look like real ones; then a right one."""
    customer = given.full_customer()
    looks = [given.token(given.customer()) for _ in range(2)]
    right = given.token(customer)
    chance = random.Random(data.word())  # noqa: S311 - a wrong guess is no secret

    def login(token: str) -> Answer:
        return api.call("loginToken", json_body={"token": token}, obey_limit=False)

    answers, slowed = guess(lambda: login(lookalike([*looks, right], chance)))
    last = login(right)
    if is_short_wait(last):
        last = api.login_token(token=right)
    rest(harness, offered)
    if not slowed:
        raise last.violation(
            f"guessing to be slowed down within {len(answers)} wrong tokens",
            "each was answered at once",
            *answers[-2:],
        )
    if not last.ok and not is_limited(last):
        raise last.violation(
            "the right token to log in while somebody guesses",
            f"status {last.status}",
            answers[-1],
            about=[customer.id, customer.email],
        )


@check("TOKEN-16")
def tokens_cannot_be_foreseen(api: Api, given: Given) -> None:
    """Tokens of several customers one after the other, and one more of the first once it has logged in."""
    customers = [given.full_customer() for _ in range(_SEEN)]
    tokens = [given.token(customer) for customer in customers]
    about = [customer.email for customer in customers[:2]]
    login = api.login_token(token=tokens[0])
    if not login.ok:
        raise Blocked(f"an emailed token does not log in: status {login.status}")
    if (shortest := min(map(len, tokens))) < _SHORTEST:
        raise login.violation(
            f"tokens of at least {_SHORTEST} characters", f"one has {shortest}", about=about
        )
    tokens.append(given.token(customers[0]))
    if len(set(tokens)) < len(tokens):
        raise login.violation("every token to be another one", "a token came twice", about=about)
    if count_up(tokens):
        raise login.violation(
            "tokens that cannot be foreseen", "each is the one before plus a little", about=about
        )
