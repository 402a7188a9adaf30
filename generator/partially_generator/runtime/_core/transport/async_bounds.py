"""Bounds each read and write of the connections of httpx2 by what is left of the time for the whole try."""

from __future__ import annotations

from typing import Any

import httpx2

from .attempt import Phase

_PIECE = 256 * 1024  # bytes; larger ones are written in pieces, and each has the time that is left


def async_bound(transport: object) -> bool:
    """Let the connections of a transport of httpx2 keep to the bounds of a try; returns whether they do.

    It knows the whole time and counts interim responses. Other transports can only be asked between two
    parts of a body.
    """
    if not isinstance(transport, httpx2.AsyncHTTPTransport):
        return False
    pool: Any = transport._pool
    if not isinstance(pool._network_backend, AsyncBoundBackend):
        pool._network_backend = AsyncBoundBackend(pool._network_backend)
    return True


class AsyncBoundBackend:
    """Opens connections. An httpcore2 network backend."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> Any:
        """Open a connection to a host."""
        return await self._opened(self._backend.connect_tcp, timeout, host=host, port=port, **more)

    async def connect_unix_socket(self, path: str, timeout: float | None = None, **more: Any) -> Any:
        """Open a connection to a socket of this machine."""
        return await self._opened(self._backend.connect_unix_socket, timeout, path=path, **more)

    async def _opened(self, connect: Any, timeout: float | None, **more: Any) -> Any:
        if isinstance(timeout, Phase):
            timeout = timeout.attempt.left(timeout, httpx2.ConnectTimeout)
        return AsyncBoundStream(await connect(timeout=timeout, **more))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)


class AsyncBoundStream:
    """A connection. An httpcore2 network stream."""

    __slots__ = ("_stream",)

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        """Read what arrives next."""
        if not isinstance(timeout, Phase):
            return await self._stream.read(max_bytes, timeout)
        attempt = timeout.attempt
        attempt.check_interim()
        left = attempt.left(timeout, httpx2.ReadTimeout)
        try:
            data = await self._stream.read(max_bytes, left)
        except Exception:
            attempt.left(timeout, httpx2.ReadTimeout)  # says so if the whole try took too long
            raise
        attempt.note(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        if not isinstance(timeout, Phase):
            await self._stream.write(buffer, timeout)
            return
        attempt = timeout.attempt
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE] if len(buffer) > _PIECE else buffer
            await self._stream.write(piece, attempt.left(timeout, httpx2.WriteTimeout))

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> Any:
        """Continue in TLS."""
        if isinstance(timeout, Phase):
            timeout = timeout.attempt.left(timeout, httpx2.ConnectTimeout)
        return AsyncBoundStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What is known of the connection."""
        return self._stream.get_extra_info(info)
