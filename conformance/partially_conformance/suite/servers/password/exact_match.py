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
from partially_conformance.rules.choices import Choices
from partially_conformance.suite.servers.password.steps import must_be_login_of, with_password
from partially_conformance.suite.servers.shared.guessing import status_and_message
from partially_conformance.traffic.check_end import NotObservable

_UP_TO_72 = (31, 65, 72)
"""Lengths of passwords of which every character counts on every target."""

_LONGER = (73, 100, 200, 1_100)
"""Lengths of passwords that a target may refuse, or cut after 72 bytes as bcrypt does."""

_UNUSUAL = (
    "correct horse battery staple 42",
    'It\'s "quoted" \\ <b>1</b> & 100% _',
    "Größe-ÄÖÜ-straße-7",
    "Пароль-密码-パスワード-비밀번호-9",
    "Key-🔑-and-🧂-5",
    "Pass%41+word1:2#3",
    "Pass1$$5;6&amp;7",
)


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
def passwords_are_compared_to_the_end(api: Api, given: Given, data: Data) -> None:
    """Change the last character of passwords of up to 72 bytes, and add text after a NUL.

    A login with a longer password is not answered with a 5xx.
    """
    bases = [*(_long_text(data, length - 1) for length in _UP_TO_72), _two_byte_text(data, 71)]
    found = [_must_count_last_character(api, given, data, base) for base in bases]
    if not any(found):
        raise NotObservable("the target accepts no passwords of more than 30 characters")
    customer, password, login = with_password(api, given)
    answer = api.login_password(email=customer.email, password=f"{password}\0x")
    if answer.no_server_error().ok:
        raise answer.violation(
            "a password with text after a NUL to be refused", f"status {answer.status}", login
        )
    for length in _LONGER:
        customer, _, _ = with_password(api, given)
        long = api.login_password(email=customer.email, password=_long_text(data, length))
        long.no_server_error(f"a login with a password of {length} characters not to be answered with a 5xx")


@check("PASSWORD-17")
def long_passwords_are_compared_to_the_end(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Change the last character of passwords of more than 72 bytes."""
    accepted = False
    for base in (*(_long_text(data, length - 1) for length in _LONGER), _two_byte_text(data, 105)):
        pair = _logins_with_last_character(api, given, data, base)
        if pair is not None:
            accepted = True
            counts = not pair[1].ok
            choices.saw("long-passwords", "the whole password counts" if counts else "it is cut")
            _must_differ(base, *pair)
    if not accepted:
        choices.saw("long-passwords", "refused")
        raise NotObservable("the target accepts no passwords of more than 72 bytes")


@check("PASSWORD-8")
def passwords_in_every_script_log_in(api: Api, given: Given) -> None:
    """Log in with spaces, quotes, tags and many scripts; similar passwords are refused."""
    accepted = 0
    for password in _UNUSUAL:
        customer = given.customer()
        if not given.try_password(customer, password):
            continue
        accepted += 1
        login = api.login_password(email=customer.email, password=password)
        must_be_login_of(customer, login)
        for wrong in _confusable_passwords(password):
            answer = api.login_password(email=customer.email, password=wrong)
            answer.refused("with other characters in the password", control=login, hides=[customer])
    if not accepted:
        raise NotObservable("the target accepts no unusual passwords")


@check("PASSWORD-9")
def a_list_with_one_text_is_refused_or_read_as_that_text(api: Api, given: Given, choices: Choices) -> None:
    """Log in with the right email, and with the right password, as the only text in a list."""
    for name in ("email", "password"):
        customer, password, _ = with_password(api, given)
        right = {"email": customer.email, "password": password}
        answer = api.login_password(**{**right, name: [right[name]]}).no_server_error(
            f"a list with one text as {name} not to be answered with a 5xx"
        )
        if answer.ok:
            must_be_login_of(customer, answer)
        else:
            answer.refused(f"with a list in place of the {name}", hides=[customer])
        choices.saw("list-for-text", "the text in it" if answer.ok else f"refused with {answer.status}")


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
    return ([right, right], {"$ne": None}, {"$gt": ""}, True, 0)


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


def _long_text(data: Data, length: int) -> str:
    return (data.password() * length)[:length]


def _two_byte_text(data: Data, size: int) -> str:
    """Return a text of at most this many bytes, nearly all of its characters of two bytes."""
    start = data.password()[:9]
    return start + "\u0436" * ((size - len(start)) // 2)


def _must_count_last_character(api: Api, given: Given, data: Data, base: str) -> bool:
    """Require that two passwords with one more character than `base` differ in the last one.

    Returns:
        Whether the target accepts such a password.
    """
    pair = _logins_with_last_character(api, given, data, base)
    if pair is not None:
        _must_differ(base, *pair)
    return pair is not None


def _must_differ(base: str, right: Answer, wrong: Answer) -> None:
    """Require that the second login, whose password differs in the last character, is refused."""
    wrong.refused(f"whose password differs in the last of {len(base) + 1} characters", control=right)


def _logins_with_last_character(
    api: Api, given: Given, data: Data, base: str
) -> tuple[Answer, Answer] | None:
    """Log in with the password `base` and one character, and with another last character.

    Returns:
        Both responses; None if the target does not accept such a password.
    """
    customer = given.customer()
    if not given.try_password(customer, f"{base}a"):
        return None
    right = _login_with_unusual_password(api, customer, f"{base}a", data)
    if right is None:
        return None
    return right, api.login_password(email=customer.email, password=f"{base}b")


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
