"""PASSWORD: logging in with email and password.

No check sends more than a few wrong passwords for one email, so that no limit on guessing is reached;
the one that does is the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from partially_conformance.api import Answer, Api, Customer
from partially_conformance.catalogue import Need
from partially_conformance.check import check
from partially_conformance.choices import Choices
from partially_conformance.data import Data
from partially_conformance.given import Given, building
from partially_conformance.harness import Harness
from partially_conformance.outcome import Blocked, NotObservable
from partially_conformance.suite.guessing import guess, is_limited, is_short_wait, rest, right_login, told
from partially_conformance.suite.helpers import must_be_as

_LONG = (73, 100, 200)
"""Lengths of long passwords. Some hashes look at 72 bytes only."""

_ODD = (
    "correct horse battery staple 42",
    'It\'s "quoted" \\ <b>1</b> & 100% _',
    "Größe-ÄÖÜ-straße-7",
    "Пароль-密码-パスワード-비밀번호-9",
    "Key-🔑-and-🧂-5",
)


@check("PASSWORD-1")
def the_right_password_logs_in(api: Api, given: Given) -> None:
    """A customer with every field and one with an email alone, each among others with passwords."""
    customers = [given.full_customer(), given.customer(), given.customer()]
    passwords = [given.password(customer) for customer in customers]
    for customer, password in zip(customers, passwords, strict=True):
        answer = api.login_password(email=customer.email, password=password)
        _must_be(customer, answer)
        must_be_as(given.read(customer.id), answer, what="the customer who logs in")


@check("PASSWORD-1")
def an_update_keeps_the_password(api: Api, given: Given, data: Data) -> None:
    """The phone number is updated, then every field but the email; the password works after either."""
    customer, password, _ = _with_password(api, given)
    rest_of_it = data.fields()
    del rest_of_it["email"]
    for sent in ({"phone": data.other("phone", customer)}, rest_of_it):
        with building("updating a customer"):
            api.update(customer.id, sent).customer()
        _must_log_in(api, customer, customer.email, password)


@check("PASSWORD-2")
def a_wrong_password_is_refused(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Passwords that nobody has."""
    customer, _, login = _with_password(api, given)
    for _ in range(3):
        answer = api.login_password(email=customer.email, password=data.password())
        answer.refused("with a wrong password", control=login, hides=[customer])
        choices.saw("failed-login-status", answer.status)


@check("PASSWORD-3")
def an_unknown_email_is_refused(api: Api, given: Given, data: Data) -> None:
    """With a password of somebody, and with one of nobody; also emails that are nearly known."""
    customer, password, login = _with_password(api, given)
    for email in (data.email(), customer.email[1:], f"x{customer.email}", customer.email.partition("@")[0]):
        answer = api.login_password(email=email, password=password)
        answer.refused("with an email nobody has", control=login, hides=[customer])
    answer = api.login_password(email=data.email(), password=data.password())
    answer.refused("with an email nobody has", control=login, hides=[customer])


@check("PASSWORD-4")
def email_and_password_are_required(api: Api, given: Given) -> None:
    """Each missing, null and empty in turn, and both missing."""
    customer, password, login = _with_password(api, given)
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
    """Two customers, crosswise; their own passwords work."""
    one, other = _with_password(api, given), _with_password(api, given)
    for (customer, _, login), (_, password, _) in ((one, other), (other, one)):
        answer = api.login_password(email=customer.email, password=password)
        answer.refused("with the password of another", control=login, hides=[one[0], other[0]])
    for customer, password, _ in (one, other):
        _must_log_in(api, customer, customer.email, password)


@check("PASSWORD-6")
def only_the_exact_password_works(api: Api, given: Given, data: Data) -> None:
    """Cut at both ends, made longer at both ends, in another case; and without the blanks around it."""
    for change in _CHANGES:
        customer, password, login = _with_password(api, given)
        for wrong in change(password):
            answer = api.login_password(email=customer.email, password=wrong)
            answer.refused("with a password that is nearly right", control=login, hides=[customer])
    customer, inner = given.customer(), data.password()
    if given.odd_password(customer, f" {inner} "):
        exact = api.login_password(email=customer.email, password=f" {inner} ")
        answer = api.login_password(email=customer.email, password=inner)
        answer.refused("without the blanks around the password", control=exact, hides=[customer])


_CHANGES = (
    lambda password: (password[:-1], password[1:], f"{password}x"),
    lambda password: (password.lower(), password.upper(), f"{password}{password}"),
    lambda password: (f"{password} ", f" {password}", f"x{password}"),
)


@check("PASSWORD-7")
def long_passwords_count_to_the_end(api: Api, given: Given, data: Data) -> None:
    """Of 73, 100 and 200 letters, of 59 letters of two bytes, and what follows a NUL."""
    bases = [(data.password() * 20)[: length - 1] for length in _LONG]
    taken = 0
    for base in (*bases, data.password()[:10] + "ж" * 48):
        customer = given.customer()
        if not given.odd_password(customer, f"{base}a"):
            continue
        login = _login_with_odd(api, customer, f"{base}a", data)
        if login is None:
            continue
        taken += 1
        answer = api.login_password(email=customer.email, password=f"{base}b")
        answer.refused(
            f"whose password differs in the last of {len(base) + 1} characters",
            control=login,
            hides=[customer],
        )
    if not taken:
        raise NotObservable("the target takes no long passwords")
    customer, password, login = _with_password(api, given)
    answer = api.login_password(email=customer.email, password=f"{password}\0x")
    if answer.ok:
        raise answer.violation("a password to count beyond a NUL in it", "it logs in", login)


@check("PASSWORD-8")
def passwords_in_every_script_work(api: Api, given: Given) -> None:
    """With blanks, quotes, umlauts, other scripts and emoji; other letters in their place do not."""
    taken = 0
    for password in _ODD:
        customer = given.customer()
        if not given.odd_password(customer, password):
            continue
        taken += 1
        login = api.login_password(email=customer.email, password=password)
        _must_be(customer, login)
        if (other := _other_letters(password)) != password:
            answer = api.login_password(email=customer.email, password=other)
            answer.refused("with other letters in the password", control=login, hides=[customer])
    if not taken:
        raise NotObservable("the target takes no unusual passwords")


@check("PASSWORD-9")
def wildcards_and_operators_do_not_log_in(api: Api, given: Given) -> None:
    """In place of the email with the right password, and in place of the password with the right email."""
    customer, password, login = _with_password(api, given)
    emails = ("%", "*", f"_{customer.email[1:]}", f"%{customer.email[3:]}", f"{customer.email}' --")
    for email in (*emails, *_operators(customer.email)):
        answer = api.login_password(email=email, password=password)
        answer.refused(f"with {_kind(email)} for the email", control=login, hides=[customer])
    for some in (slice(None, 4), slice(4, None)):
        customer, password, login = _with_password(api, given)
        for wrong in ("%", "*", "' OR '1'='1", *_operators(password))[some]:
            answer = api.login_password(email=customer.email, password=wrong)
            answer.refused(f"with {_kind(wrong)} for the password", control=login, hides=[customer])


def _operators(right: str) -> Sequence[Any]:
    return ([right], {"$ne": None}, {"$gt": ""}, True, 0)


def _kind(value: Any) -> str:
    match value:
        case str():
            return "a wildcard or a part of a query"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number or a boolean"


@check("PASSWORD-10")
def a_new_password_replaces_the_old_one(api: Api, given: Given) -> None:
    """Once it was changed, and once it was changed again."""
    customer, old, _ = _with_password(api, given)
    for _ in range(2):
        new = given.password(customer)
        login = _must_log_in(api, customer, customer.email, new)
        answer = api.login_password(email=customer.email, password=old)
        answer.refused("with the password of before", control=login, hides=[customer])
        old = new


@check("PASSWORD-11")
def a_new_email_replaces_the_old_one(api: Api, given: Given, data: Data) -> None:
    """The password stays the same."""
    customer, password, _ = _with_password(api, given)
    email = data.email()
    with building("changing an email"):
        api.update(customer.id, email=email).customer()
    login = _must_log_in(api, customer, email, password)
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
            _must_log_in(api, customer, typed, password)


@check("PASSWORD-15")
def an_unknown_email_looks_like_a_wrong_password(api: Api, given: Given, data: Data) -> None:
    """Status and message are compared."""
    customer, _, _ = _with_password(api, given)
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


@check("PASSWORD-16")
def guessing_passwords_is_limited(
    api: Api, given: Given, data: Data, harness: Harness | None, offered: frozenset[Need]
) -> None:
    """Many wrong passwords for one email; then the right one, and that of somebody else."""
    customer, password, _ = _with_password(api, given)
    stays, other_password, _ = _with_password(api, given)

    def login(email: str, tried: str) -> Answer:
        return api.call("loginPassword", json_body={"email": email, "password": tried}, obey_limit=False)

    answers, slowed = guess(lambda: login(customer.email, data.password()))
    right, of_other = login(customer.email, password), login(stays.email, other_password)
    if is_short_wait(of_other):
        of_other = api.login_password(email=stays.email, password=other_password)
    rest(harness, offered)
    if any(answer.ok for answer in answers):
        raise Blocked("a wrong password logs in")
    if not slowed and right.ok:
        raise right.violation(
            f"guessing to be slowed down within {len(answers)} wrong passwords",
            "each was answered at once, and the right one logs in after them",
            *answers[-2:],
        )
    if not of_other.ok and not is_limited(of_other):
        raise of_other.violation(
            "another customer to log in while somebody guesses",
            f"status {of_other.status}",
            answers[-1],
            about=[customer.id, stays.id],
        )


# -- steps ---------------------------------------------------------------------------


def _with_password(api: Api, given: Given) -> tuple[Customer, str, Answer]:
    """A customer, its password, and the answer to its login."""
    customer = given.full_customer()
    password = given.password(customer)
    return customer, password, right_login(api, customer.email, password)


def _must_log_in(api: Api, customer: Customer, email: str, password: str) -> Answer:
    answer = api.login_password(email=email, password=password)
    _must_be(customer, answer)
    return answer


def _must_be(customer: Customer, answer: Answer) -> None:
    """The answer is a login of this customer."""
    if not answer.ok or answer.customer("a login").id != customer.id:
        raise answer.violation(
            f"the login of {customer.email}",
            f"status {answer.status}" + (", another customer" if answer.ok else ""),
            about=[customer.id, customer.email],
        )


def _login_with_odd(api: Api, customer: Customer, password: str, data: Data) -> Answer | None:
    """The answer to an unusual password that was set; None if the API takes no such password at all.

    A refusal in the words of a wrong password says that the password was not kept whole.
    """
    answer = api.login_password(email=customer.email, password=password)
    if answer.ok:
        return answer
    wrong = api.login_password(email=customer.email, password=data.password())
    if told(answer, customer.email) == told(wrong, customer.email):
        raise answer.violation(
            "the password that was set to log in", "it is refused as a wrong one", wrong, about=[customer.id]
        )
    return None


def _other_letters(password: str) -> str:
    """The password with other letters in place of those outside ASCII."""
    return "".join(letter if letter.isascii() else chr(ord(letter) + 1) for letter in password)
