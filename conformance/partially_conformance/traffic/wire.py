"""One request over the wire and its whole response back, bounded in time and size whatever a server does."""

from __future__ import annotations

import select
import socket
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

import h11
import httpx2

from partially_conformance.traffic.exchange import Request, Response

BODY_LIMIT = 16 * 1024 * 1024
"""Longest body read, in bytes, before and after decompression. A page of 100 customers takes about 40 kB."""

HEADERS_LIMIT = 1000
"""Most header lines of an answer. Common servers take 100 themselves."""

_HEAD_LIMIT = 100 * 1024  # bytes of a status line with all headers

_IDLE_LIMIT = 1.0
"""How long an idle connection is used again, in seconds. Common servers close theirs after 2 to 5; a request
that meets such a close would look like one that was dropped."""

_PIECE = 64 * 1024  # bytes read at once

_USER_AGENT = "partially-conformance"


class WireError(Exception):
    """No whole response came. The message says what came instead."""


class Wire:
    """The connections to targets, each used again while it is fresh. Safe to use from several threads.

    Args:
        timeout: Longest time for one whole exchange, from connecting to the last byte. In seconds.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str], list[_Connection]] = {}

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
            WireError: No whole response came.
        """
        deadline = _Deadline(self._timeout)
        address = urlsplit(request.url)
        place = (address.scheme, address.netloc)
        connection = None
        try:
            connection = self._fresh(place) or _Connection(address, deadline)
            response = connection.exchange(request, address.netloc, deadline)
        except TimeoutError as error:
            raise WireError(f"nothing whole within {self._timeout:g} s") from error
        except h11.RemoteProtocolError as error:
            raise WireError(f"{type(error).__name__}: {error}") from error
        except OSError as error:
            kind = "ConnectError" if connection is None else "NetworkError"
            raise WireError(f"{kind}: {error}") from error
        else:
            self._keep(place, connection)
            connection = None
            return response
        finally:
            if connection is not None:
                connection.close()

    def _fresh(self, place: tuple[str, str]) -> _Connection | None:
        """The connection that was used last, if it can be used again."""
        while True:
            with self._lock:
                idle = self._idle.get(place)
                connection = idle.pop() if idle else None
            if connection is None or connection.is_fresh():
                return connection
            connection.close()

    def _keep(self, place: tuple[str, str], connection: _Connection) -> None:
        if not connection.renew():
            connection.close()
            return
        with self._lock:
            self._idle.setdefault(place, []).append(connection)


class _Deadline:
    """When an exchange must be over.

    The timeouts of sockets are for each step anew: with them alone, a server that sends a byte now and then
    would keep the suite for ever.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            TimeoutError: None is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Connection:
    """One connection, and how far the exchange on it is.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, address: SplitResult, deadline: _Deadline) -> None:
        secure = address.scheme == "https"
        port = address.port or (443 if secure else 80)
        self._socket = socket.create_connection((address.hostname, port), deadline.left())
        try:
            # A request is written at once; whatever is left of it must not wait for an acknowledgement.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure:
                context = httpx2.create_ssl_context()
                self._socket.settimeout(deadline.left())
                self._socket = context.wrap_socket(self._socket, server_hostname=address.hostname)
        except BaseException:
            self._socket.close()
            raise
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_LIMIT)
        self._used = 0.0
        self._news = select.poll()
        self._news.register(self._socket, select.POLLIN)

    def close(self) -> None:
        self._socket.close()

    def exchange(self, request: Request, host: str, deadline: _Deadline) -> Response:
        """Send a request and read the whole response.

        Raises:
            TimeoutError: The deadline has passed.
            h11.RemoteProtocolError: What came is no response.
            OSError: The connection broke.
            WireError: The response is too much, or cannot be unpacked.
        """
        self._socket.settimeout(deadline.left())
        with suppress(BrokenPipeError, ConnectionResetError):
            # A server may refuse what it has not read to the end: its answer may be there all the same.
            self._socket.sendall(self._written(request, host))
        head, body = self._read(deadline)
        headers = _joined(head.headers)
        return Response(head.status_code, headers, _plain(body, headers.get("content-encoding", "")))

    def _written(self, request: Request, host: str) -> bytes:
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
                    self._http.receive_data(self._socket.recv(_PIECE))
                case h11.InformationalResponse():
                    deadline.left()
                case h11.Response() as head:
                    if len(head.headers) > HEADERS_LIMIT:
                        raise WireError(f"an answer with more than {HEADERS_LIMIT:,} headers")
                case h11.Data():
                    body += event.data
                    if len(body) > BODY_LIMIT:
                        raise WireError(f"a body of more than {BODY_LIMIT // 1024 // 1024} MiB")
                    deadline.left()
                case h11.EndOfMessage() if head is not None:
                    return head, bytes(body)
                case _:
                    raise WireError("RemoteProtocolError: the connection was closed without a response")

    def renew(self) -> bool:
        """Be ready for another exchange; returns whether that is possible."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        if self._http.trailing_data[0]:
            return False  # the start of the next response would be read from what is left of this one
        self._http.start_next_cycle()
        self._used = time.monotonic()
        return True

    def is_fresh(self) -> bool:
        """Whether it was used a moment ago, and neither closed nor written to since."""
        return time.monotonic() - self._used < _IDLE_LIMIT and not self._news.poll(0)


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


def _plain(body: bytes, coding: str) -> bytes:
    """The body without its content coding. None was asked for, but some proxies compress all the same."""
    if coding.strip().lower() in ("", "identity"):
        return body
    if coding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise WireError(f"a body with Content-Encoding {coding}, which was not accepted")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: sees by itself whether gzip or deflate
    try:
        plain = unpacker.decompress(body, BODY_LIMIT)
    except zlib.error as error:
        raise WireError(f"a body that is not the {coding} it says to be") from error
    if unpacker.unconsumed_tail:
        raise WireError(f"a body of more than {BODY_LIMIT // 1024 // 1024} MiB once unpacked")
    if body and not unpacker.eof:
        raise WireError(f"a body whose {coding} is cut off")
    return plain
