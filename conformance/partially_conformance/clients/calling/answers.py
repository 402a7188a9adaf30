"""The responses that a client gets: status, headers and body, or a fault of the connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ConnectionFault(StrEnum):
    """What can go wrong with a connection. A story shows the value."""

    REFUSED = "the connection is refused"
    NO_CONNECTION = "no connection is established in time"
    RESET = "the connection breaks before the response"
    UNSENT = "the connection breaks while the request is sent"
    SILENCE = "no response comes in time"
    CUT = "the connection breaks in the body"
    STALLED = "the rest of the body does not come"

    @property
    def surely_unsent(self) -> bool:
        """Whether the request was certainly not carried out."""
        return self in {ConnectionFault.REFUSED, ConnectionFault.NO_CONNECTION}


@dataclass(frozen=True, slots=True)
class Answer:
    """One response.

    Attributes:
        status: The status.
        headers: Names and values in order; a repeated header has several entries.
        body: The body.
        fault: The fault of the connection, in the body for `CUT` and `STALLED`, before the status for the
            others; None if there is none.
        cut: The number of bytes of the body that come before the fault.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fault: ConnectionFault | None = None
    cut: int = 0

    @property
    def has_status(self) -> bool:
        """Whether the client gets a status at all."""
        return self.fault in {None, ConnectionFault.CUT, ConnectionFault.STALLED}


JSON_HEADER = ("Content-Type", "application/json")


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """A response with a JSON body."""
    more = tuple((headers or {}).items())
    body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return Answer(status, (JSON_HEADER, *more), body)


@dataclass
class AnswerSequence:
    """The responses to the requests of one call, in order. The last one answers all further requests."""

    answers: list[Answer] = field(default_factory=list)

    def next(self, number: int) -> Answer:
        """The response to the request with this number, counted from 0."""
        return self.answers[min(number, len(self.answers) - 1)]
