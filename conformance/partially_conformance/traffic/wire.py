"""HTTP/1.1 connections: sends one request and reads its whole response, bounded in time and size."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

import h11
import httpx2

from partially_conformance.traffic.exchange import Request, Response
from partially_conformance.traffic.transport_errors import (
    HEAD_LIMIT,
    ReceivedBytes,
    connection_error,
    tls_error,
)

BODY_LIMIT = 16 * 1024 * 1024
"""Longest response body that is read, in bytes, before and after decompression.
A page of 100 customers takes about 40 kB."""

HEADERS_LIMIT = 1000
"""Most header lines of a response. Common servers accept 100 themselves."""

_BODY_LIMIT_SHOWN = f"{BODY_LIMIT // 1024 // 1024} MiB"

_IDLE_LIMIT = 1.0
"""How long a connection may be idle and still be used again, in seconds. Common servers close theirs after
2 to 5 seconds; a request that is sent at that moment would look like one that the target dropped."""

_EARLY_CLOSES = 3
"""Connections that a target may close a moment after a response before none is used twice any more."""

_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
"""Methods of requests that may be sent twice (RFC 9110, 9.2.2)."""

_STATUSES_OF_PARSERS = frozenset({400, 408, 411, 413, 414, 417, 431})
"""Statuses with which HTTP parsers refuse a request that they cannot read."""

CLOSED_IDLE = "the connection was closed while it was idle"
"""Why a request got no response that the target may never have seen."""

_PIECE = 64 * 1024  # bytes read at once

_USER_AGENT = "partially-conformance"


class WireError(Exception):
    """No usable response came. The message is a plain sentence that says why.

    Attributes:
        lost: Whether a connection that had been used before was closed before the response began.
        unsent: Whether no connection could be opened, so that the target has not seen the request.
        timed_out: Whether the time was up.
    """

    def __init__(
        self, message: str, *, lost: bool = False, unsent: bool = False, timed_out: bool = False
    ) -> None:
        super().__init__(message)
        self.lost = lost
        self.unsent = unsent
        self.timed_out = timed_out


class Wire:
    """Connections to targets. A connection that was used a moment ago is used again. Thread-safe.

    A target may close a connection between two requests without a word (RFC 9112, 9.6), and a request that
    is sent at that moment gets no response. If it may be sent twice, it is sent again over a new connection.

    Args:
        timeout: Longest time for one whole exchange, from connecting to the last byte. In seconds.

    Attributes:
        timeout: The same. It may be changed between two exchanges.
        reuses: Whether connections are used again.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.reuses = True
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str], list[_Connection]] = {}
        self._closed_early = 0

    def close(self) -> None:
        """Close all connections that are not busy."""
        with self._lock:
            left = [connection for idle in self._idle.values() for connection in idle]
            self._idle.clear()
        for connection in left:
            connection.close()

    def send(self, request: Request) -> Response:
        """Send a request and read the whole response. Redirects are not followed.

        Raises:
            WireError: No usable response came.
        """
        deadline = _Deadline(self.timeout)
        address = urlsplit(request.url)
        used = None if request.alone else self._take_idle((address.scheme, address.netloc))
        if used is not None:
            try:
                return self._exchange(used, request, address, deadline)
            except WireError as error:
                if not error.lost:
                    raise
                self._note_early_close()
                if request.method not in _IDEMPOTENT:
                    raise
        # Over the used connection, the request may have reached the target and ended it.
        connection = self._opened(address, deadline, unsent=used is None)
        return self._exchange(connection, request, address, deadline)

    def _opened(self, address: SplitResult, deadline: _Deadline, *, unsent: bool) -> _Connection:
        try:
            return _Connection(address, deadline)
        except TimeoutError as error:
            message = f"timed out after {deadline.seconds:g} s: no connection"
            raise WireError(message, unsent=unsent, timed_out=True) from error
        except (OSError, UnicodeError) as error:
            raise WireError(connection_error(error, address.hostname or ""), unsent=unsent) from error

    def _exchange(
        self, connection: _Connection, request: Request, address: SplitResult, deadline: _Deadline
    ) -> Response:
        keep = False
        try:
            response = connection.exchange(request, address.netloc, deadline)
            keep = self.reuses and not request.alone and not _may_close(response)
        except (WireError, OSError, h11.RemoteProtocolError) as error:
            raise _problem(error, connection, deadline) from error
        finally:
            if keep and connection.prepare_next():
                self._keep((address.scheme, address.netloc), connection)
            else:
                connection.close()
        if response.status == HTTPStatus.REQUEST_TIMEOUT and connection.reused and not keep:
            raise WireError(CLOSED_IDLE, lost=True)  # it is about the time before the request
        return response

    def _take_idle(self, place: tuple[str, str]) -> _Connection | None:
        """The connection that was used last, if it can be used again, else None."""
        while True:
            with self._lock:
                idle = self._idle.get(place)
                connection = idle.pop() if idle else None
                usable = self.reuses and self._closed_early < _EARLY_CLOSES
            if connection is None or (usable and connection.is_fresh()):
                return connection
            if usable and connection.is_recent():
                self._note_early_close()
            connection.close()

    def _note_early_close(self) -> None:
        with self._lock:
            self._closed_early += 1

    def _keep(self, place: tuple[str, str], connection: _Connection) -> None:
        with self._lock:
            self._idle.setdefault(place, []).append(connection)


def _problem(
    error: WireError | OSError | h11.RemoteProtocolError, connection: _Connection, deadline: _Deadline
) -> WireError:
    """What went wrong with an exchange, in a plain sentence."""
    received = connection.received
    match error:
        case TimeoutError():
            return WireError(received.timed_out(deadline.seconds), timed_out=True)
        case _ if connection.reused and not received.begun:
            return WireError(CLOSED_IDLE, lost=True)
        case WireError():
            return error
        case h11.RemoteProtocolError():
            too_long = error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            return WireError(received.malformed(too_long=too_long))
        case ssl.SSLError():
            return WireError(tls_error(error))
        case _:
            return WireError(received.broken_off("reset"))


def _may_close(response: Response) -> bool:
    """Whether a target may close the connection after a response, without saying so.

    Parsers do so after what they cannot read, and servers after an error that nothing has handled.
    """
    return response.status in _STATUSES_OF_PARSERS or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class _Deadline:
    """The moment at which an exchange must be over.

    A socket applies its timeout to each step: with that alone, a target that sends a byte now and then would
    hold up the suite for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """How many seconds are left.

        Raises:
            TimeoutError: No time is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Connection:
    """One connection, and how much of the response to the last request has come over it.

    Raises:
        OSError: It cannot be opened.
        UnicodeError: The host name has no form in which it can be looked up.
    """

    def __init__(self, address: SplitResult, deadline: _Deadline) -> None:
        secure = address.scheme == "https"
        port = address.port or (443 if secure else 80)
        self._socket = socket.create_connection((address.hostname, port), deadline.left())
        try:
            # A request is written at once; the rest of it must not wait for an acknowledgement.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure:
                context = httpx2.create_ssl_context()
                self._socket.settimeout(deadline.left())
                self._socket = context.wrap_socket(self._socket, server_hostname=address.hostname)
        except BaseException:
            self._socket.close()
            raise
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        self.received = ReceivedBytes()
        self.reused = False
        self._used = 0.0
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)

    def close(self) -> None:
        self._socket.close()

    def exchange(self, request: Request, host: str, deadline: _Deadline) -> Response:
        """Send a request and read the whole response.

        Raises:
            TimeoutError: The deadline has passed.
            h11.RemoteProtocolError: The received bytes are not a complete HTTP response.
            OSError: The connection broke.
            WireError: The response is too long, or its content coding is wrong.
        """
        self.received = ReceivedBytes()
        self._socket.settimeout(deadline.left())
        with suppress(BrokenPipeError, ConnectionResetError):
            # A target may refuse a request before it has read all of it: then there is a response to read.
            self._socket.sendall(self._serialized(request, host))
        head, body = self._read(deadline)
        headers = _joined(head.headers)
        return Response(head.status_code, headers, _decoded(body, headers.get("content-encoding", "")))

    def _serialized(self, request: Request, host: str) -> bytes:
        event = h11.Request(
            method=request.method,
            target=request.target.encode("ascii"),
            headers=list(_headers(request, host)),
        )
        pieces = [self._http.send(event)]
        if request.body:
            pieces.append(self._http.send(h11.Data(request.body)))
        pieces.append(self._http.send(h11.EndOfMessage()))
        return b"".join(piece for piece in pieces if piece)

    def _read(self, deadline: _Deadline) -> tuple[h11.Response, bytes]:
        head: h11.Response | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            match event:
                case h11.NEED_DATA:
                    self._socket.settimeout(deadline.left())
                    data = self._socket.recv(_PIECE)
                    self.received.add(data)
                    self._http.receive_data(data)
                case h11.InformationalResponse():
                    self.received.begin_anew(self._http.trailing_data[0])
                    deadline.left()
                case h11.Response() as head:
                    self.received.headers_complete = True
                    if len(head.headers) > HEADERS_LIMIT:
                        raise WireError(f"more than {HEADERS_LIMIT:,} response headers")
                case h11.Data():
                    body += event.data
                    if len(body) > BODY_LIMIT:
                        raise WireError(f"a response body longer than {_BODY_LIMIT_SHOWN}")
                    deadline.left()
                case h11.EndOfMessage() if head is not None:
                    return head, bytes(body)
                case _:
                    raise WireError(self.received.broken_off("closed"))

    def prepare_next(self) -> bool:
        """Get ready for another exchange; returns whether that is possible."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        if self._http.trailing_data[0]:
            return False  # bytes that belong to no request would be read as the next response
        self._http.start_next_cycle()
        self.reused = True
        self._used = time.monotonic()
        return True

    def is_recent(self) -> bool:
        """Whether it was used a moment ago."""
        return time.monotonic() - self._used < _IDLE_LIMIT

    def is_fresh(self) -> bool:
        """Whether it was used a moment ago and the target has neither closed it nor sent anything since."""
        return self.is_recent() and not self._poll.poll(0)


def _headers(request: Request, host: str) -> Iterator[tuple[bytes, bytes]]:
    headers = dict(request.headers)
    if request.key is not None:
        headers["Authorization"] = request.key.header
    usual = {
        "Host": host,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": _USER_AGENT,
    }
    if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
        usual["Content-Length"] = str(len(request.body or b""))
    given = {name.lower() for name in headers}
    for name, value in usual.items():
        if name.lower() not in given:
            yield name.encode("ascii"), value.encode("ascii")
    for name, value in headers.items():
        yield name.encode("ascii"), value.encode("utf-8")


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("utf-8", "backslashreplace")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _decoded(body: bytes, coding: str) -> bytes:
    """The body without its content coding. None was asked for, but some proxies compress all the same."""
    if coding.strip().lower() in ("", "identity"):
        return body
    if coding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise WireError(f"a response body with Content-Encoding {coding!r}, which the request did not accept")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: detects gzip or deflate
    try:
        plain = unpacker.decompress(body, BODY_LIMIT)
    except zlib.error as error:
        raise WireError(
            f"a response body that is not {coding}, although its Content-Encoding says so"
        ) from error
    if unpacker.unconsumed_tail:
        raise WireError(f"a response body longer than {_BODY_LIMIT_SHOWN} after decompression")
    if body and not unpacker.eof:
        raise WireError(f"a response body whose {coding} data is not complete")
    return plain
