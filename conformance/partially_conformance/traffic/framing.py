"""Requests that are written byte by byte, to send what HTTP/1.1 allows and `wire.py` never sends.

Each conversation has a connection of its own, which is closed afterwards.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import h11
import httpx2

from partially_conformance.traffic.exchange import Request, Response
from partially_conformance.traffic.transport_errors import HEAD_LIMIT, connection_error

CONTINUE_LIMIT = 1.0
"""How long to wait for a `100 Continue` before the body is sent all the same, in seconds."""

CLOSE_LIMIT = 5.0
"""How long a target may take to close a connection, in seconds."""

_PIECE = 64 * 1024  # bytes read at once


@dataclass(frozen=True, slots=True)
class Conversation:
    """What came back on a connection.

    Attributes:
        responses: The complete responses, in the order in which they came.
        closed: Whether the target closed the connection.
        error: Why there are fewer responses than requests; None if there is one for each.
        seconds: Time from connecting to the last byte. In seconds.
    """

    responses: tuple[Response, ...]
    closed: bool
    error: str | None
    seconds: float


def converse(
    requests: Sequence[Request],
    *,
    timeout: float,
    continue_after_head: bool = False,
    until_closed: bool = False,
) -> Conversation:
    """Send all requests on one connection at once, and read their responses.

    Args:
        requests: Requests with `raw` to the same target.
        timeout: Longest time for all of it. In seconds.
        continue_after_head: Send the body of the last request only after a `100 Continue`, or after
            `CONTINUE_LIMIT`.
        until_closed: Wait until the target closes the connection, at most `CLOSE_LIMIT`.
    """
    started = time.monotonic()
    try:
        connection = _connected(urlsplit(requests[0].url), timeout)
    except OSError as error:
        reason = connection_error(error, urlsplit(requests[0].url).hostname or "")
        return Conversation((), True, reason, time.monotonic() - started)
    with connection:
        reading = _Reading(connection, [request.method for request in requests], started + timeout)
        written = b"".join(request.raw_with_key() for request in requests)
        head_end = written.rindex(b"\r\n\r\n") + 4 if continue_after_head else len(written)
        with suppress(OSError):  # a target may refuse a request before it has read all of it
            connection.sendall(written[:head_end])
            if not continue_after_head or reading.may_continue():
                connection.sendall(written[head_end:])
        reading.read_all()
        if until_closed:
            reading.wait_until_closed()
        return reading.result(started)


def _connected(address: SplitResult, timeout: float) -> socket.socket:
    secure = address.scheme == "https"
    port = address.port or (443 if secure else 80)
    connection = socket.create_connection((address.hostname, port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not secure:
        return connection
    try:
        return httpx2.create_ssl_context().wrap_socket(connection, server_hostname=address.hostname)
    except BaseException:
        connection.close()
        raise


class _Reading:
    """Reads the responses to several requests from one connection."""

    def __init__(self, connection: socket.socket, methods: Sequence[str], end: float) -> None:
        self._connection = connection
        self._methods = methods
        self._end = end
        self._rest = b""
        self._responses: list[Response] = []
        self._closed = False
        self._error: str | None = None

    def may_continue(self) -> bool:
        """Wait for a `100 Continue`; returns whether the body is to be sent."""
        self._receive(min(self._end, time.monotonic() + CONTINUE_LIMIT))
        # Without an answer the body is sent all the same. A final response makes it superfluous.
        return not self._closed and (not self._rest or self._rest.startswith(b"HTTP/1.1 100"))

    def read_all(self) -> None:
        """Read one response for each request, as long as they come."""
        try:
            for method in self._methods:
                response = self._next(method)
                if response is None:
                    return
                self._responses.append(response)
        except h11.RemoteProtocolError:
            self._error = "the response is not HTTP"

    def wait_until_closed(self) -> None:
        """Read on until the target closes the connection, or the time is up."""
        end = time.monotonic() + CLOSE_LIMIT
        while not self._closed and time.monotonic() < end:
            self._receive(end)

    def result(self, started: float) -> Conversation:
        error = self._error
        if error is None and len(self._responses) < len(self._methods):
            error = "the connection was closed" if self._closed else "no more bytes came in time"
        return Conversation(tuple(self._responses), self._closed, error, time.monotonic() - started)

    def _next(self, method: str) -> Response | None:
        """The next response; None if it does not come."""
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        parser.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
        parser.send(h11.EndOfMessage())
        if self._rest:
            parser.receive_data(self._rest)
        head: h11.Response | None = None
        body = bytearray()
        while True:
            event = parser.next_event()
            match event:
                case h11.NEED_DATA:
                    self._rest = b""
                    self._receive(self._end)
                    if not self._rest and not self._closed:
                        return None
                    parser.receive_data(self._rest)
                case h11.Response() as head:
                    pass
                case h11.Data():
                    body += event.data
                case h11.EndOfMessage() if head is not None:
                    self._rest = parser.trailing_data[0]
                    return Response(head.status_code, _headers(head), bytes(body))
                case h11.ConnectionClosed():
                    return None

    def _receive(self, end: float) -> None:
        """Add what comes next to the bytes that are to be read; nothing if nothing comes in time."""
        left = end - time.monotonic()
        if left <= 0 or self._closed:
            return
        self._connection.settimeout(left)
        try:
            data = self._connection.recv(_PIECE)
        except TimeoutError:
            return
        except OSError:
            data = b""
        self._closed = not data
        self._rest += data


def _headers(head: h11.Response) -> dict[str, str]:
    return {
        name.decode("ascii").lower(): value.decode("utf-8", "backslashreplace")
        for name, value in head.headers
    }
