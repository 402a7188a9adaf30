"""Sending requests at a limited rate, waiting after a 429, and giving up on a target that is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from partially_conformance.traffic.availability import Availability
from partially_conformance.traffic.check_end import TargetGone
from partially_conformance.traffic.exchange import Exchange, Request, Response
from partially_conformance.traffic.retry_after import seconds_to_wait
from partially_conformance.traffic.wire import Wire, WireError

RETRY_AFTER_LIMIT = 60.0
"""Longest Retry-After that is obeyed, in seconds. After a longer one the request is not sent again."""

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
        availability: Whether the target still answers.
    """

    def __init__(
        self,
        *,
        timeout: float,
        rate: float | None = None,
        on_exchange: Callable[[Exchange], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.availability = Availability(timeout)
        self._wire = Wire(timeout)
        self._timeout = timeout
        self._gap = 1.0 / rate if rate else 0.0
        self._next_start = 0.0
        self._lock = threading.Lock()
        self._limited = 0
        self._gone: TargetGone | None = None
        self._got_through = 0
        self._sleep = sleep
        self._on_exchange = on_exchange

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()

    @contextmanager
    def new_connections(self) -> Iterator[None]:
        """Send each request of the block over a connection of its own."""
        self._wire.close()
        self._wire.reuses = False
        try:
            yield
        finally:
            self._wire.reuses = True

    @contextmanager
    def patience(self, times: float) -> Iterator[None]:
        """Give each response of the block so many times as long."""
        before = self._wire.timeout
        self._wire.timeout = times * self._timeout
        try:
            yield
        finally:
            self._wire.timeout = before

    def begin_anew(self, *, forgiving: bool = False) -> None:
        """Send requests again, over new connections, to a target that counted as gone.

        Args:
            forgiving: Also forget how long the run has waited for responses that did not come.
        """
        self._wire.close()
        self.availability.begin_anew(forgiving=forgiving)
        with self._lock:
            self._gone, self._limited = None, 0

    def send(self, request: Request, *, obey_limit: bool = True) -> Exchange:
        """Send a request and read the whole response.

        After a 429 this waits as Retry-After says and sends the request again, unless `obey_limit` is false.

        Raises:
            TargetGone: Too many requests in a row got no usable response, or only a 429. From then on no
                request is sent until `begin_anew`.
        """
        if self._gone is not None:
            raise self._gone
        try:
            return self._send_until_let_through(request, obey_limit=obey_limit)
        except TargetGone as gone:
            self._gone = gone
            raise

    def _send_until_let_through(self, request: Request, *, obey_limit: bool) -> Exchange:
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
        problem: WireError | None = None
        try:
            response = self._wire.send(request)
        except WireError as error:
            problem = error
        exchange = Exchange(
            request,
            response,
            None if problem is None else str(problem),
            time.monotonic() - started,
            lost=problem is not None and problem.lost,
            unsent=problem is not None and problem.unsent,
            timed_out=problem is not None and problem.timed_out,
        )
        self._on_exchange(exchange)
        with self._lock:
            self._got_through += response is not None and response.status != _TOO_MANY
        self.availability.add(exchange)
        return exchange

    def _wait_for_turn(self) -> None:
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next_start)
            self._next_start = start + self._gap
        self._sleep(start - now)

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
    return seconds_to_wait(exchange.response.headers.get("retry-after", ""))
