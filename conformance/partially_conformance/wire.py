"""One request over the wire and its whole response back, bounded in time and size whatever a server does."""

from __future__ import annotations

import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpcore2

from partially_conformance.exchange import Request, Response

BODY_LIMIT = 16 * 1024 * 1024
"""Longest body read, in bytes, before and after decompression. A page of 100 customers takes about 40 kB."""

HEADERS_LIMIT = 1000
"""Most header lines of an answer. Common servers take 100 themselves."""

_CONNECTIONS = 64

_IDLE_LIMIT = 1.0
"""How long an idle connection is used again, in seconds. Common servers close theirs after 2 to 5; a request
that meets such a close would look like one that was dropped."""

_PIECE = 16 * 1024  # bytes written before the time is looked at again

_USER_AGENT = "partially-conformance"


class WireError(Exception):
    """No whole response came. The message says what came instead."""


class Wire:
    """A pool of connections. Safe to use from several threads.

    Args:
        timeout: Longest time for one whole exchange, from connecting to the last byte. In seconds.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._deadline = _Deadline()
        self._pool = httpcore2.ConnectionPool(
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE_LIMIT,
            network_backend=_BoundedBackend(self._deadline),
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def send(self, request: Request) -> Response:
        """Send a request and read the whole response. Redirects are not followed.

        Raises:
            WireError: No whole response came.
        """
        self._deadline.start(self._timeout)
        address = urlsplit(request.url)
        assert address.hostname is not None
        url = httpcore2.URL(
            scheme=address.scheme,
            host=address.hostname,
            port=address.port,
            target=request.target.encode("ascii"),
        )
        try:
            with self._pool.stream(
                request.method,
                url,
                headers=list(_headers(request, address.netloc)),
                content=request.body,
                extensions={"timeout": {"pool": self._timeout}},
            ) as answer:
                if len(answer.headers) > HEADERS_LIMIT:
                    raise WireError(f"an answer with more than {HEADERS_LIMIT:,} headers")
                body = _whole(answer.iter_stream(), self._deadline)
                headers = _joined(answer.headers)
                return Response(answer.status, headers, _plain(body, headers.get("content-encoding", "")))
        except httpcore2.TimeoutException as error:
            raise WireError(f"nothing whole within {self._timeout:g} s") from error
        except (httpcore2.NetworkError, httpcore2.RemoteProtocolError) as error:
            raise WireError(f"{type(error).__name__}: {error}".rstrip(": ")) from error


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
    if request.body is None and request.method in ("POST", "PUT", "PATCH"):
        usual["Content-Length"] = "0"
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


def _whole(chunks: Iterable[bytes], deadline: _Deadline) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > BODY_LIMIT:
            raise WireError(f"a body of more than {BODY_LIMIT // 1024 // 1024} MiB")
        deadline.left()
    return bytes(body)


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


class _Deadline(threading.local):
    """When the exchange that this thread is busy with must be over."""

    end = 0.0

    def start(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            httpcore2.ReadTimeout: None is left.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left


class _BoundedBackend(httpcore2.NetworkBackend):
    """Opens connections on which each step may take what is left of the time of the whole exchange.

    The timeouts of the library are for each step anew: a server that sends a byte now and then would keep
    the suite for ever.
    """

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline goes before it
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._inner.connect_tcp(host, port, self._deadline.left(), local_address, socket_options)
        return _BoundedStream(stream, self._deadline)


class _BoundedStream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        stream = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
