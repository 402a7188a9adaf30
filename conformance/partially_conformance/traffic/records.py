"""Exchanges as reports show them, with no secret in them, and failures made of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request as it may be shown: no key, no password, no token."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """A response as it may be shown. Status 0 and the error as body if none came."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """One step of a story: a request, what came back, and a command that does it again."""

    request: RequestRecord
    response: ResponseRecord
    curl: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The smallest story that shows a broken rule."""

    expected: str
    observed: str
    exchanges: tuple[ExchangeRecord, ...]
