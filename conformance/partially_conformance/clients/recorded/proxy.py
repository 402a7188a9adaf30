"""A proxy that records every request byte for byte, and can disturb some of them.

One thread serves two addresses: that of the API, which the client is given, and that of another host. The
requests of a connection are answered one after the other; nothing is streamed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import h11

from partially_conformance.clients.recorded.http1 import ClientConnection, NotHttp, forward_request
from partially_conformance.clients.recorded.proxy_action import (
    ChooseAction,
    ProxyAction,
    error_response,
    pass_through,
)
from partially_conformance.clients.recorded.recording import RecordedRequest, Recording
from partially_conformance.traffic.exchange import Response
from partially_conformance.traffic.interruption import uninterrupted

UPSTREAM_LIMIT = 30.0
"""Seconds that the reference server may take to answer one request."""


class Proxy:
    """Records what is sent to a server, and forwards it.

    Args:
        upstream: The address of the server, without a path.
    """

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname is not None
        assert parts.port is not None
        self._upstream = (parts.hostname, parts.port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="recording proxy")
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._recording = Recording()
        self._choose_action: ChooseAction = pass_through

    @property
    def address(self) -> str:
        """The address of the API for a client, without a path."""
        return f"http://127.0.0.1:{self._port(0)}"

    @property
    def elsewhere(self) -> str:
        """The address of another host, which must never get the key.

        It has another host name, since some clients take two ports of one host name for the same host.
        """
        return f"http://localhost:{self._port(1)}"

    def _port(self, which: int) -> int:
        port: int = self._servers[which].sockets[0].getsockname()[1]
        return port

    @contextmanager
    def recording(self, choose_action: ChooseAction = pass_through) -> Iterator[Recording]:
        """Record into a new recording within the block. All connections are closed at its end."""
        recording = Recording()
        self._do(self._change(recording, choose_action))
        try:
            yield recording
        finally:
            self._do(self._change(Recording(), pass_through))

    async def _change(self, recording: Recording, choose_action: ChooseAction) -> None:
        await self._drop_connections()
        self._recording, self._choose_action = recording, choose_action

    def start(self) -> None:
        """Listen, in a thread."""
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        """Cut every connection and end the thread."""
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result()

    async def _listen(self) -> None:
        for accept in (self._accept_at_the_api, self._accept_elsewhere):
            self._servers.append(await asyncio.start_server(accept, "127.0.0.1", 0, backlog=128))

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await self._drop_connections()

    async def _drop_connections(self) -> None:
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept_at_the_api(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._accept(reader, writer, elsewhere=False)

    async def _accept_elsewhere(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._accept(reader, writer, elsewhere=True)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, elsewhere: bool
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._talk(ClientConnection(reader, writer), elsewhere=elsewhere)
        except (OSError, h11.LocalProtocolError, asyncio.CancelledError):
            pass  # the client closed the connection, or the recording is over
        finally:
            self._connections.discard(task)
            writer.close()

    async def _talk(self, client: ClientConnection, *, elsewhere: bool) -> None:
        connected = True
        while connected:
            try:
                received = await client.request()
            except NotHttp as error:
                why = str(error)
                self._recording.add(
                    error.sent, error.raw, time.monotonic(), elsewhere=elsewhere, malformed=why
                )
                await client.refuse(error_response(400, f"Not an HTTP/1.1 request: {why}").body)
                return
            if received is None:
                return
            sent, raw = received
            recorded = self._recording.add(sent, raw, time.monotonic(), elsewhere=elsewhere)
            connected = await self._answer(client, recorded)

    async def _answer(self, client: ClientConnection, recorded: RecordedRequest) -> bool:
        """Answer a request. Returns whether another request may follow on the same connection."""
        if recorded.elsewhere:
            action = ProxyAction(
                forward=False, response=error_response(401, "This is another host: it accepts no key")
            )
        else:
            action = self._choose_action(recorded.sent)
        recorded.upset = action.upset
        response = action.response
        if action.forward:
            from_server = await self._forward(recorded)
            response = response or from_server
        await asyncio.sleep(action.delay)
        recorded.ended = time.monotonic()
        if action.cut or response is None:
            client.cut()
            return False
        recorded.response = response
        return await client.answer(response)

    async def _forward(self, recorded: RecordedRequest) -> Response:
        recorded.carried_out = True
        try:
            async with asyncio.timeout(UPSTREAM_LIMIT):
                return await forward_request(recorded.sent, self._upstream)
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            why = f"the reference server did not respond: {_reason(error)}"
            self._recording.failure = self._recording.failure or why
            return error_response(502, why)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"timeout after {UPSTREAM_LIMIT:g} s"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or "the connection broke"


@contextmanager
def recording_proxy(upstream: str) -> Iterator[Proxy]:
    """Run a proxy before a server within the block.

    Args:
        upstream: The address of the server, without a path.
    """
    with ExitStack() as stack:
        with uninterrupted():
            proxy = Proxy(upstream)
            proxy.start()
            stack.callback(_stop, proxy)
        yield proxy


def _stop(proxy: Proxy) -> None:
    with uninterrupted():
        proxy.stop()
