"""TOKEN: almost right tokens are refused, guessing is limited, and tokens cannot be predicted."""

from __future__ import annotations

import random
from collections.abc import Callable

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.guessing import guess_until_slowed, is_short_wait
from partially_conformance.suite.servers.token.texts import (
    places_that_differ,
    rise_by_small_steps,
    similar_token,
    with_one_change,
)
from partially_conformance.traffic.check_end import Blocked

_SHORTEST = 6
"""The least number of characters of a token: the length of the documented example."""

_PLACES = 4
"""Places in which nine tokens should differ: random tokens differ in nearly all places."""

_SEEN = 8
"""Tokens that are compared. So many random tokens are in rising order once in 40,000 times."""


@check("TOKEN-4")
def changed_tokens_are_refused(api: Api, given: Given) -> None:
    """Log in with a token cut or made longer at either end, or changed at the start, middle and end."""
    customer = given.full_customer()
    token = given.token(customer)
    places = (0, len(token) // 2, len(token) - 1)
    wrong_tokens = (
        token[:-1], token[1:], token + token[0], token[-1] + token,
        *(with_one_change(token, place, given.sent_tokens) for place in places),
    )  # fmt: skip
    answers = []
    for wrong in wrong_tokens:
        answer = api.login_token(token=wrong)
        if answer.ok and given.is_emailed_token(wrong, answer):
            continue
        answers.append(answer)
        if answer.ok:
            break  # the right token is used up
    control = None if any(answer.ok for answer in answers) else api.login_token(token=token)
    for answer in answers:
        answer.refused("with a token that is almost right", control=control, hides=[customer])


@check("TOKEN-14", exhausting=True)
def guessing_tokens_is_limited(
    api: Api, other: Api | None, given: Given, data: Data, let_login_limits_pass: Callable[[], None]
) -> None:
    """Log in with many wrong tokens that look like issued ones, then with a right token."""
    customer = given.full_customer()
    looks = [given.token(given.customer()) for _ in range(2)]
    let_login_limits_pass()  # finding out what a token looks like may have taken wrong logins
    right = given.token(customer)
    chance = random.Random(data.word())  # noqa: S311 - a wrong guess is no secret

    guesses = guess_until_slowed(
        lambda: _login(api, similar_token([*looks, right], chance, given.sent_tokens))
    )
    last = _login(api, right)
    if is_short_wait(last):
        last = api.login_token(token=right)
    locked_out = not last.ok and (guesses.is_lockout(last) or _locks_out_only_this_key(api, other, given))
    let_login_limits_pass()
    if last.ok and not guesses.slowed:
        raise last.violation(
            f"the target to slow down guessing within {len(guesses.answers)} wrong tokens",
            "every wrong token is answered at once, and then the right token logs in",
            *guesses.answers,
        )
    if not last.ok and not locked_out:
        raise last.violation(
            "the right token to log in after many wrong tokens",
            f"status {last.status}",
            *guesses.answers,
            about=[customer.id, customer.email],
        )


def _locks_out_only_this_key(api: Api, other: Api | None, given: Given) -> bool:
    """Whether a new token is refused with the key that guessed, and a new token logs in with another key.

    If a new token logs in with the key that guessed, the guesses have voided the earlier tokens.
    """
    if other is None:
        return False  # the lockout may concern all keys
    mine, theirs = given.customer(), given.customer(of=other)
    fresh = _login(api, given.token(mine))
    return not fresh.ok and _login(other, given.token(theirs, of=other)).ok


def _login(api: Api, token: str) -> Answer:
    """Log in without waiting and repeating after a 429."""
    return api.call("loginToken", json_body={"token": token}, obey_limit=False)


@check("TOKEN-16")
def tokens_cannot_be_predicted(api: Api, given: Given) -> None:
    """Compare the tokens of several customers, and a second token of the first customer."""
    customers = [given.full_customer() for _ in range(_SEEN)]
    tokens = [given.token(customer) for customer in customers]
    about = [customer.email for customer in customers[:2]]
    login = api.login_token(token=tokens[0])
    if not login.ok:
        raise Blocked(f"logging in with an emailed token did not work: status {login.status}")
    if (shortest := min(map(len, tokens))) < _SHORTEST:
        raise login.violation(
            f"tokens of at least {_SHORTEST} characters", f"a token of {shortest} characters", about=about
        )
    tokens.append(given.token(customers[0]))
    if len(set(tokens)) < len(tokens):
        raise login.violation("every token to be different", "a token was sent twice", about=about)
    if places_that_differ(tokens) < _PLACES:
        raise login.violation(
            f"tokens that differ in at least {_PLACES} places",
            f"{len(tokens)} tokens that differ in fewer places, so that the next one is easy to predict",
            about=about,
        )
    if rise_by_small_steps(tokens):
        raise login.violation(
            "tokens that cannot be predicted",
            "each token is a little larger than the one before",
            about=about,
        )
