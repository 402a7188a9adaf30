"""What a client is answered with: a status, headers and a body, or a fault of the connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ConnectionFault(StrEnum):
    """What can happen to a connection. The values say it in a story."""

    REFUSED = "the connection is refused"
    NO_CONNECTION = "no connection comes about in time"
    RESET = "the connection breaks before an answer"
    UNSENT = "the connection breaks while the request is sent"
    SILENCE = "no answer comes in time"
    CUT = "the connection breaks in the body"
    STALLED = "the body stops coming"

    @property
    def surely_unsent(self) -> bool:
        """Whether the request cannot have been carried out."""
        return self in {ConnectionFault.REFUSED, ConnectionFault.NO_CONNECTION}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        headers: Names and values in order, repeated ones apart.
        fault: What happens: before the status for most, in the body for `CUT` and `STALLED`.
        cut: After how many bytes of the body that happens.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fault: ConnectionFault | None = None
    cut: int = 0

    @property
    def comes(self) -> bool:
        """Whether a status line comes at all."""
        return self.fault in {None, ConnectionFault.CUT, ConnectionFault.STALLED}


JSON_HEADER = ("Content-Type", "application/json")


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    more = tuple((headers or {}).items())
    body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return Answer(status, (JSON_HEADER, *more), body)


@dataclass
class AnswerSequence:
    """The answers to the requests of one call, in order; the last one answers all that follow."""

    answers: list[Answer] = field(default_factory=list)

    def next(self, number: int) -> Answer:
        """The answer to the request with this number, counted from 0."""
        return self.answers[min(number, len(self.answers) - 1)]
