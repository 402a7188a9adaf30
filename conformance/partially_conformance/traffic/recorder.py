"""Collecting exchanges for the stories of failures, the counts of a run, and the recording."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from partially_conformance.traffic.exchange import Exchange


class Recorder:
    """Counts all exchanges, and keeps those of the current attempt for the story of a failure. Thread-safe.

    Args:
        on_exchange: Called with each exchange, for example to write it to a file.

    Attributes:
        api_requests: How many requests were sent to the API, those to the harness not counted.
        total: How many requests were sent in all.
        refused_logins: How many logins were answered with a 4xx since this was last set to 0.
        successes: How often each operation answered a request with the right key with a 2xx.
    """

    def __init__(self, on_exchange: Callable[[Exchange], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._on_exchange = on_exchange
        self.api_requests = 0
        self.total = 0
        self.refused_logins = 0
        self.successes: Counter[str] = Counter()

    def add(self, exchange: Exchange) -> None:
        """Add an exchange to the counts and to the current attempt."""
        with self._lock:
            self._exchanges.append(exchange)
            self.total += 1
            self.api_requests += exchange.request.purpose == "api"
            self.refused_logins += _is_refused_login(exchange)
            if self._on_exchange is not None:
                self._on_exchange(exchange)

    def new_attempt(self) -> None:
        """Forget the exchanges so far: a new attempt of a check or a new generated example begins."""
        with self._lock:
            self._exchanges = []

    def exchanges(self) -> list[Exchange]:
        """The exchanges of the current attempt, oldest first."""
        with self._lock:
            return list(self._exchanges)

    def restore(self, exchanges: list[Exchange]) -> None:
        """Make exchanges of an earlier attempt the current ones again."""
        with self._lock:
            self._exchanges = list(exchanges)

    def count_success(self, operation: str) -> None:
        """Count a request with the right key that an operation answered with a 2xx."""
        with self._lock:
            self.successes[operation] += 1


def _is_refused_login(exchange: Exchange) -> bool:
    answer, request = exchange.response, exchange.request
    return (
        answer is not None
        and 400 <= answer.status < 500
        and request.purpose == "api"
        and "/login_" in request.target
    )
