# Copied by partially-generate into every client. Edit it there, not here.
"""The keys of an API: how each is sent, and which of them a call uses."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import quote

from ...errors import ConfigurationError

Alternatives: TypeAlias = tuple[tuple[str, ...], ...]
"""Alternatives. Each is the names of the keys that are sent together; an empty one means no key."""


class Scheme(NamedTuple):
    """A key, and where it is sent."""

    name: str
    """Its name in the API description."""
    parameter: str
    """The name of the header, of the query parameter or of the cookie."""
    place: Literal["header", "query", "cookie"] = "header"
    prefix: str = ""
    """The text before the key in the header."""
    is_basic: bool = False
    """Whether it is a user name and a password, `name:password`."""
    variable: str = "API_KEY"
    """The end of the name of its environment variable."""


class SentKeys(NamedTuple):
    """The keys of a call, in the form in which they are sent."""

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[str, ...] = ()
    """Parts of the query, percent-encoded."""
    cookies: tuple[str, ...] = ()


NO_KEYS = SentKeys()


def checked_key(scheme: Scheme, key: object, label: str) -> str:
    """The key, if it can be sent.

    Raises:
        ConfigurationError: It cannot. The message does not show the key.
    """
    if not isinstance(key, str):
        raise ConfigurationError(f"{label}: expected a str, got {type(key).__name__}")
    if scheme.is_basic:
        if ":" not in key:
            raise ConfigurationError(f"{label}: expected a user name and a password as name:password")
        return key
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            f"{label}: it contains a character that a key cannot have, such as a space or a line break"
        )
    return key


def read_other_keys(
    schemes: Sequence[Scheme], environment: str, given: Mapping[str, str] | None
) -> dict[str, str]:
    """The keys other than the first: those that were passed, else those in the environment.

    Raises:
        ConfigurationError: A key is unknown, or cannot be sent.
    """
    known = {scheme.name: scheme for scheme in schemes[1:]}
    found = {}
    for name, scheme in known.items():
        value = os.environ.get(f"{environment}_{scheme.variable}", "")
        if value:
            found[name] = checked_key(scheme, value, f"{environment}_{scheme.variable}")
    for name, key in (given or {}).items():
        if name not in known:
            names = ", ".join(map(repr, known)) or "none"
            raise ConfigurationError(f"credentials: unknown name {name!r}; known names: {names}")
        found[name] = checked_key(known[name], key, f"credentials[{name!r}]")
    return found


def choose_keys(
    schemes: Sequence[Scheme], keys: Mapping[str, str], alternatives: Alternatives
) -> SentKeys | None:
    """The keys of the first alternative whose keys are all set, as they are sent; None if there is none."""
    known = {scheme.name: scheme for scheme in schemes}
    for alternative in alternatives:
        if all(keys.get(name) for name in alternative):
            return _sent([(known[name], keys[name]) for name in alternative])
    return None


def _sent(pairs: Sequence[tuple[Scheme, str]]) -> SentKeys:
    headers, query, cookies = [], [], []
    for scheme, key in pairs:
        value = base64.b64encode(key.encode()).decode() if scheme.is_basic else key
        if scheme.place == "header":
            headers.append((scheme.parameter, scheme.prefix + value))
        elif scheme.place == "query":
            query.append(f"{quote(scheme.parameter, safe='')}={quote(value, safe='')}")
        else:
            cookies.append(f"{scheme.parameter}={quote(value, safe='')}")
    return SentKeys(tuple(headers), tuple(query), tuple(cookies))


def missing_key_message(environment: str, schemes: Sequence[Scheme], alternatives: Alternatives) -> str:
    """The message about missing keys: how to pass them."""
    variables = {scheme.name: f"{environment}_{scheme.variable}" for scheme in schemes}
    wanted = " or ".join(" and ".join(variables[name] for name in names) for names in alternatives if names)
    how = "api_key=... " if len(schemes) == 1 else "api_key=... or credentials={...} "
    return f"No API key: pass {how}or set the environment variable {wanted}"
