"""A request, its response, and the exchange that consists of both."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

MISSING: Any = object()
"""The JSON value of a body that is missing or not JSON."""


_race: ContextVar[int | None] = ContextVar("race", default=None)
_races = itertools.count(1)


@contextmanager
def one_race() -> Iterator[None]:
    """Give all exchanges of the block the same number as their `race`: they are made at the same time.

    A thread that takes part in it runs in a copy of the context of the block.
    """
    token = _race.set(next(_races))
    try:
        yield
    finally:
        _race.reset(token)


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
        base: Where the API or the harness is: `url` begins with it.
        purpose: `api`, `harness`, or `client` for a request that a checked client sent.
    """

    method: str
    url: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    key: Key | None = None
    body: bytes | None = None
    purpose: str = "api"
    base: str = ""


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
        ended: When it was over, by a clock that starts anywhere. In seconds.
        race: The number of the requests that were sent at the same time as this one; None for none.
    """

    request: Request
    response: Response | None
    error: str | None
    seconds: float
    ended: float = field(default_factory=time.monotonic)
    race: int | None = field(default_factory=_race.get)

    @property
    def started(self) -> float:
        """When the request was sent, by the clock of `ended`. In seconds."""
        return self.ended - self.seconds

    @property
    def outcome(self) -> str:
        """The status, or why there is none, in a few words."""
        if self.response is None:
            return f"no usable response: {self.error}"
        return f"status {self.response.status}"
