"""Exchanges as reports show them, without secrets, and failures that consist of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_STORY = 15
"""Most exchanges of a story of which nobody has said that all are needed."""


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
    """One step of a story.

    Attributes:
        request: The request.
        response: The response.
        curl: A command that repeats the request, with what it is the first of its story to need.
        again: The request as data, for a program that repeats the story; None outside a story.
    """

    request: RequestRecord
    response: ResponseRecord
    curl: str
    again: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A broken rule: what was expected, what was observed, and the story that shows it.

    Attributes:
        expected: What the rule demands.
        observed: What the subject did.
        exchanges: The story: the few exchanges that show it, in order.
        script: The story as commands that can be pasted into a shell.
    """

    expected: str
    observed: str
    exchanges: tuple[ExchangeRecord, ...]
    script: str = ""
