"""TOKEN: whether tokens that are nearly right work, and whether they can be guessed or foreseen."""

from __future__ import annotations

import random
from collections.abc import Callable

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.guessing import guess, is_short_wait
from partially_conformance.suite.servers.token.texts import changed, count_up, lookalike, places_that_differ
from partially_conformance.traffic.check_end import Blocked

_SHORTEST = 6
"""Characters a token should have at least: those of the documented example."""

_PLACES = 4
"""Places in which nine tokens should differ: even of digits, random ones differ in nearly all of theirs."""

_SEEN = 8
"""Tokens that are compared. That many random ones rise steadily once in 40,000 times."""


@check("TOKEN-4")
def only_the_exact_token_works(api: Api, given: Given) -> None:
    """Cut at either end, made longer at either end, changed at the start, in the middle and at the end."""
    customer = given.full_customer()
    token = given.token(customer)
    places = (0, len(token) // 2, len(token) - 1)
    wrong_tokens = (
        token[:-1], token[1:], token + token[0], token[-1] + token,
        *(changed(token, place, given.sent_tokens) for place in places),
    )  # fmt: skip
    answers = []
    for wrong in wrong_tokens:
        answer = api.login_token(token=wrong)
        if answer.ok and given.is_emailed_token(wrong, answer):
            continue
        answers.append(answer)
        if answer.ok:
            break  # it is used up by this
    control = None if any(answer.ok for answer in answers) else api.login_token(token=token)
    for answer in answers:
        answer.refused("with a token that is nearly right", control=control, hides=[customer])


@check("TOKEN-14", exhausting=True)
def guessing_tokens_is_limited(
    api: Api, other: Api | None, given: Given, data: Data, let_login_limits_pass: Callable[[], None]
) -> None:
    """Many tokens that look like real ones; then a right one."""
    customer = given.full_customer()
    looks = [given.token(given.customer()) for _ in range(2)]
    right = given.token(customer)
    chance = random.Random(data.word())  # noqa: S311 - a wrong guess is no secret

    guesses = guess(lambda: _login(api, lookalike([*looks, right], chance, given.sent_tokens)))
    last = _login(api, right)
    if is_short_wait(last):
        last = api.login_token(token=right)
    turned_away = not last.ok and (guesses.turn_away(last) or _shuts_out_who_guesses(api, other, given))
    let_login_limits_pass()
    if last.ok and not guesses.slowed:
        raise last.violation(
            f"guessing to be slowed down within {len(guesses.answers)} wrong tokens",
            "each was answered at once, and the right one logs in after them",
            *guesses.answers[-2:],
        )
    if not last.ok and not turned_away:
        raise last.violation(
            "the right token to log in while somebody guesses",
            f"status {last.status}",
            guesses.answers[-1],
            about=[customer.id, customer.email],
        )


def _shuts_out_who_guesses(api: Api, other: Api | None, given: Given) -> bool:
    """Whether no token at all logs in with the key that guessed, though it is not told, but with another key.

    If one does that was asked for after the guesses, those have voided the tokens that were out.
    """
    if other is None:
        return False  # everybody may be locked out
    mine, theirs = given.customer(), given.customer(of=other)
    fresh = _login(api, given.token(mine))
    return not fresh.ok and _login(other, given.token(theirs, of=other)).ok


def _login(api: Api, token: str) -> Answer:
    """Log in, and do not wait to be let in."""
    return api.call("loginToken", json_body={"token": token}, obey_limit=False)


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
    if places_that_differ(tokens) < _PLACES:
        raise login.violation(
            f"tokens that differ in {_PLACES} places at least",
            f"{len(tokens)} of them differ in fewer, so that the next is easily foreseen",
            about=about,
        )
    if count_up(tokens):
        raise login.violation(
            "tokens that cannot be foreseen", "each is the one before plus a little", about=about
        )
