"""Remembering what was exchanged: for the story of a failure, for the counts, and for a recording."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from partially_conformance.traffic.exchange import Exchange


class Recorder:
    """Collects exchanges. One at a time is the current scene: what a failure is told from.

    Args:
        on_exchange: Called with each exchange, such as to write it to a file.

    Attributes:
        refused_logins: Logins answered with a 4xx since this was last set to 0.
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
        """Take in an exchange."""
        with self._lock:
            self._exchanges.append(exchange)
            self.total += 1
            self.api_requests += exchange.request.purpose == "api"
            self.refused_logins += _is_refused_login(exchange)
            if self._on_exchange is not None:
                self._on_exchange(exchange)

    def new_attempt(self) -> None:
        """Forget what was before: a new attempt or a new example begins."""
        with self._lock:
            self._exchanges = []

    def exchanges(self) -> list[Exchange]:
        """The exchanges of the current scene, oldest first."""
        with self._lock:
            return list(self._exchanges)

    def restore(self, exchanges: list[Exchange]) -> None:
        """Make exchanges that were recorded before the current scene again."""
        with self._lock:
            self._exchanges = list(exchanges)

    def count_success(self, operation: str) -> None:
        """Note that an operation answered a request with the right key with 2xx."""
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
