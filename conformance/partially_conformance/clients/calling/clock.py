"""A clock without waiting: the time that a client sleeps is counted and skipped."""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONGEST_SLEEP = 1e10
"""Seconds of sleep, some centuries, after which it counts as endless."""


class EndlessSleepError(BaseException):
    """A client would sleep without end. Not an `Exception`, so that the client does not catch it."""


class Clock:
    """Counts the seconds that a client slept."""

    def __init__(self) -> None:
        self.slept = 0.0

    def skip(self, seconds: float) -> None:
        """Count a sleep.

        Raises:
            EndlessSleepError: The sleeps in total are endless.
        """
        self.slept += max(0.0, seconds)
        if not self.slept < LONGEST_SLEEP:
            raise EndlessSleepError


@contextmanager
def skipped_sleep(clock: Clock) -> Iterator[None]:
    """Within the block `time.sleep` does not wait in this thread; the clock counts it."""
    really, own = time.sleep, threading.get_ident()

    def sleep(seconds: Any) -> None:
        if threading.get_ident() == own:
            clock.skip(seconds)
        else:
            really(seconds)

    time.sleep = sleep
    try:
        yield
    finally:
        time.sleep = really


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer when there is nothing else to do.

    Args:
        clock: Counts the skipped time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jumped = 0.0
        super().__init__(_SkippingSelector(self))

    def time(self) -> float:
        """The time of the loop in seconds, with the skipped time."""
        return super().time() + self._jumped

    def jump(self, seconds: float) -> None:
        """Skip this time."""
        self._jumped += seconds
        self._clock.skip(seconds)


class _SkippingSelector(selectors.DefaultSelector):
    def __init__(self, loop: SkippingLoop) -> None:
        super().__init__()
        self._skipping = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self._skipping.jump(timeout)
        return ready
