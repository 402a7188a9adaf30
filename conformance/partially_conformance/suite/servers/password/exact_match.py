"""PASSWORD: only the exact password logs in, whatever characters it has.

Each check sends only a few wrong passwords for one email, so that no limit on guessing is reached.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.password.steps import must_be_login_of, with_password
from partially_conformance.suite.servers.shared.guessing import status_and_message
from partially_conformance.traffic.check_end import NotObservable

_LONG = (73, 100, 200)
"""Lengths of long passwords. Some hash functions use only the first 72 bytes."""

_VERY_LONG = 1_100
"""A length that a target may refuse; if it accepts it, it must not cut the password."""

_UNUSUAL = {
    "spaces": "correct horse battery staple 42",
    "quotes, a backslash, a tag and signs": 'It\'s "quoted" \\ <b>1</b> & 100% _',
    "Latin letters with marks": "Größe-ÄÖÜ-straße-7",
    "Cyrillic, Chinese, Japanese and Korean letters": "Пароль-密码-パスワード-비밀번호-9",
    "emojis": "Key-🔑-and-🧂-5",
    "an escape of a URL": "Pass%41+word1:2#3",
    "signs of templates and of HTML": "Pass1$$5;6&amp;7",
}
"""Unusual passwords, by what is unusual in each."""


@check("PASSWORD-6")
def changed_passwords_are_refused(api: Api, given: Given, data: Data) -> None:
    """Log in with the password cut, made longer, in another case, and with other spaces or zeros."""
    for change in _CHANGES:
        customer, password, login = with_password(api, given)
        for wrong in change(password):
            answer = api.login_password(email=customer.email, password=wrong)
            answer.refused("with a password that is almost right", control=login, hides=[customer])
    inner = data.password()
    for right, wrong, why in (
        (f" {inner} ", inner, "without the spaces around the password"),
        (f"{inner} {inner}", f"{inner}  {inner}", "with two spaces in place of one"),
        ("0072350081.50", "72350081.5", "with an equal number in place of the password"),
        ("0072350081", "72350081", "without the leading zeros of the password"),
    ):
        customer = given.customer()
        if given.try_password(customer, right):
            exact = api.login_password(email=customer.email, password=right)
            if exact.ok:
                answer = api.login_password(email=customer.email, password=wrong)
                answer.refused(why, control=exact, hides=[customer])


_CHANGES = (
    lambda password: (password[:-1], password[1:], f"{password}x"),
    lambda password: (password.lower(), password.upper(), f"{password}{password}"),
    lambda password: (f"{password} ", f" {password}", f"x{password}"),
    lambda password: (password[0].swapcase() + password[1:], password[:-1] + password[-1].swapcase()),
    lambda password: (f"{password}\n", f"\t{password}", password.swapcase()),
    lambda password: (_changed_in_the_middle(password), password[::-1]),
)


def _changed_in_the_middle(password: str) -> str:
    middle = len(password) // 2
    return f"{password[:middle]}{'x' if password[middle] != 'x' else 'y'}{password[middle + 1 :]}"


@check("PASSWORD-7")
def long_passwords_are_compared_to_the_end(api: Api, given: Given, data: Data) -> None:
    """Change the last character of long passwords, and add text after a NUL."""
    bases = [(data.password() * 20)[: length - 1] for length in _LONG]
    accepted = 0
    for base in (*bases, data.password()[:10] + "ж" * 48):
        customer, right = given.customer(), f"{base}a"
        if not given.try_password(customer, right):
            continue
        login = _login_with_unusual_password(api, customer, right, data)
        if login is None:
            continue
        accepted += 1
        answer = api.login_password(email=customer.email, password=f"{base}b")
        answer.refused(
            f"whose password differs in the last of {_size(right)}",
            control=login,
            hides=[customer],
        )
    if not accepted:
        raise NotObservable("the target accepts no long passwords")
    customer, base = given.customer(), (data.password() * _VERY_LONG)[: _VERY_LONG - 1]
    right = f"{base}a"
    if given.try_password(customer, right):
        login = api.login_password(email=customer.email, password=right).no_server_error()
        if login.ok:
            answer = api.login_password(email=customer.email, password=f"{base}b")
            why = f"whose password differs in the last of {_size(right)}"
            answer.refused(why, control=login, hides=[customer])
    customer, password, login = with_password(api, given)
    answer = api.login_password(email=customer.email, password=f"{password}\0x")
    if answer.no_server_error().ok:
        raise answer.violation(
            "a password with text after a NUL to be refused", f"status {answer.status}", login
        )


@check("PASSWORD-8")
def passwords_in_every_script_log_in(api: Api, given: Given) -> None:
    """Log in with spaces, quotes, tags and many scripts; similar passwords are refused."""
    accepted = 0
    for what, password in _UNUSUAL.items():
        customer = given.customer()
        if not given.try_password(customer, password):
            continue
        accepted += 1
        login = api.login_password(email=customer.email, password=password)
        must_be_login_of(customer, login, f"with a password with {what}")
        for wrong in _confusable_passwords(password):
            answer = api.login_password(email=customer.email, password=wrong)
            why = f"with the password {wrong!r} in place of {password!r}"
            answer.refused(why, control=login, hides=[customer])
    if not accepted:
        raise NotObservable("the target accepts no unusual passwords")


@check("PASSWORD-9")
def wildcards_and_operators_do_not_log_in(api: Api, given: Given) -> None:
    """Log in with wildcards, operators, lists and objects in place of the email, then of the password."""
    customer, password, login = with_password(api, given)
    wildcards = ("%", "*", f"_{customer.email[1:]}", f"%{customer.email[3:]}")
    for email in (*wildcards, f"{customer.email}' --", "' OR '1'='1", *_operators(customer.email)):
        answer = api.login_password(email=email, password=password)
        answer.refused(f"with {_kind_of(email)} in place of the email", control=login, hides=[customer])
    for some in (slice(None, 3), slice(3, 6), slice(6, None)):
        customer, password, login = with_password(api, given)
        for wrong in ("%", "*", ".*", "' OR '1'='1", *_operators(password))[some]:
            answer = api.login_password(email=customer.email, password=wrong)
            answer.refused(
                f"with {_kind_of(wrong)} in place of the password", control=login, hides=[customer]
            )


def _operators(right: str) -> Sequence[Any]:
    return ([right], {"$ne": None}, {"$gt": ""}, True, 0)


def _kind_of(value: Any) -> str:
    match value:
        case str():
            return "a wildcard or a fragment of SQL"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number or a boolean"


# -- steps ---------------------------------------------------------------------------


def _login_with_unusual_password(api: Api, customer: Customer, password: str, data: Data) -> Answer | None:
    """Log in with an unusual password; return the response, or None if logins refuse such passwords.

    Raises:
        Violation: It is refused with the status and message for a wrong password, so it was not stored whole.
    """
    answer = api.login_password(email=customer.email, password=password).no_server_error()
    if answer.ok:
        return answer
    wrong = api.login_password(email=customer.email, password=data.password())
    if status_and_message(answer, customer.email) == status_and_message(wrong, customer.email):
        raise answer.violation(
            "the password that was set to log in",
            "it is refused like a wrong password",
            wrong,
            about=[customer.id],
        )
    return None


def _confusable_passwords(password: str) -> Sequence[str]:
    """Return other passwords that a careless target may confuse with this one.

    They have other characters outside ASCII, or no accents, tags or quotes, or are decoded as a part of a
    URL, a header or a template.
    """
    shifted = [
        "".join(letter if letter.isascii() else chr(ord(letter) + step) for letter in password)
        for step in (1, 0x100)
    ]
    read = (
        re.sub("<[^>]*>", "", password),
        "".join(one for one in unicodedata.normalize("NFD", password) if not unicodedata.combining(one)),
        re.sub("['\"]", "", password),
        unquote(password),
        password.replace("+", " "),
        password.partition(":")[0],
        password.partition("#")[0],
        password.partition(";")[0],
        password.replace("$$", "$"),
        html.unescape(password),
    )
    return [other for other in dict.fromkeys((*shifted, *read)) if other != password]


def _size(password: str) -> str:
    """Return how long a password is, in characters and, since hash functions count them, in bytes."""
    size = len(password.encode())
    return f"{len(password)} characters" + (f" ({size} bytes)" if size != len(password) else " and bytes")
