"""PASSWORD: which emails and passwords log in, which are refused, and how guessing is limited.

Each check sends only a few wrong passwords for one email, so that no limit on guessing is reached. The check
that reaches the limit runs at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.suite.servers.password.steps import must_be_login_of, must_log_in, with_password
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_have_stored_nothing,
    must_match,
)
from partially_conformance.suite.servers.shared.guessing import (
    guess_until_slowed,
    is_rate_limited,
    is_short_wait,
    right_login,
    status_and_message,
)
from partially_conformance.traffic.cases import Cases
from partially_conformance.traffic.check_end import Blocked


@check("PASSWORD-1")
def the_right_password_logs_in(api: Api, given: Given, data: Data) -> None:
    """Log in customers with every field and with an email only, before and after a wrong password.

    Each customer reads as before the logins.
    """
    customers = [given.full_customer(), given.customer(), given.customer()]
    passwords = [given.password(customer) for customer in customers]
    for customer, password in zip(customers, passwords, strict=True):
        before = given.read(customer.id)
        first = api.login_password(email=customer.email, password=password)
        must_be_login_of(customer, first)
        wrong = api.login_password(email=customer.email, password=data.password())
        again = api.login_password(email=customer.email, password=password)
        if not again.ok:
            raise again.violation(
                "the password to log in again after a wrong password", f"status {again.status}", first, wrong
            )
        for answer in (first, again):
            must_match(before, answer, what="the customer who logs in")
        must_be_unchanged(before, api, first, again)


@check("PASSWORD-1")
def an_update_keeps_the_password(api: Api, given: Given, data: Data) -> None:
    """Log in after an update of the phone number, and after one of every field except the email."""
    customer, password, _ = with_password(api, given)
    other_fields = data.fields()
    del other_fields["email"]
    for sent in ({"phone": data.other("phone", customer)}, other_fields):
        with prerequisite("updating a customer"):
            now = api.update(customer.id, sent).customer()
        must_match(now, must_log_in(api, customer, customer.email, password))


@check("PASSWORD-2")
def a_wrong_password_is_refused(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Log in with generated passwords, values of the customer, and the password of the published example."""
    example: Any = api.contract.operations["loginPassword"].example
    customers = [with_password(api, given) for _ in range(3)]
    known = [customer for customer, _, _ in customers]
    wrongs = (
        (data.password(), known[0].email, known[0].id),
        (known[1].email.partition("@")[0], known[1]["phone"], known[1]["last_name"]),
        (example["password"], "password", "123456"),
    )
    for (customer, _, login), passwords in zip(customers, wrongs, strict=True):
        for wrong in passwords:
            answer = api.login_password(email=customer.email, password=wrong)
            answer.refused("with a wrong password", control=login, hides=[customer])
            choices.saw("failed-login-status", answer.status)


@check("PASSWORD-3")
def an_unknown_email_is_refused(api: Api, given: Given, data: Data) -> None:
    """Log in with unknown emails, and with emails similar to a known one, with right and wrong passwords."""
    customer, password, login = with_password(api, given)
    for email in (data.email(), customer.email[1:], f"x{customer.email}", customer.email.partition("@")[0]):
        answer = api.login_password(email=email, password=password)
        answer.refused("with an unknown email", control=login, hides=[customer])
    unknown = data.email()
    answer = api.login_password(email=unknown, password=data.password())
    answer.refused("with an unknown email", control=login, hides=[customer])
    must_have_stored_nothing(api, unknown, answer)
    tagged = given.customer(email=data.email(f"{data.word().lower()}o+tag"))
    password = given.password(tagged)
    login = right_login(api, tagged.email, password)
    for written, read in (("+tag", ""), ("+tag", "+gat"), (".", ""), ("o", "\u00f6")):
        answer = api.login_password(email=tagged.email.replace(written, read, 1), password=password)
        answer.refused("with an email that is almost right", control=login, hides=[tagged])


@check("PASSWORD-4")
def email_and_password_are_required(api: Api, given: Given) -> None:
    """Log in with email or password missing, null and empty, and with both missing."""
    customer, password, login = with_password(api, given)
    right = {"password": password, "email": customer.email}
    for name in right:
        other_fields = {field: value for field, value in right.items() if field != name}
        for what, body in (
            ("without", other_fields),
            ("with null in place of the", {**right, name: None}),
            ("with an empty", {**right, name: ""}),
        ):
            answer = api.login_password(**body)
            answer.refused(f"{what} {name}", control=login, hides=[customer])
    api.login_password().refused("without email and password", control=login, hides=[customer])


@check("PASSWORD-5")
def the_password_of_another_customer_is_refused(api: Api, given: Given) -> None:
    """Log in two customers with each other's password, with their own, and with a password both have."""
    one, other = with_password(api, given), with_password(api, given)
    for (customer, _, login), (_, password, _) in ((one, other), (other, one)):
        answer = api.login_password(email=customer.email, password=password)
        answer.refused("with the password of another customer", control=login, hides=[one[0], other[0]])
    for customer, password, _ in (one, other):
        must_log_in(api, customer, customer.email, password)
    shared = given.password(one[0])
    given.password(other[0], shared)
    for customer in (one[0], other[0]):
        must_log_in(api, customer, customer.email, shared)


@check("PASSWORD-10")
def a_new_password_replaces_the_old_one(api: Api, given: Given) -> None:
    """Log in with the new and the former password after each of two changes."""
    customer, old, _ = with_password(api, given)
    for _ in range(2):
        new = given.password(customer)
        login = must_log_in(api, customer, customer.email, new)
        answer = api.login_password(email=customer.email, password=old)
        answer.refused("with the former password", control=login, hides=[customer])
        old = new


@check("PASSWORD-11")
def a_new_email_replaces_the_old_one(api: Api, given: Given, data: Data) -> None:
    """Log in with the new and the former email and the same password."""
    customer, password, _ = with_password(api, given)
    email = data.email()
    with prerequisite("updating an email"):
        api.update(customer.id, email=email).customer()
    login = must_log_in(api, customer, email, password)
    answer = api.login_password(email=customer.email, password=password)
    answer.refused("with the former email", control=login, hides=[{**customer, "email": email}])


@check("PASSWORD-12")
def a_customer_without_a_password_does_not_log_in(api: Api, given: Given, cases: Cases) -> None:
    """Log in customers who never had a password: without one, with usual ones, and with their values."""
    empty, usual = given.full_customer(), given.full_customer()
    api.login_password(email=empty.email).refused("without a password", hides=[empty])
    for customer, passwords in (
        (empty, (None, "", "null")),
        (usual, ("password", usual["first_name"], usual.email)),
    ):
        for password in passwords:
            with cases.next():
                answer = api.login_password(email=customer.email, password=password)
                answer.refused("for a customer without a password", hides=[customer])


@check("PASSWORD-13")
def malformed_logins_are_refused(api: Api, given: Given, cases: Cases) -> None:
    """Log in with bodies that are cut short, empty or not an object, and with values that are not strings."""
    customer = given.full_customer()
    for body in (b"", b"{", b"[]", b"null", b'"text"', b'{"email": "a@b.co", "password": "x"'):
        with cases.next():
            answer = api.call("loginPassword", body=body, headers={"Content-Type": "application/json"})
            answer.refused("whose body is not a JSON object", hides=[customer])
    for value in ([], {}, [customer.email], {"email": customer.email}, True, 1):
        for fields in ({"email": value, "password": "x"}, {"email": value, "password": value}):
            with cases.next():
                api.login_password(**fields).refused("whose values are not strings", hides=[customer])


@check("PASSWORD-14")
def the_email_is_compared_ignoring_case(api: Api, given: Given, data: Data) -> None:
    """Log in with emails in capitals and in lower case."""
    for email in (data.email(), data.email("Mixed.Case")):
        customer = given.customer(email=email)
        password = given.password(customer)
        right_login(api, email, password)
        for typed in (email.upper(), email.lower()):
            must_log_in(api, customer, typed, password)


@check("PASSWORD-15")
def an_unknown_email_looks_like_a_wrong_password(api: Api, given: Given, data: Data) -> None:
    """Compare status and message of the responses to an unknown email and to a wrong password."""
    customer, _, _ = with_password(api, given)
    unknown_email, wrong = data.email(), data.password()
    known = api.login_password(email=customer.email, password=wrong)
    unknown = api.login_password(email=unknown_email, password=wrong)
    if status_and_message(known, customer.email) != status_and_message(unknown, unknown_email):
        raise unknown.violation(
            "the same status and message for an unknown email as for a wrong password",
            f"status {unknown.status} and {known.status}, or different messages",
            known,
            about=[customer.id],
        )


@check("PASSWORD-16", exhausting=True)
def guessing_passwords_is_limited(
    api: Api, given: Given, data: Data, let_login_limits_pass: Callable[[], None]
) -> None:
    """Log in with many wrong passwords for one email, then with the right one, then as another customer."""
    customer, password, _ = with_password(api, given)
    other, other_password, _ = with_password(api, given)

    def login(email: str, tried: str) -> Answer:
        return api.call("loginPassword", json_body={"email": email, "password": tried}, obey_limit=False)

    guesses = guess_until_slowed(lambda: login(customer.email, data.password()))
    right, of_other = login(customer.email, password), login(other.email, other_password)
    if is_short_wait(of_other):
        of_other = api.login_password(email=other.email, password=other_password)
    let_login_limits_pass()
    if any(answer.ok for answer in guesses.answers):
        raise Blocked("a wrong password was accepted")
    if not guesses.slowed and right.ok:
        raise right.violation(
            f"the target to slow down guessing within {len(guesses.answers)} wrong passwords",
            "every wrong password is answered at once, and then the right password logs in",
            *guesses.answers[-2:],
        )
    if not of_other.ok and not is_rate_limited(of_other):
        raise of_other.violation(
            "another customer to log in after many wrong passwords for one customer",
            f"status {of_other.status}",
            guesses.answers[-1],
            about=[customer.id, other.id],
        )
