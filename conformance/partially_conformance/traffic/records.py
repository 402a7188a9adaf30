"""Exchanges as reports show them, without secrets, and failures that consist of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request without its key, passwords and tokens."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """A response without secrets. Without a usable response: status 0, and the error as body."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """One step of a story: a request, its response, and a curl command that repeats it."""

    request: RequestRecord
    response: ResponseRecord
    curl: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A broken rule: what was expected, what was observed, and the story that shows it.

    Attributes:
        expected: What the rule demands.
        observed: What the target or client did.
        exchanges: The story.
        topic: What the failure may be about other than its rule, as the catalogue calls it; None if nothing.
    """

    expected: str
    observed: str
    exchanges: tuple[ExchangeRecord, ...]
    topic: str | None = None

    @property
    def summary(self) -> str:
        """What was expected and what was observed, in one sentence."""
        return f"expected {self.expected}; observed {self.observed}"
