"""Limits on guessing."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict

from partially_reference.clock import Clock
from partially_reference.rules.refusals import TooManyAttempts


class Limit:
    """So many attempts at once, and one more after each interval; counted for each key apart.

    The counts live in the memory of this process.

    Args:
        clock: Tells the seconds that have passed.
        burst: How many attempts are free.
        interval: Seconds after which one more is allowed.
    """

    remembered = 100_000
    """How many keys are remembered; those unused for longest go first."""

    def __init__(self, clock: Clock, burst: int, interval: float) -> None:
        self.clock = clock
        self.burst = burst
        self.interval = interval
        self._lock = threading.Lock()
        # For each key the time at which all its attempts will be free again.
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> None:
        """Use up one attempt of a key.

        Raises:
            TooManyAttempts: None is left; with the seconds to wait.
        """
        with self._lock:
            now = self.clock.seconds()
            free_at = max(self._free_at.get(key, 0.0), now)
            wait = free_at - now - (self.burst - 1) * self.interval
            if wait > 0:
                raise TooManyAttempts("Too many attempts, try again later", retry_after=math.ceil(wait))
            self._free_at[key] = free_at + self.interval
            self._free_at.move_to_end(key)
            while len(self._free_at) > self.remembered:
                self._free_at.popitem(last=False)

    def reset(self, key: str) -> None:
        """Give a key all its attempts back."""
        with self._lock:
            self._free_at.pop(key, None)


class Limits:
    """How often one may try before waiting.

    Passwords can be guessed, so tries are limited for each email, known or not, and after too many
    wrong ones the right password has to wait too. Tokens cannot be guessed, so a right one is always
    taken: the limit on wrong ones, for each merchant, slows a flood down and locks nobody out.
    Emails are limited for each address, so that nobody can be flooded with them.
    """

    def __init__(self, clock: Clock) -> None:
        self.passwords = Limit(clock, burst=10, interval=90.0)
        self.tokens = Limit(clock, burst=30, interval=1.0)
        self.emails = Limit(clock, burst=20, interval=30.0)
