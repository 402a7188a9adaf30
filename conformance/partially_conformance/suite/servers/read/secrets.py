"""READ: no response shows a password, a hash of one or a login token."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check

_SECRET_NAME = re.compile(
    r"((current|encrypted|hashed|crypted|plain)_?)?(password|passwd|pwd|pw|passphrase)(_?(hash|digest|salt|plain|encrypted))?"
    r"|((login|email|auth|access|reset|session|otp|one_time)_?)*(token|otp|secret)(_?(hash|digest))?",
    re.IGNORECASE,
)
"""Names of fields whose value is a secret."""

_HASH = re.compile(
    r"\$(1|2[abxy]?|5|6|7|y|argon2(id|i|d)?|scrypt|pbkdf2[a-z0-9-]*|bcrypt[a-z0-9-]*)\$"
    r"|^(pbkdf2|scrypt|bcrypt|argon2|md5|sha1|sha256|sha512)[a-z0-9_]*[$:]"
    r"|^\{(SSHA|SHA|SMD5|MD5|CRYPT)[0-9]*\}"
)
"""The beginnings of hashed passwords in the usual formats."""


@check("READ-7")
def no_response_shows_a_password(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """Search every response about a customer for its password, which the harness sets if it can."""
    password = data.password()
    customer = given.full_customer()
    if Need.PASSWORD in offered:
        given.password(customer, password)
    answers = [*_responses_about(customer, api, data)]
    answers.append(api.create({**data.fields(), "password": password}))
    if Need.PASSWORD in offered:
        answers.append(api.login_password(email=customer.email, password=password))
        answers.append(api.get(customer.id))
        if Need.EMAILS in offered:
            answers.append(api.login_token(token=given.token(customer)))
    for answer in answers:
        _must_not_show(password, "password", answer, about=customer)


@check("READ-7")
def no_response_shows_a_login_token(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """Search every response about a customer for its login token, which is read from an email if possible."""
    customer = given.full_customer()
    token = given.token(customer) if Need.EMAILS in offered else ""
    if not token:
        api.login_email(email=customer.email)
    answers = [*_responses_about(customer, api, data)]
    if Need.PASSWORD in offered:
        answers.append(api.login_password(email=customer.email, password=given.password(customer)))
    if token:
        answers += [api.login_token(token=token), api.get(customer.id)]
    for answer in answers:
        _must_not_show(token, "login token", answer, about=customer)


def _responses_about(customer: Customer, api: Api, data: Data) -> Iterator[Answer]:
    yield api.get(customer.id)
    yield api.list(q=customer.email)
    yield api.update(customer.id, phone=data.other("phone", customer))
    yield api.list()
    yield api.get(data.unknown_id())


def _must_not_show(secret: str, what: str, answer: Answer, *, about: Customer) -> None:
    """Require that no value is the secret, an unsalted digest of it, or looks like a hashed password."""
    digests = _digests(secret) if secret else frozenset()
    for name, value in _leaves(answer.json):
        text = str(value)
        if text in digests or (len(secret) > 8 and secret in text):
            problem = (
                f"the field {name!r} shows it"
                if text == secret
                else f"the field {name!r} contains or encodes it"
            )
        elif isinstance(value, str) and _HASH.search(value):
            problem = f"the field {name!r} contains a hash"
        elif isinstance(value, str) and value and _SECRET_NAME.fullmatch(name):
            problem = f"the field {name!r} has a value"
        else:
            continue
        raise answer.violation(f"no response to show a {what}, or a hash of one", problem, about=[about.id])


def _digests(secret: str) -> frozenset[str]:
    """Return the secret, its base64 form, and its unsalted digests."""
    raw = secret.encode()
    digests = [
        hashlib.new(name, raw, usedforsecurity=False).digest() for name in ("md5", "sha1", "sha256", "sha512")
    ]
    encoded = [*(one.hex() for one in digests), *(base64.b64encode(one).decode() for one in (raw, *digests))]
    return frozenset([secret, *encoded, *(one.upper() for one in encoded)])


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Return every value in a JSON document that is no object or list, with the name of its field."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value
