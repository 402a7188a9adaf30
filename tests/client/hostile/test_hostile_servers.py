"""Whatever a server sends, a call ends in time with a result or a typed error, alike in all forms.

    pytest tests/client/hostile

`behaviours.py` is the list.
"""

from __future__ import annotations

import asyncio
import importlib.util
import socketserver
import threading
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from tests.client.conftest import KEY, need_aiohttp
from tests.client.hostile.behaviours import BEHAVIOURS, LIMIT, SILENCE, WHOLE, Behaviour

import partially_client as pc
from partially_client.aiohttp import AiohttpTransport

BY_NAME = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
FORMS = ("blocking", "asynchronous", "aiohttp")
IN_TIME = 10.0  # seconds; far above the limits, since many tests run at the same time
MEMORY = 20 * LIMIT  # bytes


class Hostile(socketserver.StreamRequestHandler):
    """Does what the behaviour that the path names says."""

    def handle(self) -> None:
        self.request.settimeout(IN_TIME)
        line = self.rfile.readline().decode()
        while self.rfile.readline().strip():
            pass
        behaviour = BY_NAME[unquote(line.split(" ")[1].rpartition("/")[2])]
        try:
            for step in behaviour.sends:
                self._wait(step) if isinstance(step, float) else self._send(step)
            ends = time.monotonic() + IN_TIME
            while behaviour.endless and time.monotonic() < ends:
                self._send(behaviour.endless)
                self._wait(behaviour.pause)
        except OSError:
            pass  # the client is gone, as it should be

    def _send(self, data: bytes) -> None:
        self.request.sendall(data)

    def _wait(self, seconds: float) -> None:
        """Wait, but not longer than the client."""
        if seconds:
            self.request.settimeout(seconds)
            try:
                if self.request.recv(1) == b"":
                    raise ConnectionError
            except TimeoutError:
                pass
            self.request.settimeout(IN_TIME)


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with Threads(("127.0.0.1", 0), Hostile) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        for form in FORMS[: 3 if importlib.util.find_spec("aiohttp") else 2]:
            outcome(form, base_url, "gzip")  # so that nobody measures the memory of an import
        yield base_url
        server.shutdown()
        thread.join()


SETTINGS: dict[str, Any] = {
    "timeout": SILENCE,
    "total_timeout": WHOLE,
    "max_retries": 0,
    "max_response_bytes": LIMIT,
}


def outcome(form: str, base_url: str, name: str) -> object:
    """The result of a call, or its error."""
    try:
        if form == "blocking":
            with pc.Partially(KEY, base_url, **SETTINGS) as client:
                return client.customers.get(name)
        return asyncio.run(_outcome(form, base_url, name))
    except Exception as error:
        return error


async def _outcome(form: str, base_url: str, name: str) -> object:
    more: dict[str, Any] = {"transport": AiohttpTransport()} if form == "aiohttp" else {}
    async with pc.AsyncPartially(KEY, base_url, **SETTINGS, **more) as client:
        return await client.customers.get(name)


def test_the_list_is_long_enough() -> None:
    assert len(BY_NAME) == len(BEHAVIOURS) >= 90


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_a_hostile_server(base_url: str, behaviour: Behaviour, form: str) -> None:
    if form == "aiohttp":
        need_aiohttp()
    started = time.monotonic()
    tracemalloc.start()
    found = outcome(form, base_url, behaviour.name)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    seconds = time.monotonic() - started
    assert isinstance(found, behaviour.ends), repr(found)
    assert behaviour.says in str(found)
    assert seconds < IN_TIME
    assert most < MEMORY
    if isinstance(found, pc.PartiallyError):
        assert KEY not in str(found)
