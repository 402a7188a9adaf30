"""Sending requests so that no target can hang, flood or mislead the suite."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

import httpx2

from partially_conformance.exchange import Exchange, Request, Response
from partially_conformance.outcome import TargetGone

BODY_LIMIT = 16 * 1024 * 1024
"""Longest body read, in bytes after decompression. A page of 100 customers takes about 40 kB."""

SILENT_LIMIT = 5
"""Requests in a row without an answer after which the target counts as gone."""

RETRY_AFTER_LIMIT = 60.0
"""Longest wait that a Retry-After is obeyed for, in seconds."""

RETRIES_WHEN_LIMITED = 3
"""How often a request answered with 429 is sent again."""

_USER_AGENT = "partially-conformance"


class Transport:
    """One connection pool to one target. Safe to use from several threads.

    Args:
        timeout: Longest wait for one whole response. In seconds.
        rate: Most requests a second; None is unlimited.
        on_exchange: Called with each exchange once it is over.
        sleep: Replaces the waiting, in tests.
    """

    def __init__(
        self,
        *,
        timeout: float,
        rate: float | None = None,
        on_exchange: Callable[[Exchange], None] = lambda _: None,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._timeout = timeout
        self._gap = 1.0 / rate if rate else 0.0
        self._next_start = 0.0
        self._lock = threading.Lock()
        self._silent = 0
        self._sleep = sleep
        self._on_exchange = on_exchange
        self._client = httpx2.Client(
            transport=transport,
            timeout=httpx2.Timeout(timeout),
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=32),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": _USER_AGENT},
        )

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def send(self, request: Request, *, obey_limit: bool = True) -> Exchange:
        """Send a request and read the whole response.

        A 429 with Retry-After is obeyed and the request sent again, unless `obey_limit` is false.

        Raises:
            TargetGone: Too many requests in a row were not answered.
        """
        for _ in range(RETRIES_WHEN_LIMITED):
            exchange = self._send_once(request)
            wait = _wait_of(exchange) if obey_limit else None
            if wait is None:
                return exchange
            self._sleep(min(wait, RETRY_AFTER_LIMIT))
        return self._send_once(request)

    def _send_once(self, request: Request) -> Exchange:
        self._wait_for_turn()
        started = time.monotonic()
        response: Response | None = None
        error: str | None = None
        try:
            response = self._exchange(request, started + self._timeout)
        except _UnreadableError as problem:
            error = str(problem)
        except httpx2.TimeoutException:
            error = f"none within {self._timeout:g} s"
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as problem:
            error = f"{type(problem).__name__}: {problem}".rstrip(": ")
        exchange = Exchange(request, response, error, time.monotonic() - started)
        self._on_exchange(exchange)
        self._count_silence(exchange)
        return exchange

    def _exchange(self, request: Request, deadline: float) -> Response:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **request.headers}
        if request.key is not None:
            headers["Authorization"] = request.key.header
        built = self._client.build_request(
            request.method,
            request.url,
            headers={name.encode("ascii"): value.encode("utf-8") for name, value in headers.items()},
            content=request.body,
            extensions={
                "target": request.target.encode("ascii"),
                "timeout": httpx2.Timeout(self._timeout).as_dict(),
            },
        )
        answer = self._client.send(built, stream=True)
        try:
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise _UnreadableError(f"a body of more than {BODY_LIMIT // 1024 // 1024} MiB")
                if time.monotonic() > deadline:
                    raise _UnreadableError(f"not whole within {self._timeout:g} s")
            return Response(
                answer.status_code,
                {name.lower(): value for name, value in answer.headers.items()},
                bytes(body),
            )
        finally:
            answer.close()

    def _wait_for_turn(self) -> None:
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next_start)
            self._next_start = start + self._gap
        self._sleep(start - now)

    def _count_silence(self, exchange: Exchange) -> None:
        with self._lock:
            self._silent = 0 if exchange.response is not None else self._silent + 1
            silent = self._silent
        if silent >= SILENT_LIMIT:
            raise TargetGone(f"{silent} requests in a row were not answered, the last with {exchange.error}")


class _UnreadableError(Exception):
    """The body is more than is read."""


def _wait_of(exchange: Exchange) -> float | None:
    """How long to wait before sending again, in seconds; None if there is no need to."""
    if exchange.response is None or exchange.response.status != 429:
        return None
    try:
        return max(0.0, float(exchange.response.headers["retry-after"]))
    except (KeyError, ValueError):
        return 1.0
