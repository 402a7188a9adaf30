"""A request, its response, and the exchange that consists of both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MISSING: Any = object()
"""The JSON value of a body that is missing or not JSON."""


@dataclass(frozen=True, slots=True)
class Key:
    """An API key, and the name that reports show instead of it.

    Attributes:
        value: The key itself.
        name: The name of a shell variable that stands for it, such as `API_KEY`.
        scheme: The word before it in the Authorization header; empty for none.
    """

    value: str = field(repr=False)
    name: str
    scheme: str = "Bearer"

    @property
    def header(self) -> str:
        """The value of the Authorization header with this key."""
        return f"{self.scheme} {self.value}".strip()


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The key is not among the headers, so that no output shows it by accident.

    Attributes:
        url: The whole URL.
        target: Path and query as sent, percent-encoded.
        purpose: `api`, `harness`, or `client` for a request that a checked client sent.
        raw: The whole request as it is written on the connection, if `wire.py` would write it otherwise. The
            name of the key stands in it for the key, as in `Bearer $API_KEY`.
    """

    method: str
    url: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    key: Key | None = None
    body: bytes | None = None
    purpose: str = "api"
    raw: bytes | None = None

    def raw_with_key(self) -> bytes:
        """The bytes of a request with `raw`, with the key itself in place of its name."""
        assert self.raw is not None
        if self.key is None:
            return self.raw
        return self.raw.replace(f"${self.key.name}".encode(), self.key.value.encode())


@dataclass(frozen=True, slots=True)
class Response:
    """One complete response. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become escape sequences."""
        return self.body.decode("utf-8", "backslashreplace")

    def json(self) -> Any:
        """The body as a JSON value, or `MISSING` if it is not JSON in UTF-8.

        Half a surrogate pair becomes U+FFFD: JSON can escape it, but UTF-8 cannot encode it.
        """
        try:
            value = json.loads(self.body.decode("utf-8"), parse_constant=_refuse)
            return _without_lone_surrogates(value) if _LONE_SURROGATE.search(self.body) else value
        except (ValueError, RecursionError):
            return MISSING


_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _without_lone_surrogates(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case dict():
            return {
                _without_lone_surrogates(name): _without_lone_surrogates(inner)
                for name, inner in value.items()
            }
        case list():
            return [_without_lone_surrogates(inner) for inner in value]
        case _:
            return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its response, or with the reason why there is none.

    Attributes:
        response: The response; None if no usable one came.
        error: Why no usable response came, as a plain sentence; None if one came.
        seconds: Time from the start of the request to the end of the response. In seconds.
    """

    request: Request
    response: Response | None
    error: str | None
    seconds: float

    @property
    def outcome(self) -> str:
        """The status, or why there is none, in a few words."""
        if self.response is None:
            return f"no usable response: {self.error}"
        return f"status {self.response.status}"
