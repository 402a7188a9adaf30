"""The time of day, and the clock that tests may move."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Two readings: the wall clock, and the clock by which tokens expire and limits are lifted.

    They differ only after `advance`. A customer created after the harness moved the clock still
    carries the true time of its creation.
    """

    def __init__(self) -> None:
        self._advanced = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The wall clock: UTC without a zone, as the API shows it."""
        return datetime.now(UTC).replace(tzinfo=None)

    def seconds(self) -> float:
        """Seconds since 1970 on the clock of expiry and limits."""
        return time.time() + self._advanced

    def advance(self, seconds: float) -> None:
        """Move the clock of expiry and limits forward."""
        with self._lock:
            self._advanced += seconds
