"""PASSWORD: logging in with email and password.

No check sends more than a few wrong passwords for one email, so that no limit on guessing is reached;
the one that does comes at the end of the run.
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
    must_be_as,
    must_be_unchanged,
    must_have_stored_nothing,
)
from partially_conformance.suite.servers.shared.guessing import (
    guess,
    is_limited,
    is_short_wait,
    right_login,
    told,
)
from partially_conformance.traffic.check_end import Blocked


@check("PASSWORD-1")
def the_right_password_logs_in(api: Api, given: Given, data: Data) -> None:
    """A customer with every field and one with an email alone, each among others with passwords.

    Each logs in again, after a wrong password, and reads as before.
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
                "the password to log in a second time", f"status {again.status}", first, wrong
            )
        for answer in (first, again):
            must_be_as(before, answer, what="the customer who logs in")
        must_be_unchanged(before, api, first, again)


@check("PASSWORD-1")
def an_update_keeps_the_password(api: Api, given: Given, data: Data) -> None:
    """The phone number is updated, then every field but the email; the password works after either."""
    customer, password, _ = with_password(api, given)
    rest_of_it = data.fields()
    del rest_of_it["email"]
    for sent in ({"phone": data.other("phone", customer)}, rest_of_it):
        with prerequisite("updating a customer"):
            now = api.update(customer.id, sent).customer()
        must_be_as(now, must_log_in(api, customer, customer.email, password))


@check("PASSWORD-2")
def a_wrong_password_is_refused(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """One that nobody has, what is known of the customer, and the one of the published example."""
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
    """With a password of somebody, and with one of nobody; also emails that are nearly known."""
    customer, password, login = with_password(api, given)
    for email in (data.email(), customer.email[1:], f"x{customer.email}", customer.email.partition("@")[0]):
        answer = api.login_password(email=email, password=password)
        answer.refused("with an email nobody has", control=login, hides=[customer])
    nobody = data.email()
    answer = api.login_password(email=nobody, password=data.password())
    answer.refused("with an email nobody has", control=login, hides=[customer])
    must_have_stored_nothing(api, nobody, answer)
    tagged = given.customer(email=data.email(f"{data.word().lower()}o+tag"))
    password = given.password(tagged)
    login = right_login(api, tagged.email, password)
    for written, read in (("+tag", ""), ("+tag", "+gat"), (".", ""), ("o", "\u00f6")):
        answer = api.login_password(email=tagged.email.replace(written, read, 1), password=password)
        answer.refused("with an email that is nearly known", control=login, hides=[tagged])


@check("PASSWORD-4")
def email_and_password_are_required(api: Api, given: Given) -> None:
    """Each missing, null and empty in turn, and both missing."""
    customer, password, login = with_password(api, given)
    right = {"password": password, "email": customer.email}
    for name in right:
        rest_of_it = {field: value for field, value in right.items() if field != name}
        for what, body in (
            ("without", rest_of_it),
            ("with null for the", {**right, name: None}),
            ("with an empty", {**right, name: ""}),
        ):
            answer = api.login_password(**body)
            answer.refused(f"{what} {name}", control=login, hides=[customer])
    api.login_password().refused("without email and password", control=login, hides=[customer])


@check("PASSWORD-5")
def the_password_of_another_does_not_work(api: Api, given: Given) -> None:
    """Two customers, crosswise; their own passwords work, also once both have the same."""
    one, other = with_password(api, given), with_password(api, given)
    for (customer, _, login), (_, password, _) in ((one, other), (other, one)):
        answer = api.login_password(email=customer.email, password=password)
        answer.refused("with the password of another", control=login, hides=[one[0], other[0]])
    for customer, password, _ in (one, other):
        must_log_in(api, customer, customer.email, password)
    shared = given.password(one[0])
    given.password(other[0], shared)
    for customer in (one[0], other[0]):
        must_log_in(api, customer, customer.email, shared)


@check("PASSWORD-10")
def a_new_password_replaces_the_old_one(api: Api, given: Given) -> None:
    """Once it was changed, and once it was changed again."""
    customer, old, _ = with_password(api, given)
    for _ in range(2):
        new = given.password(customer)
        login = must_log_in(api, customer, customer.email, new)
        answer = api.login_password(email=customer.email, password=old)
        answer.refused("with the password of before", control=login, hides=[customer])
        old = new


@check("PASSWORD-11")
def a_new_email_replaces_the_old_one(api: Api, given: Given, data: Data) -> None:
    """The password stays the same."""
    customer, password, _ = with_password(api, given)
    email = data.email()
    with prerequisite("changing an email"):
        api.update(customer.id, email=email).customer()
    login = must_log_in(api, customer, email, password)
    answer = api.login_password(email=customer.email, password=password)
    answer.refused("with the email of before", control=login, hides=[{**customer, "email": email}])


@check("PASSWORD-12")
def without_a_password_nobody_logs_in(api: Api, given: Given) -> None:
    """Customers who never got a password, with none, with usual ones, and with what is known of them."""
    empty, usual = given.full_customer(), given.full_customer()
    api.login_password(email=empty.email).refused("without a password", hides=[empty])
    for customer, passwords in (
        (empty, (None, "", "null")),
        (usual, ("password", usual["first_name"], usual.email)),
    ):
        for password in passwords:
            answer = api.login_password(email=customer.email, password=password)
            answer.refused("for a customer without a password", hides=[customer])


@check("PASSWORD-13")
def malformed_logins_are_refused(api: Api, given: Given) -> None:
    """Bodies that are cut short, empty or no object, and values that are no texts."""
    customer = given.full_customer()
    for body in (b"", b"{", b"[]", b"null", b'"text"', b'{"email": "a@b.co", "password": "x"'):
        answer = api.call("loginPassword", body=body, headers={"Content-Type": "application/json"})
        answer.refused("whose body is no JSON object", hides=[customer])
    for value in ([], {}, [customer.email], {"email": customer.email}, True, 1):
        for fields in ({"email": value, "password": "x"}, {"email": value, "password": value}):
            api.login_password(**fields).refused("whose values are no texts", hides=[customer])


@check("PASSWORD-14")
def the_email_is_compared_in_any_case(api: Api, given: Given, data: Data) -> None:
    """An email in lower case typed in capitals, and one with a capital typed without."""
    for email in (data.email(), data.email("Mixed.Case")):
        customer = given.customer(email=email)
        password = given.password(customer)
        right_login(api, email, password)
        for typed in (email.upper(), email.lower()):
            must_log_in(api, customer, typed, password)


@check("PASSWORD-15")
def an_unknown_email_looks_like_a_wrong_password(api: Api, given: Given, data: Data) -> None:
    """Status and message are compared."""
    customer, _, _ = with_password(api, given)
    nobody, wrong = data.email(), data.password()
    known = api.login_password(email=customer.email, password=wrong)
    unknown = api.login_password(email=nobody, password=wrong)
    if told(known, customer.email) != told(unknown, nobody):
        raise unknown.violation(
            "an unknown email to be answered as a wrong password",
            f"status {unknown.status} instead of {known.status}, or another message",
            known,
            about=[customer.id],
        )


@check("PASSWORD-16", exhausting=True)
def guessing_passwords_is_limited(
    api: Api, given: Given, data: Data, let_login_limits_pass: Callable[[], None]
) -> None:
    """Many wrong passwords for one email; then the right one, and that of somebody else."""
    customer, password, _ = with_password(api, given)
    stays, other_password, _ = with_password(api, given)

    def login(email: str, tried: str) -> Answer:
        return api.call("loginPassword", json_body={"email": email, "password": tried}, obey_limit=False)

    guesses = guess(lambda: login(customer.email, data.password()))
    right, of_other = login(customer.email, password), login(stays.email, other_password)
    if is_short_wait(of_other):
        of_other = api.login_password(email=stays.email, password=other_password)
    let_login_limits_pass()
    if any(answer.ok for answer in guesses.answers):
        raise Blocked("a wrong password logs in")
    if not guesses.slowed and right.ok:
        raise right.violation(
            f"guessing to be slowed down within {len(guesses.answers)} wrong passwords",
            "each was answered at once, and the right one logs in after them",
            *guesses.answers[-2:],
        )
    if not of_other.ok and not is_limited(of_other):
        raise of_other.violation(
            "another customer to log in while somebody guesses",
            f"status {of_other.status}",
            guesses.answers[-1],
            about=[customer.id, stays.id],
        )
