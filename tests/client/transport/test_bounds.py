"""Limits of size, time and connections: their defaults, for a client, for a copy, and for one call."""

from __future__ import annotations

import asyncio
import socketserver
import threading
import time
import tracemalloc
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller, need_aiohttp
from tests.client.loopback import loopback

import partially_client as pc
from partially_client.aiohttp import AiohttpTransport

MB = 1024 * 1024


def test_the_defaults_are_finite_and_follow_the_timeout() -> None:
    client = pc.Partially(KEY)
    assert (client.total_timeout, client.max_response_bytes) == (300.0, 64 * MB)
    assert client.with_options(timeout=2).total_timeout == 20
    assert client.with_options(timeout=httpx2.Timeout(5, read=3)).total_timeout == 30
    assert client.with_options(timeout=None).total_timeout is None
    assert client.with_options(total_timeout=7).with_options(timeout=2).total_timeout == 7
    assert client.with_options(total_timeout=None).total_timeout is None
    assert client.with_options(max_response_bytes=None).max_response_bytes is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"total_timeout": 0}, "total_timeout: expected a positive number of seconds, got 0"),
        ({"total_timeout": "5"}, "total_timeout: expected seconds as a number, got str"),
        ({"timeout": 1e10}, "timeout: expected at most 2000000 seconds, or None for no limit"),
        ({"timeout": httpx2.Timeout(1e10)}, "timeout: connect: expected at most"),
        ({"pool_timeout": float("inf")}, "pool_timeout: expected a positive number of seconds, got inf"),
        ({"max_response_bytes": 0}, "max_response_bytes: expected a whole number from 1 on, got 0"),
        ({"max_response_bytes": True}, "max_response_bytes: expected a whole number"),
        ({"max_connections": 1.5}, "max_connections: expected a whole number from 1 on, got 1.5"),
    ],
)
def test_a_limit_that_is_none(settings: dict[str, Any], said: str) -> None:
    for kind in (pc.Partially, pc.AsyncPartially):
        with pytest.raises(pc.ConfigurationError) as raised:
            kind(KEY, **settings)
        assert said in str(raised.value)


def test_a_size_for_one_call(call: Caller, customer: dict[str, Any]) -> None:
    def server(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={**customer, "more": "x" * 5000})

    assert call(server, "get", "a", max_response_bytes=6000).email == customer["email"]
    with pytest.raises(pc.ResponseTooLargeError, match="larger than 5000 bytes") as raised:
        call(server, "get", "a", max_response_bytes=5000)
    assert isinstance(raised.value, pc.APIConnectionError)
    assert raised.value.response is not None
    assert raised.value.response.status_code == 200
    assert raised.value.response.content.startswith(b'{"id"')
    assert len(raised.value.response.content) <= 4096
    assert len(call.requests) == 2, "it is not repeated: the next would be as large"


def test_a_large_body_is_held_once(call: Caller, page: Any) -> None:
    size = 24 * MB
    body = b" " * size + httpx2.Response(200, json=page(1, ["a"], 1)).content

    def server(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=body, headers={"Content-Length": str(len(body))})

    call(server, "list")  # so that nobody measures an import
    tracemalloc.start()
    try:
        call(server, "list")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # On a socket the server of this test holds it once more, and memory grows by an eighth too much.
    assert most < (2.6 if call.on_aiohttp else 1.5) * size


def test_an_upload_that_is_read_slowly_ends_in_time() -> None:
    """Each part is read in time, so only the whole time can end it."""
    ended = threading.Event()

    async def use(base_url: str, form: str) -> None:
        transport = AiohttpTransport() if form == "aiohttp" else None
        options: dict[str, Any] = {"timeout": 5, "total_timeout": 0.8, "max_retries": 0}
        async with pc.AsyncPartially(KEY, base_url, transport=transport, **options) as client:
            await client.customers.create(email="a" * 30_000_000)

    class Slow(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while not ended.is_set() and self.request.recv(200_000):
                time.sleep(0.05)

    class Threads(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Threads(("127.0.0.1", 0), Slow) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        base_url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            started = time.monotonic()
            with pytest.raises(pc.APITimeoutError):
                asyncio.run(use(base_url, "asynchronous"))
            with (
                pytest.raises(pc.APITimeoutError),
                pc.Partially(KEY, base_url, timeout=5, total_timeout=0.8, max_retries=0) as client,
            ):
                client.customers.create(email="a" * 30_000_000)
            assert time.monotonic() - started < 6
        finally:
            ended.set()
            server.shutdown()
            thread.join()


def test_the_whole_time_holds_for_a_client_and_a_transport_of_the_user() -> None:
    def dripping(_: httpx2.Request) -> httpx2.Response:
        raw = b"HTTP/1.1 200 OK\r\nA: b"
        return httpx2.Response(200, extensions={"raw": raw, "stall": 1.2})

    with loopback(dripping) as server:
        for own in ({"http_client": httpx2.Client()}, {"transport": httpx2.HTTPTransport()}):
            options: dict[str, Any] = {"timeout": 5, "total_timeout": 0.3, "max_retries": 0, **own}
            started = time.monotonic()
            with pc.Partially(KEY, server.base_url, **options) as client:
                with pytest.raises(pc.APITimeoutError, match=r"longer than 0\.3 s"):
                    client.customers.get("a")
                assert time.monotonic() - started < 1
                if "http_client" in own:
                    own["http_client"].close()


@pytest.mark.parametrize("form", ["asynchronous", "aiohttp"])
def test_800_calls_at_once(form: str, customer: dict[str, Any]) -> None:
    if form == "aiohttp":
        need_aiohttp()

    def slow(_: httpx2.Request) -> httpx2.Response:
        time.sleep(0.2)
        return httpx2.Response(200, json=customer)

    async def use(base_url: str) -> list[Any]:
        transport = AiohttpTransport(limit=50) if form == "aiohttp" else None
        # Far fewer seconds than all of them take together: waiting for a connection does not count.
        async with pc.AsyncPartially(
            KEY, base_url, timeout=5, transport=transport, max_connections=50
        ) as client:
            calls = (client.customers.get("a", max_retries=0) for _ in range(800))
            return await asyncio.gather(*calls, return_exceptions=True)

    with loopback(slow) as server:
        found = asyncio.run(use(server.base_url))
    assert [one for one in found if isinstance(one, Exception)] == []
    assert server.connections == 50


def test_waiting_for_a_connection_has_a_limit_and_an_error_of_its_own(customer: dict[str, Any]) -> None:
    def slow(_: httpx2.Request) -> httpx2.Response:
        time.sleep(1)
        return httpx2.Response(200, json=customer)

    async def use(base_url: str) -> list[Any]:
        options: dict[str, Any] = {"max_connections": 1, "pool_timeout": 0.2, "max_retries": 0}
        async with pc.AsyncPartially(KEY, base_url, **options) as client:
            calls = [asyncio.ensure_future(client.customers.get("a"))]
            await asyncio.sleep(0.1)
            calls.append(asyncio.ensure_future(client.customers.get("a")))
            return await asyncio.gather(*calls, return_exceptions=True)

    with loopback(slow) as server:
        first, second = asyncio.run(use(server.base_url))
    assert first.email == customer["email"]
    assert type(second) is pc.PoolTimeoutError
    assert "raise max_connections or pool_timeout" in str(second)
    assert second.maybe_sent is False
