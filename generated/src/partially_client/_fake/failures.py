# Shipped by partially-generate with every client. Edit it there, not here.
"""Failures that a test scripts: what the next requests meet instead of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import httpx2

from .answers import Answer

Kind = Literal["answer", "unsent", "lost"]


@dataclass(slots=True)
class Failure:
    """What happens to the next requests."""

    kind: Kind
    left: int
    """How many requests it is for."""
    call: str | None
    """The method of the client it is for; None for all."""
    answer: Answer | None = None
    timed_out: bool = False
    carried_out: bool = False
    """Whether the API does what it is asked before the answer gets lost."""


class Failures:
    """The faults to come, in the order in which they were scripted."""

    def __init__(self) -> None:
        self._waiting: list[Failure] = []

    def add(self, fault: Failure) -> None:
        """Script one more."""
        self._waiting.append(fault)

    def take(self, call: str | None) -> Failure | None:
        """The fault that a request to this method meets."""
        for fault in self._waiting:
            if fault.call is None or fault.call == call:
                fault.left -= 1
                if not fault.left:
                    self._waiting.remove(fault)
                return fault
        return None


def transport_error(fault: Failure, request: httpx2.Request) -> httpx2.TransportError:
    """The error of the HTTP library for a fault that is no answer."""
    if fault.kind == "unsent":
        kind = httpx2.ConnectTimeout if fault.timed_out else httpx2.ConnectError
        return kind("the fake refuses the connection", request=request)
    if fault.timed_out:
        return httpx2.ReadTimeout("the fake does not answer", request=request)
    return httpx2.ReadError("the fake breaks the connection", request=request)
