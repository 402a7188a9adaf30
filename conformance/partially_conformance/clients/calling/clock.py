"""Time that passes without waiting: what a client sleeps is written down and skipped."""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONGEST_SLEEP = 1e10
"""Seconds, some centuries, after which a sleep counts as one without an end."""


class EndlessSleepError(BaseException):
    """A client would sleep for ever. No `Exception`, so that the client passes it on."""


class Clock:
    """Seconds that a client has slept, in all."""

    def __init__(self) -> None:
        self.slept = 0.0

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.slept += max(0.0, seconds)
        if not self.slept < LONGEST_SLEEP:
            raise EndlessSleepError


@contextmanager
def skipped_sleep(clock: Clock) -> Iterator[None]:
    """Within this block `time.sleep` does not wait in this thread."""
    really, own = time.sleep, threading.get_ident()

    def sleep(seconds: Any) -> None:
        if threading.get_ident() == own:
            clock.pass_(seconds)
        else:
            really(seconds)

    time.sleep = sleep
    try:
        yield
    finally:
        time.sleep = really


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer when nothing else is left to do.

    Args:
        clock: Told how far it jumps.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jumped = 0.0
        super().__init__(_SkippingSelector(self))

    def time(self) -> float:
        """The time of the loop, in seconds, those that were skipped counted."""
        return super().time() + self._jumped

    def jump(self, seconds: float) -> None:
        """Skip some time."""
        self._jumped += seconds
        self._clock.pass_(seconds)


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
