"""TOKEN: asking for a login token by email, and logging in with it.

Wrong tokens are few in each check, so that no limit on guessing is reached; the check that reaches it
comes at the end of the run and lets it pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.suite.servers.shared.expectations import found, must_be_as, must_be_unchanged
from partially_conformance.suite.servers.shared.guessing import right_login, told
from partially_conformance.suite.servers.shared.leaked_data import must_stay
from partially_conformance.suite.servers.token.texts import changed
from partially_conformance.target.harness import Harness

_A_MINUTE, _THIRTY_DAYS = 60, 30 * 24 * 60 * 60  # in seconds

_SEVERAL = 12
"""Customers who have a token at the same time: more than there is room for where it is scarce."""

_USUAL = 6  # characters of a token, as in the documented example


@check("TOKEN-1")
def the_emailed_token_logs_in(api: Api, given: Given) -> None:
    """The first word of the email that logs in, and then the one in its place, exactly as it was mailed."""
    customer, answer = given.login_with_emailed_token()
    must_be_as(given.read(customer.id), answer, what="the customer who was emailed the token")
    for customer in (given.full_customer(), given.customer()):
        token = given.token(customer)
        before = given.read(customer.id)
        answer = _must_log_in(api, customer, token)
        must_be_as(before, answer, what="the customer who was emailed the token")
        must_be_unchanged(before, api, answer)


@check("TOKEN-1")
def a_wrong_token_leaves_the_right_one(api: Api, given: Given) -> None:
    """Somebody mistypes a token, once; then the right one is sent."""
    customer = given.customer()
    token = given.token(customer)
    wrong = api.login_token(token=changed(token, 0, given.sent_tokens))
    if wrong.ok:
        return  # another rule is about that
    answer = api.login_token(token=token)
    if not answer.ok:
        raise answer.violation(
            "the emailed token to log in after a wrong one was sent", f"status {answer.status}", wrong,
            about=[customer.id, customer.email],
        )  # fmt: skip


@check("TOKEN-1")
def the_login_shows_the_customer_of_now(api: Api, given: Given, data: Data) -> None:
    """One who was updated between asking for the token and logging in with it."""
    customer = given.full_customer()
    token = given.token(customer)
    with prerequisite("updating a customer"):
        now = api.update(customer.id, phone=data.other("phone", customer)).customer()
    answer = api.login_token(token=token)
    if answer.ok:
        must_be_as(now, answer, what="the customer who was updated after asking for the token")


@check("TOKEN-1")
def a_login_by_token_keeps_the_password(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Where a harness sets one."""
    if Need.PASSWORD not in offered:
        return  # there is none to keep
    customer = given.full_customer()
    password = given.password(customer)
    right_login(api, customer.email, password)
    by_token = _logs_in(api, given.token(customer))
    answer = api.login_password(email=customer.email, password=password)
    if not answer.ok:
        raise answer.violation(
            "the password to log in after a login by token", f"status {answer.status}", by_token,
            about=[customer.id, customer.email],
        )  # fmt: skip


@check("TOKEN-5")
def each_customer_has_a_token_of_its_own(api: Api, given: Given, data: Data) -> None:
    """Several customers ask, and log in in the order in which they asked, and in the opposite one.

    The emails of the first ones begin alike, and those after them have the same names.
    """
    for order, alike in ((slice(None), True), (slice(None, None, -1), False)):
        emails = [data.email("alike" if alike else None) for _ in range(_SEVERAL if alike else 3)]
        names: dict[str, Any] = {} if alike else {"first_name": data.word(), "last_name": data.word()}
        customers = [given.full_customer(email=email, **names) for email in emails]
        asked = [(customer, given.token(customer)) for customer in customers]
        for customer, token in asked[order]:
            _must_log_in(api, customer, token, others=customers)


@check("TOKEN-7")
def asking_for_a_token_creates_nobody(api: Api, data: Data, choices: Choices) -> None:
    """Nobody is found by the email afterwards."""
    email = data.email()
    answer = api.login_email(email=email).no_server_error()
    choices.saw("unknown-email-token", answer.status)
    with prerequisite("searching for an email"):
        nobody = not found(api, email)
    if not nobody:
        raise answer.violation("nobody to be created", f"a search finds a customer with the email {email}")


@check("TOKEN-8")
def the_newest_token_works(api: Api, given: Given, choices: Choices) -> None:
    """Asked for twice, the newer one is tried first; of another customer, the older one alone."""
    customer = given.full_customer()
    given.token(customer)
    _must_log_in(api, customer, given.token(customer))
    customer = given.full_customer()
    older, newer = given.token(customer), given.token(customer)
    tried = api.login_token(token=older)
    valid = "the same token again" if older == newer else "valid"
    choices.saw("older-token", valid if tried.ok else "void")


@check("TOKEN-9")
def a_made_up_token_is_refused(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """Missing, null, empty, wildcards, operators, and made-up ones; while one token is out.

    So is what else there is to know of the customer, the password among it.
    """
    customer, idle = given.full_customer(), given.full_customer()
    passwords = [given.password(customer)] if Need.PASSWORD in offered else []
    control, length = None, _USUAL
    if Need.EMAILS in offered:
        token = given.token(customer)
        control, length = api.login_token(token=token), len(token)
    api.login_email(email=customer.email)
    example: Any = api.contract.operations["loginToken"].example
    wildcards = ("%", "*", "_", "_" * length, "' OR '1'='1", "null", "")
    others: tuple[Any, ...] = (None, [], {}, {"$ne": None}, {"$gt": ""}, ["%"], 0, True)
    known = (customer.email, customer.id, str(customer["last_name"]), *passwords)
    for made_up in (data.word(), example["token"], *wildcards, *known, *others):
        answer = api.login_token(token=made_up)
        answer.refused("with a token that was never given out", control=control, hides=[customer, idle])
    api.login_token().refused("without a token", control=control, hides=[customer, idle])


@check("TOKEN-9")
def malformed_logins_are_refused(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Bodies that are no JSON object, odd texts, and the right token in a list where there is one."""
    customer = given.full_customer()
    for body in (b"", b"{", b"[]", b'"text"', b"null"):
        answer = api.call("loginToken", body=body, headers={"Content-Type": "application/json"})
        answer.refused("whose body is no JSON object", hides=[customer])
    for odd in ("a\0b", "a" * 5000):
        api.login_token(token=odd).refused("with a token that was never given out", hides=[customer])
    if Need.EMAILS in offered:
        answer = api.login_token(token=[given.token(customer)])
        answer.refused("with a list for the token", hides=[customer])


@check("TOKEN-10")
def malformed_requests_for_a_token_are_refused(api: Api, given: Given) -> None:
    """Without an email, with null, a list or an object for it, and with a body that is no JSON object."""
    customer = given.full_customer()
    control = api.login_email(email=customer.email)
    api.login_email().refused("without an email", control=control, hides=[customer])
    no_texts: tuple[Any, ...] = (None, [], {}, [customer.email], {"$ne": None}, {"email": customer.email})
    for email in no_texts:
        answer = api.login_email(email=email)
        answer.refused("with an email that is no text", control=control, hides=[customer])
    for body in (b"", b"{", b"[]", b'"text"', b"null"):
        answer = api.call("loginEmail", body=body, headers={"Content-Type": "application/json"})
        answer.refused("whose body is no JSON object", control=control, hides=[customer])
    for odd in ("", 1):
        api.login_email(email=odd).no_server_error().shows_nothing_of(customer)


@check("TOKEN-11", shape=True)
def asking_for_a_token_is_answered(api: Api, given: Given, data: Data) -> None:
    """With a message, for the email with which a customer was created."""
    email = data.email()
    given.customer(email=email)
    api.login_email(email=email).success("the answer to asking for a token")


@check("TOKEN-11")
def asking_for_a_token_changes_nothing(api: Api, given: Given) -> None:
    """The customer, one with names and one without, reads as before."""
    for customer in (given.full_customer(), given.customer()):
        before = given.read(customer.id)
        answer = api.login_email(email=before.email)
        answer.success("the answer to asking for a token")
        must_stay(before, api, answer, "the customer")


@check("TOKEN-11")
def asking_for_a_token_keeps_the_password(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Where a harness sets one."""
    if Need.PASSWORD not in offered:
        return  # there is none to keep
    customer = given.full_customer()
    password = given.password(customer)
    right_login(api, customer.email, password)
    asked = api.login_email(email=customer.email)
    answer = api.login_password(email=customer.email, password=password)
    if not answer.ok:
        raise answer.violation(
            "the password to log in while a token is out", f"status {answer.status}", asked,
            about=[customer.id],
        )  # fmt: skip


@check("TOKEN-12")
def a_token_works_once(api: Api, given: Given) -> None:
    """The same token is sent twice."""
    customer = given.full_customer()
    token = given.token(customer)
    first = _logs_in(api, token)
    second = api.login_token(token=token)
    second.refused("with a token that has been used", control=first, hides=[customer])


@check("TOKEN-13")
def a_token_expires(api: Api, given: Given, harness: Harness) -> None:
    """One after a minute, another after thirty days, on the clock of the server."""
    customer = given.full_customer()
    token = given.token(customer)
    harness.advance(_A_MINUTE)
    fresh = _must_log_in(api, customer, token)
    customer = given.full_customer()
    token = given.token(customer)
    harness.advance(_THIRTY_DAYS)
    stale = api.login_token(token=token)
    stale.refused("with a token thirty days old", control=fresh, hides=[customer])


@check("TOKEN-15")
def asking_does_not_tell_who_is_a_customer(api: Api, given: Given, data: Data) -> None:
    """Status and message are compared."""
    customer, nobody = given.full_customer(), data.email()
    known, unknown = api.login_email(email=customer.email), api.login_email(email=nobody)
    if told(known, customer.email) != told(unknown, nobody):
        raise unknown.violation(
            "an unknown email to be answered as a known one",
            f"status {unknown.status} instead of {known.status}, or another message",
            known,
            about=[customer.id],
        )


# -- steps ---------------------------------------------------------------------------


def _must_log_in(api: Api, customer: Customer, token: str, others: Sequence[Customer] = ()) -> Answer:
    """The token logs in the customer it was emailed to, one of several who have asked."""
    answer = api.login_token(token=token)
    if not answer.ok or answer.customer("a login").id != customer.id:
        raise answer.violation(
            f"the emailed token to log in {customer.email}",
            f"status {answer.status}" + (", another customer" if answer.ok else ""),
            about=[value for one in (customer, *others) for value in (one.id, one.email)],
        )
    return answer


def _logs_in(api: Api, token: str) -> Answer:
    """The answer to a token that is right."""
    with prerequisite("logging in with the emailed token"):
        answer = api.login_token(token=token)
        answer.customer()
    return answer
