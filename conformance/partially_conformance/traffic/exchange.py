"""What goes over the wire: a request and what came back, with everything the bytes say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MISSING: Any = object()
"""Stands for a body that is not JSON."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and the name a reader sees in its place.

    Attributes:
        scheme: What stands before it in the Authorization header, empty for nothing.
    """

    value: str = field(repr=False)
    name: str
    scheme: str = "Bearer"

    @property
    def header(self) -> str:
        """The Authorization header that carries it."""
        return f"{self.scheme} {self.value}".strip()


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `key` is kept apart from the headers so that nothing shows it by accident.

    Attributes:
        target: Path and query as sent, percent-encoded.
        purpose: `api`, `harness`, or `client` for what a client that is checked has sent.
    """

    method: str
    url: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    key: Key | None = None
    body: bytes | None = None
    purpose: str = "api"


@dataclass(frozen=True, slots=True)
class Response:
    """One response, whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 show as such."""
        return self.body.decode("utf-8", "backslashreplace")

    def json(self) -> Any:
        """The body as JSON, or `MISSING` if it is not JSON in UTF-8.

        Half a surrogate pair, which JSON can escape and nothing can store, becomes U+FFFD.
        """
        try:
            value = json.loads(self.body.decode("utf-8"), parse_constant=_refuse)
            return _without_halves(value) if _HALF.search(self.body) else value
        except (ValueError, RecursionError):
            return MISSING


_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def _without_halves(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case dict():
            return {_without_halves(name): _without_halves(inner) for name, inner in value.items()}
        case list():
            return [_without_halves(inner) for inner in value]
        case _:
            return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its response, or with what went wrong if none came.

    Attributes:
        seconds: From the first byte sent to the last received. In seconds.
    """

    request: Request
    response: Response | None
    error: str | None
    seconds: float

    @property
    def outcome(self) -> str:
        """What came back, in a few words."""
        if self.response is None:
            return f"no usable response: {self.error}"
        return f"status {self.response.status}"
