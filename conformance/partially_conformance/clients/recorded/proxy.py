"""A proxy that records every request byte for byte, and can stand in the way of some.

One thread serves two addresses: the one a client is told of, and one that plays another host. The requests of
a connection are answered one after the other; nothing is streamed.
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

from partially_conformance.clients.recorded.cross_origin import is_preflight, permission, readable_by_scripts
from partially_conformance.clients.recorded.http1 import ClientSide, NotHttp, forwarded
from partially_conformance.clients.recorded.recording import Recorded, Recording
from partially_conformance.clients.recorded.treatment import Treat, Treatment, message, undisturbed
from partially_conformance.traffic.exchange import Response
from partially_conformance.traffic.interruption import uninterrupted

UPSTREAM_LIMIT = 30.0
"""Longest wait for the reference server to answer one request. In seconds."""


class Proxy:
    """Stands before a server and records what is sent to it.

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
        self._treat: Treat = undisturbed

    @property
    def address(self) -> str:
        """The address a client is told of, without a path."""
        return f"http://127.0.0.1:{self._port(0)}"

    @property
    def elsewhere(self) -> str:
        """The address of another host, which must never get the key.

        It goes by another name, since some clients take two ports of one name for the same host.
        """
        return f"http://localhost:{self._port(1)}"

    def _port(self, which: int) -> int:
        port: int = self._servers[which].sockets[0].getsockname()[1]
        return port

    @contextmanager
    def recording(self, treat: Treat = undisturbed) -> Iterator[Recording]:
        """Record into a new recording while the block runs. No connection lives on after it."""
        recording = Recording()
        self._do(self._change(recording, treat))
        try:
            yield recording
        finally:
            self._do(self._change(Recording(), undisturbed))

    async def _change(self, recording: Recording, treat: Treat) -> None:
        await self._drop_connections()
        self._recording, self._treat = recording, treat

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
            await self._talk(ClientSide(reader, writer), elsewhere=elsewhere)
        except (OSError, h11.LocalProtocolError, asyncio.CancelledError):
            pass  # the client has gone, or is no longer wanted
        finally:
            self._connections.discard(task)
            writer.close()

    async def _talk(self, client: ClientSide, *, elsewhere: bool) -> None:
        goes_on = True
        while goes_on:
            try:
                came = await client.request()
            except NotHttp as error:
                why = str(error)
                self._recording.arrived(
                    error.sent, error.raw, time.monotonic(), elsewhere=elsewhere, malformed=why
                )
                await client.refuse(message(400, f"No HTTP/1.1 request: {why}").body)
                return
            if came is None:
                return
            sent, raw = came
            recorded = self._recording.arrived(sent, raw, time.monotonic(), elsewhere=elsewhere)
            goes_on = await self._answer(client, recorded)

    async def _answer(self, client: ClientSide, recorded: Recorded) -> bool:
        """Answer a request. Whether another may come on the same connection."""
        if is_preflight(recorded.sent):
            recorded.preflight = True
            treatment = Treatment(forward=False, answer=permission(recorded.sent))
        elif recorded.elsewhere:
            treatment = Treatment(forward=False, answer=message(401, "This is another host: it knows no key"))
        else:
            treatment = self._treat(recorded.sent)
        recorded.upset = treatment.upset
        response = treatment.answer
        if treatment.forward:
            own = await self._forwarded(recorded)
            response = response or own
        await asyncio.sleep(treatment.delay)
        recorded.ended = time.monotonic()
        if treatment.cut or response is None:
            client.cut()
            return False
        recorded.response = response
        return await client.answer(readable_by_scripts(recorded.sent, response))

    async def _forwarded(self, recorded: Recorded) -> Response:
        recorded.carried_out = True
        try:
            async with asyncio.timeout(UPSTREAM_LIMIT):
                return await forwarded(recorded.sent, self._upstream)
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            why = f"the reference server did not answer: {type(error).__name__}: {error}".rstrip(": ")
            self._recording.failure = self._recording.failure or why
            return message(502, why)


@contextmanager
def recording_proxy(upstream: str) -> Iterator[Proxy]:
    """A proxy before a server while the block runs.

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
