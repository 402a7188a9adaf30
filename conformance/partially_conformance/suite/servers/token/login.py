"""TOKEN: requesting a login token by email, and logging in with it.

Each check sends only a few wrong tokens, so that no limit on guessing is reached. The check that reaches
the limit runs at the end, and waits until the limit has passed.
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
from partially_conformance.suite.servers.shared.expectations import (
    customers_found,
    must_be_unchanged,
    must_match,
)
from partially_conformance.suite.servers.shared.guessing import right_login, status_and_message
from partially_conformance.suite.servers.shared.leaked_data import must_exist_unchanged
from partially_conformance.suite.servers.token.texts import with_one_change
from partially_conformance.target.harness import Harness
from partially_conformance.traffic.cases import Cases

_A_MINUTE, _THIRTY_DAYS = 60, 30 * 24 * 60 * 60  # in seconds

_SEVERAL = 12
"""Customers who have a token at the same time: more than a small store of tokens can hold."""

_USUAL = 6  # characters of a token, as in the documented example


@check("TOKEN-1")
def the_emailed_token_log_in(api: Api, given: Given) -> None:
    """Find the token in an email by trying its words; then log in with the same word of other emails."""
    customer, answer = given.login_with_emailed_token()
    must_match(given.read(customer.id), answer, what="the customer who was emailed the token")
    for customer in (given.full_customer(), given.customer()):
        token = given.token(customer)
        before = given.read(customer.id)
        answer = _must_log_in(api, customer, token)
        must_match(before, answer, what="the customer who was emailed the token")
        must_be_unchanged(before, api, answer)


@check("TOKEN-1")
def the_right_token_logs_in_after_a_wrong_one(api: Api, given: Given) -> None:
    """Log in with a mistyped token, then with the right token."""
    customer = given.customer()
    token = given.token(customer)
    wrong = api.login_token(token=with_one_change(token, 0, given.sent_tokens))
    if wrong.ok:
        return  # this is checked by another rule
    answer = api.login_token(token=token)
    if not answer.ok:
        raise answer.violation(
            "the emailed token to log in after a wrong token", f"status {answer.status}", wrong,
            about=[customer.id, customer.email],
        )  # fmt: skip


@check("TOKEN-1")
def the_login_shows_the_current_values(api: Api, given: Given, data: Data) -> None:
    """Log in with a token of a customer who was updated after requesting it."""
    customer = given.full_customer()
    token = given.token(customer)
    with prerequisite("updating a customer"):
        now = api.update(customer.id, phone=data.other("phone", customer)).customer()
    answer = api.login_token(token=token)
    if answer.ok:
        must_match(now, answer, what="the customer who was updated after requesting the token")


@check("TOKEN-1")
def a_login_by_token_keeps_the_password(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Log in with the password before and after, if the harness sets passwords."""
    if Need.PASSWORD not in offered:
        return  # the harness sets no passwords
    customer = given.full_customer()
    password = given.password(customer)
    right_login(api, customer.email, password)
    by_token = _log_in(api, given.token(customer))
    answer = api.login_password(email=customer.email, password=password)
    if not answer.ok:
        raise answer.violation(
            "the password to log in after a login by token", f"status {answer.status}", by_token,
            about=[customer.id, customer.email],
        )  # fmt: skip


@check("TOKEN-5")
def each_token_logs_in_its_own_customer(api: Api, given: Given, data: Data) -> None:
    """Several customers request tokens, then log in in the same order and in the opposite order.

    The emails of the first customers have the same start; the later customers have the same names.
    """
    for order, same_start in ((slice(None), True), (slice(None, None, -1), False)):
        emails = [data.email("alike" if same_start else None) for _ in range(_SEVERAL if same_start else 3)]
        names: dict[str, Any] = {} if same_start else {"first_name": data.word(), "last_name": data.word()}
        customers = [given.full_customer(email=email, **names) for email in emails]
        asked = [(customer, given.token(customer)) for customer in customers]
        for customer, token in asked[order]:
            _must_log_in(api, customer, token, others=customers)


@check("TOKEN-7")
def requesting_a_token_creates_no_customer(api: Api, data: Data, choices: Choices) -> None:
    """Request a token with an unknown email, then search for the email."""
    email = data.email()
    answer = api.login_email(email=email).no_server_error()
    choices.saw("unknown-email-token", answer.status)
    with prerequisite("searching for an email"):
        created = customers_found(api, email)
    if created:
        raise answer.violation(
            "no customer to be created", f"a search finds a customer with the email {email}"
        )


@check("TOKEN-8")
def the_newest_token_works(api: Api, given: Given, choices: Choices) -> None:
    """Request two tokens and log in with the newer one; for another customer, log in with the older one."""
    customer = given.full_customer()
    given.token(customer)
    _must_log_in(api, customer, given.token(customer))
    customer = given.full_customer()
    older, newer = given.token(customer), given.token(customer)
    tried = api.login_token(token=older)
    valid = "the same token again" if older == newer else "valid"
    choices.saw("older-token", valid if tried.ok else "void")


@check("TOKEN-9")
def a_token_that_was_never_issued_is_refused(
    api: Api, given: Given, data: Data, offered: frozenset[Need]
) -> None:
    """Log in with generated, missing, null and empty tokens, wildcards and operators.

    Also with values of the customer, such as its email and password. One token is valid meanwhile.
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
    for wrong in (data.word(), example["token"], *wildcards, *known, *others):
        answer = api.login_token(token=wrong)
        answer.refused("with a token that was never issued", control=control, hides=[customer, idle])
    api.login_token().refused("without a token", control=control, hides=[customer, idle])


@check("TOKEN-9")
def malformed_logins_are_refused(api: Api, given: Given, offered: frozenset[Need], cases: Cases) -> None:
    """Log in with bodies that are not a JSON object, unusual strings, and the right token in a list."""
    customer = given.full_customer()
    for body in (b"", b"{", b"[]", b'"text"', b"null"):
        with cases.next():
            answer = api.call("loginToken", body=body, headers={"Content-Type": "application/json"})
            answer.refused("whose body is not a JSON object", hides=[customer])
    for unusual in ("a\0b", "a" * 5000):
        with cases.next():
            api.login_token(token=unusual).refused("with a token that was never issued", hides=[customer])
    if Need.EMAILS in offered:
        answer = api.login_token(token=[given.token(customer)])
        answer.refused("with a list in place of the token", hides=[customer])


@check("TOKEN-10")
def malformed_requests_for_a_token_are_refused(api: Api, given: Given, cases: Cases) -> None:
    """Request a token without an email, with null, lists and objects, and with malformed bodies."""
    customer = given.full_customer()
    control = api.login_email(email=customer.email)
    api.login_email().refused("without an email", control=control, hides=[customer])
    no_texts: tuple[Any, ...] = (None, [], {}, [customer.email], {"$ne": None}, {"email": customer.email})
    for email in no_texts:
        with cases.next():
            answer = api.login_email(email=email)
            answer.refused("with an email that is not a string", control=control, hides=[customer])
    for body in (b"", b"{", b"[]", b'"text"', b"null"):
        with cases.next():
            answer = api.call("loginEmail", body=body, headers={"Content-Type": "application/json"})
            answer.refused("whose body is not a JSON object", control=control, hides=[customer])
    for unusual in ("", 1):
        with cases.next():
            api.login_email(email=unusual).no_server_error().shows_nothing_of(customer)


@check("TOKEN-11", shape=True)
def requesting_a_token_succeeds(api: Api, given: Given, data: Data) -> None:
    """Request a token with the email of a customer."""
    email = data.email()
    given.customer(email=email)
    api.login_email(email=email).success("a request for a login token")


@check("TOKEN-11")
def requesting_a_token_changes_nothing(api: Api, given: Given) -> None:
    """Read a customer with names, and one without, before and after requesting a token."""
    for customer in (given.full_customer(), given.customer()):
        before = given.read(customer.id)
        answer = api.login_email(email=before.email)
        answer.success("a request for a login token")
        must_exist_unchanged(before, api, answer, "the customer")


@check("TOKEN-11")
def requesting_a_token_keeps_the_password(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Log in with the password before and after, if the harness sets passwords."""
    if Need.PASSWORD not in offered:
        return  # the harness sets no passwords
    customer = given.full_customer()
    password = given.password(customer)
    right_login(api, customer.email, password)
    asked = api.login_email(email=customer.email)
    answer = api.login_password(email=customer.email, password=password)
    if not answer.ok:
        raise answer.violation(
            "the password to log in after a login token was requested", f"status {answer.status}", asked,
            about=[customer.id],
        )  # fmt: skip


@check("TOKEN-12")
def a_token_works_once(api: Api, given: Given) -> None:
    """Log in with the same token twice."""
    customer = given.full_customer()
    token = given.token(customer)
    first = _log_in(api, token)
    second = api.login_token(token=token)
    second.refused("with a token that was used before", control=first, hides=[customer])


@check("TOKEN-13")
def a_token_expires(api: Api, given: Given, harness: Harness) -> None:
    """Log in with one token after a minute and with another after thirty days, by the clock of the target."""
    customer = given.full_customer()
    token = given.token(customer)
    harness.advance(_A_MINUTE)
    fresh = _must_log_in(api, customer, token)
    customer = given.full_customer()
    token = given.token(customer)
    harness.advance(_THIRTY_DAYS)
    stale = api.login_token(token=token)
    stale.refused("with a token that is thirty days old", control=fresh, hides=[customer])


@check("TOKEN-15")
def requesting_a_token_does_not_tell_who_is_a_customer(api: Api, given: Given, data: Data) -> None:
    """Compare status and message of the responses for a known and an unknown email."""
    customer, unknown_email = given.full_customer(), data.email()
    known, unknown = api.login_email(email=customer.email), api.login_email(email=unknown_email)
    if status_and_message(known, customer.email) != status_and_message(unknown, unknown_email):
        raise unknown.violation(
            "the same status and message for an unknown email as for a known one",
            f"status {unknown.status} and {known.status}, or different messages",
            known,
            about=[customer.id],
        )


# -- steps ---------------------------------------------------------------------------


def _must_log_in(api: Api, customer: Customer, token: str, others: Sequence[Customer] = ()) -> Answer:
    """Require that a token logs in its customer, one of several who requested tokens."""
    answer = api.login_token(token=token)
    if not answer.ok or answer.customer("a login").id != customer.id:
        raise answer.violation(
            f"the emailed token to log in the customer with the email {customer.email!r}",
            f"status {answer.status}" + (" with another customer" if answer.ok else ""),
            about=[value for one in (customer, *others) for value in (one.id, one.email)],
        )
    return answer


def _log_in(api: Api, token: str) -> Answer:
    """Log in with the right token, and return the response.

    Raises:
        Blocked: The login failed.
    """
    with prerequisite("logging in with the emailed token"):
        answer = api.login_token(token=token)
        answer.customer()
    return answer
