"""Sending requests at a limited rate, waiting after a 429, and giving up on a target that is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

from partially_conformance.traffic.check_end import TargetGone, TimeIsUp
from partially_conformance.traffic.exchange import Exchange, Request, Response
from partially_conformance.traffic.wire import Wire, WireError

SILENT_LIMIT = 5
"""Requests in a row without a usable response after which the target counts as gone."""

RETRY_AFTER_LIMIT = 60.0
"""Longest Retry-After that is obeyed, in seconds. After a longer one the request is not sent again."""

RETRY_AFTER_DEFAULT = 1.0
"""How long to wait after a 429 without a Retry-After that can be read, in seconds."""

RETRIES_WHEN_LIMITED = 3
"""How often a request is sent again after a 429 while no request gets another status."""

MOST_RETRIES = 20
"""How often a request is sent again at most, where other requests get through meanwhile."""

LIMITED_LIMIT = 3
"""Requests in a row that still get a 429 after waiting, after which the target counts as gone."""


_TOO_MANY = 429


class Transport:
    """Sends requests to one target. Thread-safe.

    Args:
        timeout: Longest time for one whole exchange. In seconds.
        rate: Most requests per second; None for no limit.
        on_exchange: Called with each exchange once it is over.
        sleep: Called to wait, with seconds. Tests replace it.

    Attributes:
        deadline: The time, as `time.monotonic` tells it, from which on no request is sent; None for no end.
    """

    def __init__(
        self,
        *,
        timeout: float,
        rate: float | None = None,
        on_exchange: Callable[[Exchange], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wire = Wire(timeout)
        self._gap = 1.0 / rate if rate else 0.0
        self._next_start = 0.0
        self._lock = threading.Lock()
        self._silent = 0
        self._limited = 0
        self._got_through = 0
        self._sleep = sleep
        self._on_exchange = on_exchange
        self.deadline: float | None = None

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()

    def send(self, request: Request, *, obey_limit: bool = True) -> Exchange:
        """Send a request and read the whole response.

        After a 429 this waits as Retry-After says and sends the request again, unless `obey_limit` is false.

        Raises:
            TargetGone: Too many requests in a row got no usable response, or only a 429.
            TimeIsUp: The deadline has passed. The request was not sent.
        """
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise TimeIsUp
        got_through, futile = self._got_through, 0
        exchange = self._send_once(request)
        if not obey_limit:
            return exchange
        for _ in range(MOST_RETRIES):
            wait = _seconds_to_wait(exchange)
            if wait is None or wait > RETRY_AFTER_LIMIT or futile == RETRIES_WHEN_LIMITED:
                break
            self._sleep(wait)
            exchange = self._send_once(request)
            # Other threads count their requests that get through, perhaps late: only growth counts.
            now = self._got_through
            futile, got_through = (0, now) if now > got_through else (futile + 1, got_through)
        self._end_if_limited(exchange)
        return exchange

    def _send_once(self, request: Request) -> Exchange:
        self._wait_for_turn()
        started = time.monotonic()
        response: Response | None = None
        error: str | None = None
        try:
            response = self._wire.send(request)
        except WireError as problem:
            error = str(problem)
        exchange = Exchange(request, response, error, time.monotonic() - started)
        self._on_exchange(exchange)
        self._end_if_silent(exchange)
        return exchange

    def _wait_for_turn(self) -> None:
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next_start)
            self._next_start = start + self._gap
        self._sleep(start - now)

    def _end_if_silent(self, exchange: Exchange) -> None:
        with self._lock:
            self._silent = 0 if exchange.response is not None else self._silent + 1
            self._got_through += exchange.response is not None and exchange.response.status != _TOO_MANY
            silent = self._silent
        if silent >= SILENT_LIMIT:
            raise TargetGone(f"{silent} requests in a row got no usable response; the last: {exchange.error}")

    def _end_if_limited(self, exchange: Exchange) -> None:
        with self._lock:
            self._limited = 0 if _seconds_to_wait(exchange) is None else self._limited + 1
            limited = self._limited
        if limited >= LIMITED_LIMIT:
            raise TargetGone(f"{limited} requests in a row got status 429, even after waiting as asked")


def _seconds_to_wait(exchange: Exchange) -> float | None:
    """How long to wait before sending again, in seconds; None if there is no need to wait."""
    if exchange.response is None or exchange.response.status != _TOO_MANY:
        return None
    value = exchange.response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return RETRY_AFTER_DEFAULT
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(tz=UTC)).total_seconds())
