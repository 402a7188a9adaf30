"""Limits on the number of login attempts and of emails."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict

from partially_reference.clock import Clock
from partially_reference.rules.refusals import TooManyAttempts


class Limit:
    """Allows some attempts at once, and one more after each interval. Each key is counted separately.

    The counts are kept in the memory of this process.

    Args:
        clock: The clock that measures the intervals.
        burst: How many attempts are allowed at once.
        interval: The seconds after which one more attempt is allowed.
    """

    remembered = 100_000
    """How many keys are counted. After that the key that was unused for the longest time is dropped."""

    def __init__(self, clock: Clock, burst: int, interval: float) -> None:
        self.clock = clock
        self.burst = burst
        self.interval = interval
        self._lock = threading.Lock()
        # The time at which all attempts of a key are allowed again, by key.
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> None:
        """Use up one attempt of a key.

        Raises:
            TooManyAttempts: No attempt is left. The error holds the seconds to wait.
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
        """Allow all attempts of a key again."""
        with self._lock:
            self._free_at.pop(key, None)


class Limits:
    """The limits on passwords, tokens and emails.

    Passwords can be guessed. So attempts are limited for each email, known or unknown, and after too many
    wrong passwords even the right one must wait. Tokens cannot be guessed. So a right token is always
    accepted, and the limit on wrong tokens, for each merchant, only slows down a flood of requests. Emails
    are limited for each address, so that a customer cannot be flooded with them.
    """

    def __init__(self, clock: Clock) -> None:
        self.passwords = Limit(clock, burst=10, interval=90.0)
        self.tokens = Limit(clock, burst=30, interval=1.0)
        self.emails = Limit(clock, burst=20, interval=30.0)
