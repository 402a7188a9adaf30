"""PASSWORD: only the exact password logs in, whatever it is made of.

No check sends more than a few wrong passwords for one email, so that no limit on guessing is reached.
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
from partially_conformance.suite.servers.shared.guessing import told
from partially_conformance.traffic.check_end import NotObservable

_LONG = (73, 100, 200)
"""Lengths of long passwords. Some hashes look at 72 bytes only."""

_VERY_LONG = 1_100
"""A length that a server may take for no password at all; one that takes it must not cut it."""

_ODD = (
    "correct horse battery staple 42",
    'It\'s "quoted" \\ <b>1</b> & 100% _',
    "Größe-ÄÖÜ-straße-7",
    "Пароль-密码-パスワード-비밀번호-9",
    "Key-🔑-and-🧂-5",
    "Pass%41+word1:2#3",
    "Pass1$$5;6&amp;7",
)


@check("PASSWORD-6")
def only_the_exact_password_works(api: Api, given: Given, data: Data) -> None:
    """Cut at both ends, made longer at both ends, in another case; and with other blanks or zeros."""
    for change in _CHANGES:
        customer, password, login = with_password(api, given)
        for wrong in change(password):
            answer = api.login_password(email=customer.email, password=wrong)
            answer.refused("with a password that is nearly right", control=login, hides=[customer])
    inner = data.password()
    for right, wrong, why in (
        (f" {inner} ", inner, "without the blanks around the password"),
        (f"{inner} {inner}", f"{inner}  {inner}", "with two blanks in place of one"),
        ("0072350081.50", "72350081.5", "that is the same number"),
        ("0072350081", "72350081", "without the zeros before it"),
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
    lambda password: (_changed_inside(password), password[::-1]),
)


def _changed_inside(password: str) -> str:
    middle = len(password) // 2
    return f"{password[:middle]}{'x' if password[middle] != 'x' else 'y'}{password[middle + 1 :]}"


@check("PASSWORD-7")
def long_passwords_count_to_the_end(api: Api, given: Given, data: Data) -> None:
    """Of 73, 100 and 200 letters, of 59 letters of two bytes, and what follows a NUL."""
    bases = [(data.password() * 20)[: length - 1] for length in _LONG]
    taken = 0
    for base in (*bases, data.password()[:10] + "ж" * 48):
        customer = given.customer()
        if not given.try_password(customer, f"{base}a"):
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
    customer, base = given.customer(), (data.password() * _VERY_LONG)[: _VERY_LONG - 1]
    if given.try_password(customer, f"{base}a"):
        login = api.login_password(email=customer.email, password=f"{base}a").no_server_error()
        if login.ok:
            answer = api.login_password(email=customer.email, password=f"{base}b")
            why = f"whose password differs in the last of {_VERY_LONG} characters"
            answer.refused(why, control=login, hides=[customer])
    customer, password, login = with_password(api, given)
    answer = api.login_password(email=customer.email, password=f"{password}\0x")
    if answer.no_server_error().ok:
        raise answer.violation("a password to count beyond a NUL in it", "it logs in", login)


@check("PASSWORD-8")
def passwords_in_every_script_work(api: Api, given: Given) -> None:
    """With blanks, quotes, tags, umlauts, other scripts and emoji; what they may be taken for does not."""
    taken = 0
    for password in _ODD:
        customer = given.customer()
        if not given.try_password(customer, password):
            continue
        taken += 1
        login = api.login_password(email=customer.email, password=password)
        must_be_login_of(customer, login)
        for wrong in _read_otherwise(password):
            answer = api.login_password(email=customer.email, password=wrong)
            answer.refused("with other characters in the password", control=login, hides=[customer])
    if not taken:
        raise NotObservable("the target takes no unusual passwords")


@check("PASSWORD-9")
def wildcards_and_operators_do_not_log_in(api: Api, given: Given) -> None:
    """In place of the email with the right password, and in place of the password with the right email."""
    customer, password, login = with_password(api, given)
    wildcards = ("%", "*", f"_{customer.email[1:]}", f"%{customer.email[3:]}")
    for email in (*wildcards, f"{customer.email}' --", "' OR '1'='1", *_operators(customer.email)):
        answer = api.login_password(email=email, password=password)
        answer.refused(f"with {_kind(email)} for the email", control=login, hides=[customer])
    for some in (slice(None, 3), slice(3, 6), slice(6, None)):
        customer, password, login = with_password(api, given)
        for wrong in ("%", "*", ".*", "' OR '1'='1", *_operators(password))[some]:
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


# -- steps ---------------------------------------------------------------------------


def _login_with_odd(api: Api, customer: Customer, password: str, data: Data) -> Answer | None:
    """The answer to an unusual password that was set; None if the API takes no such password at all.

    A refusal in the words of a wrong password says that the password was not kept whole.
    """
    answer = api.login_password(email=customer.email, password=password).no_server_error()
    if answer.ok:
        return answer
    wrong = api.login_password(email=customer.email, password=data.password())
    if told(answer, customer.email) == told(wrong, customer.email):
        raise answer.violation(
            "the password that was set to log in", "it is refused as a wrong one", wrong, about=[customer.id]
        )
    return None


def _read_otherwise(password: str) -> Sequence[str]:
    """What careless servers read: other letters outside ASCII, or none; no marks on them, no tags or quotes.

    Or as a part of a URL, of a header or of a template.
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
