# Copied by partially-generate into every client. Edit it there, not here.
"""The bounds of one try: how long it may take as a whole, and how many interim responses it may get."""

from __future__ import annotations

import math
from time import monotonic
from typing import Any

import httpx2

from .failures import TOOK_LONGER

MOST_INTERIM = 100
"""How many interim responses (1xx) may come before the response. Servers send one or two."""


class Attempt:
    """One try: when it has to end, and what arrived before its response."""

    __slots__ = ("_deadline", "_interim", "_is_head", "_tail", "_total")

    def __init__(self, total: float | None) -> None:
        self._total = math.inf if total is None else total
        self._deadline = 0.0
        self._interim = 0
        self._is_head = True
        self._tail = b""

    def phases(self, timeout: dict[str, Any]) -> dict[str, Any]:
        """The timeouts of the phases, which know this try. It does not begin before it has a connection."""
        bound = {
            name: Phase(math.inf if timeout.get(name) is None else timeout[name], self)
            for name in ("connect", "read", "write")
        }
        return {**bound, "pool": timeout.get("pool")}

    def start(self) -> None:
        """Start the clock, unless it runs already."""
        if not self._deadline:
            self._deadline = monotonic() + self._total

    def left(self, seconds: float, late: type[httpx2.TimeoutException]) -> float | None:
        """Seconds that the next step may take; None for no limit.

        Raises:
            TimeoutException: The try has taken too long.
        """
        self.start()
        left = self._deadline - monotonic()
        if left <= 0:
            raise late(f"{TOOK_LONGER} {self._total:g} s as a whole")
        least = min(left, seconds)
        return None if least == math.inf else least

    def begin_body(self) -> None:
        """Note that the final status and the headers arrived."""
        self._is_head = False
        self.start()

    def check_body(self) -> None:
        """Check the clock between two parts of a body.

        Raises:
            ReadTimeout: The try has taken too long.
        """
        if monotonic() > self._deadline:
            raise httpx2.ReadTimeout(f"{TOOK_LONGER} {self._total:g} s as a whole")

    def check_interim(self) -> None:
        """Check how many interim responses arrived.

        Raises:
            RemoteProtocolError: There were too many.
        """
        if self._interim > MOST_INTERIM:
            raise httpx2.RemoteProtocolError(f"more than {MOST_INTERIM} interim responses")

    def note(self, data: bytes) -> None:
        """Count the ends of heads in what arrived before the response."""
        if self._is_head:
            seen = self._tail + data
            self._interim += seen.count(b"\n\r\n") + seen.count(b"\n\n")
            self._tail = seen[-2:] if seen.endswith(b"\n\r") else seen[-1:]


class Phase(float):
    """The timeout of one phase in seconds, with the try that it belongs to."""

    __slots__ = ("attempt",)
    attempt: Attempt

    def __new__(cls, seconds: float, attempt: Attempt) -> Phase:
        """The timeout of a phase of that try."""
        phase = super().__new__(cls, seconds)
        phase.attempt = attempt
        return phase
