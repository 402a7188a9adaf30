"""The wall clock, and the clock that the harness can move forward."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Two clocks: the wall clock, and the clock that decides when tokens expire and limits end.

    They differ only after `advance`. A customer who is created after the harness moved the clock still
    has the true time of creation.
    """

    def __init__(self) -> None:
        self._advanced = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The wall clock: UTC without a time zone, as the API shows it."""
        return datetime.now(UTC).replace(tzinfo=None)

    def seconds(self) -> float:
        """Seconds since 1970 on the clock for expiry and limits."""
        return time.time() + self._advanced

    def advance(self, seconds: float) -> None:
        """Move the clock for expiry and limits forward."""
        with self._lock:
            self._advanced += seconds
