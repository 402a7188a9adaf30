"""Whether a request carries the key as a bearer token and nowhere else."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from partially_conformance.clients.requests.sent_request import Aspect, Problem, SentRequest

AUTHORIZATION = "Authorization"

_WANTED = "one Authorization header: Bearer and the key"

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


def key_problems(sent: SentRequest, key: str) -> list[Problem]:
    """The problems with the key in a request. They do not show the key, or any other.

    Args:
        sent: The request.
        key: The key that the client was given.
    """
    problems = []
    if observed := _wrong_authorization(sent.header(AUTHORIZATION), key):
        problems.append(Problem(Aspect.HEADER, f"header.{AUTHORIZATION}", _WANTED, observed))
    for aspect, place in other_places_with_key(sent, key):
        problems.append(Problem(aspect, place, "the key in the Authorization header alone", "the key"))
    return problems


def places_with_key(sent: SentRequest, key: str) -> list[str]:
    """All places of a request that hold the key, with the Authorization header."""
    values = sent.header(AUTHORIZATION)
    held = [
        f"header.{AUTHORIZATION}" for value in values if _holds(value, key) or _holds_in_base64(value, key)
    ]
    return [*held, *(place for _, place in other_places_with_key(sent, key))]


def other_places_with_key(sent: SentRequest, key: str) -> Iterator[tuple[Aspect, str]]:
    """The places other than the Authorization header that hold the key, plain or encoded."""
    if _holds(sent.path, key):
        yield Aspect.PATH, "path"
    for pair in (sent.query or "").split("&"):
        if _holds(pair, key):
            yield Aspect.QUERY, f"query.{unquote_plus(pair.partition('=')[0])}".replace(key, "…")
    for name, value in sent.headers:
        if name.lower() != AUTHORIZATION.lower() and (_holds(value, key) or _holds_in_base64(value, key)):
            yield Aspect.HEADER, f"header.{name}"
    body = sent.body.decode("utf-8", "backslashreplace")
    if _holds(body, key) or json.dumps(key)[1:-1] in body:
        yield Aspect.BODY, "body"


def _holds(text: str, key: str) -> bool:
    """Whether a text holds the key, plain or percent-encoded."""
    return any(key in form for form in (text, unquote(text), unquote_plus(text)))


def _wrong_authorization(values: list[str], key: str) -> str | None:
    """What the Authorization header holds instead of the key as a bearer token; None if it holds that."""
    if len(values) != 1:
        return "no such header" if not values else f"{len(values)} such headers"
    scheme, _, credentials = values[0].partition(" ")
    if scheme.lower() == "bearer":  # the case of a scheme does not matter (RFC 9110, 11.1)
        if credentials.strip() == key:
            return None
        return "Bearer and another key" if credentials.strip() else "Bearer and no key"
    if values[0] == key:
        return "the key without Bearer before it"
    return f"the scheme {scheme}" if credentials else "another value"


def _holds_in_base64(value: str, key: str) -> bool:
    """Whether a header value holds the key in Base64, as Basic authentication does."""
    for found in _BASE64.findall(value):
        text = found.rstrip("=")
        try:
            plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
        except binascii.Error:
            continue
        if key.encode() in plain:
            return True
    return False
