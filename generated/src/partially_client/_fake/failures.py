# Copied by partially-generate into every client. Edit it there, not here.
"""Failures that a test scripts for the next requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import httpx2

from .answers import Answer

Kind = Literal["answer", "unsent", "lost"]


@dataclass(slots=True)
class Failure:
    """A failure for the next requests."""

    kind: Kind
    left: int
    """For how many requests."""
    call: str | None
    """Only for this method of the client; None for all."""
    answer: Answer | None = None
    timed_out: bool = False
    carried_out: bool = False
    """Whether the request is carried out before the response gets lost."""


class Failures:
    """The faults to come, in the order in which they were scripted."""

    def __init__(self) -> None:
        self._waiting: list[Failure] = []

    def add(self, fault: Failure) -> None:
        """Add a failure."""
        self._waiting.append(fault)

    def take(self, call: str | None) -> Failure | None:
        """The next failure for this method, used up by one request; None if there is none."""
        for fault in self._waiting:
            if fault.call is None or fault.call == call:
                fault.left -= 1
                if not fault.left:
                    self._waiting.remove(fault)
                return fault
        return None


def transport_error(fault: Failure, request: httpx2.Request) -> httpx2.TransportError:
    """The error of the HTTP library for a failure without a response."""
    if fault.kind == "unsent":
        kind = httpx2.ConnectTimeout if fault.timed_out else httpx2.ConnectError
        return kind("the fake refuses the connection", request=request)
    if fault.timed_out:
        return httpx2.ReadTimeout("the fake does not answer", request=request)
    return httpx2.ReadError("the fake breaks the connection", request=request)
