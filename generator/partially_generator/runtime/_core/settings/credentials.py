"""The keys of an API: what each is sent as, and which of them a call takes."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import quote

from ...errors import ConfigurationError

Alternatives: TypeAlias = tuple[tuple[str, ...], ...]
"""Names of keys that are sent together, and others that do as well; an empty one does without."""


class Scheme(NamedTuple):
    """A key, and where it is sent."""

    name: str
    """As the API description calls it."""
    parameter: str
    """The name of the header, of the query parameter or of the cookie."""
    place: Literal["header", "query", "cookie"] = "header"
    prefix: str = ""
    """What stands before it."""
    is_basic: bool = False
    """Whether it is a user name and a password, `name:password`."""
    variable: str = "API_KEY"
    """What the name of its environment variable ends in."""


class SentKeys(NamedTuple):
    """What a call sends to show who calls."""

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[str, ...] = ()
    """Pieces of the query, quoted."""
    cookies: tuple[str, ...] = ()


NO_KEYS = SentKeys()


def checked_key(scheme: Scheme, key: object, label: str) -> str:
    """The key, if it can be sent.

    Raises:
        ConfigurationError: It cannot. It is not shown.
    """
    if not isinstance(key, str):
        raise ConfigurationError(f"{label}: expected a str, got {type(key).__name__}")
    if scheme.is_basic:
        if ":" not in key:
            raise ConfigurationError(f"{label}: expected a user name and a password as name:password")
        return key
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            f"{label}: it holds a character that no key can hold: a blank, a line end or the like"
        )
    return key


def read_other_keys(
    schemes: Sequence[Scheme], environment: str, given: Mapping[str, str] | None
) -> dict[str, str]:
    """The keys other than the first: those that were given, else those of the environment.

    Raises:
        ConfigurationError: One is not known, or cannot be sent.
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
            raise ConfigurationError(f"credentials: {name!r} is not known; known are {names}")
        found[name] = checked_key(known[name], key, f"credentials[{name!r}]")
    return found


def choose_keys(
    schemes: Sequence[Scheme], keys: Mapping[str, str], alternatives: Alternatives
) -> SentKeys | None:
    """What is sent by the first alternative whose keys are all there; None when there is no such one."""
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
    """What to do about keys that are not there."""
    variables = {scheme.name: f"{environment}_{scheme.variable}" for scheme in schemes}
    wanted = " or ".join(" and ".join(variables[name] for name in names) for names in alternatives if names)
    how = "api_key=... " if len(schemes) == 1 else "api_key=... or credentials={...} "
    return f"No API key: pass {how}or set the environment variable {wanted}"
