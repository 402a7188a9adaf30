"""Connections: kept, shared by threads, never by processes or event loops, closed once, through a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, need_aiohttp
from tests.client.loopback import Server, loopback

import partially_client as pc
from partially_client.aiohttp import AiohttpTransport


@pytest.fixture
def by_path(customer: dict[str, Any]) -> Server:
    """A server whose customers have the id that was asked for."""
    return lambda request: httpx2.Response(200, json={**customer, "id": request.url.path.split("/")[-1]})


def test_connections_are_kept_and_shared_with_copies(by_path: Server) -> None:
    with loopback(by_path) as server, pc.Partially(KEY, server.base_url) as client:
        for _ in range(3):
            client.customers.get("a")
            client.with_options(timeout=3).customers.get("b")
    assert server.connections == 1
    assert len(server.peers) == 6


def test_asynchronous_connections_are_kept_and_used_at_the_same_time(by_path: Server) -> None:
    async def use(base_url: str) -> list[str]:
        async with pc.AsyncPartially(KEY, base_url) as client:
            found = await asyncio.gather(*(client.customers.get(str(n)) for n in range(20)))
            found += await asyncio.gather(*(client.customers.get(str(n)) for n in range(20, 30)))
        return [customer.id for customer in found]

    with loopback(by_path) as server:
        assert asyncio.run(use(server.base_url)) == [str(n) for n in range(30)]
    assert server.connections <= 20


def test_threads_share_one_client(by_path: Server) -> None:
    barrier = threading.Barrier(8)

    def work(name: int) -> list[str]:
        barrier.wait()  # the first calls come at the same time: none may open a pool of its own
        return [client.customers.get(f"{name}-{n}").id for n in range(25)]

    with (
        loopback(by_path) as server,
        pc.Partially(KEY, server.base_url) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        found = list(threads.map(work, range(8)))
    assert found == [[f"{name}-{n}" for n in range(25)] for name in range(8)]
    assert server.connections <= 8


FORK = """
import os, sys, asyncio
import httpx2
import partially_client as pc
from partially_client.aiohttp import AiohttpTransport

def get(client, name):
    call = client.customers.get(name)
    return (asyncio.run(call) if asyncio.iscoroutine(call) else call).id

client = {client}
print("before", get(client, "before"), flush=True)
child = os.fork()
if child == 0:
    try:
        print("child", get(client, "child"), flush=True)
    except pc.PartiallyError as error:
        print("child", type(error).__name__, error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print("after", get(client, "after"), flush=True)
"""


def forked(client: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK.format(client=client)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("kind", ["Partially", "AsyncPartially", "aiohttp"])
def test_a_child_never_uses_the_connection_of_its_parent(by_path: Server, kind: str) -> None:
    if kind == "aiohttp":
        need_aiohttp()
    with loopback(by_path) as server:
        name, more = (kind, "") if kind != "aiohttp" else ("AsyncPartially", ", transport=AiohttpTransport()")
        told = forked(f"pc.{name}('key', {server.base_url!r}{more})")
    assert told == ["before before", "child child", "after after"]
    parent, child, later = server.peers
    assert child != parent
    if kind == "Partially":
        assert later == parent, "the child closed the connection of its parent, or wrote into it"


def test_what_was_lent_and_used_cannot_be_used_in_a_child(by_path: Server) -> None:
    with loopback(by_path) as server:
        told = forked(f"pc.Partially('key', {server.base_url!r}, http_client=httpx2.Client())")
    assert told[0] == "before before"
    assert told[1].startswith("child ConfigurationError The http_client or transport was used before a fork")
    assert told[2] == "after after"


@pytest.mark.parametrize("on_aiohttp", [False, True])
def test_an_asynchronous_client_works_in_one_event_loop_after_another(
    by_path: Server, on_aiohttp: bool
) -> None:
    if on_aiohttp:
        need_aiohttp()
    with loopback(by_path) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the first loop was closed over its connections
        client = pc.AsyncPartially(KEY, server.base_url, transport=AiohttpTransport() if on_aiohttp else None)
        assert [asyncio.run(one(client, name)) for name in "ab"] == ["a", "b"]
        asyncio.run(client.close())
        del client
        gc.collect()
    assert server.connections == 2


async def one(client: pc.AsyncPartially, name: str) -> str:
    return (await client.customers.get(name)).id


@pytest.mark.parametrize("used", [False, True])
def test_use_after_close_is_a_typed_error(by_path: Server, used: bool) -> None:
    async def use(client: pc.AsyncPartially) -> None:
        if used:
            await client.customers.get("a")
        copy = client.with_options(timeout=1)
        await copy.close()  # does nothing: the connections belong to the original
        await client.close()
        await client.close()
        for closed in (client, copy):
            with pytest.raises(pc.ConfigurationError, match="closed"):
                await closed.customers.get("a")

    with loopback(by_path) as server:
        client = pc.Partially(KEY, server.base_url)
        if used:
            client.customers.get("a")
        copy = client.with_options(timeout=1)
        copy.close()
        client.customers.get("a")
        client.close()
        client.close()
        for closed in (client, copy):
            with pytest.raises(pc.ConfigurationError, match="closed"):
                closed.customers.get("a")
        asyncio.run(use(pc.AsyncPartially(KEY, server.base_url)))


@pytest.mark.parametrize("used", [False, True])
def test_use_after_close_is_one_on_aiohttp_too(by_path: Server, used: bool) -> None:
    need_aiohttp()

    async def use(base_url: str) -> None:
        client = pc.AsyncPartially(KEY, base_url, transport=AiohttpTransport())
        if used:
            await client.customers.get("a")
        await client.close()
        await client.close()
        with pytest.raises(pc.ConfigurationError, match="closed"):
            await client.customers.get("a")

    with loopback(by_path) as server:
        asyncio.run(use(server.base_url))


def test_nothing_is_opened_before_the_first_call() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pc.Partially(KEY, "http://127.0.0.1:1")
        pc.AsyncPartially(KEY, "http://127.0.0.1:1")  # outside of any event loop
        gc.collect()


def test_a_given_transport_is_closed_with_the_client() -> None:
    closed = []

    class Transport(httpx2.MockTransport):
        def close(self) -> None:
            closed.append("blocking")

        async def aclose(self) -> None:
            closed.append("asynchronous")

    transport = Transport(lambda _: httpx2.Response(404))
    pc.Partially(KEY, transport=transport).close()
    asyncio.run(pc.AsyncPartially(KEY, transport=transport).close())
    assert closed == ["blocking", "asynchronous"]


@pytest.mark.parametrize("form", ["blocking", "asynchronous", "aiohttp"])
@pytest.mark.parametrize(("bypass", "through"), [("", True), ("api.test", False), ("*", False)])
def test_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, customer: dict[str, Any], form: str, bypass: str, through: bool
) -> None:
    if form == "aiohttp":
        need_aiohttp()
    seen: list[str] = []

    def proxy(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.path)
        return httpx2.Response(200, json=customer)

    with loopback(proxy) as server:
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "HTTP_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", server.base_url.removesuffix("/v1"))
        monkeypatch.setenv("NO_PROXY", bypass)
        settings: dict[str, Any] = {"api_key": KEY, "base_url": "http://api.test:1/v1", "max_retries": 0}
        # Without the proxy it fails: there is no such host.
        with contextlib.nullcontext() if through else pytest.raises(pc.APIConnectionError):
            if form != "blocking":
                transport = AiohttpTransport() if form == "aiohttp" else None
                asyncio.run(one_closed(pc.AsyncPartially(**settings, transport=transport)))
            else:
                with pc.Partially(**settings) as client:
                    client.customers.get("a")
    assert len(server.peers) == (1 if through else 0)


async def one_closed(client: pc.AsyncPartially) -> None:
    async with client:
        await client.customers.get("a")


def called_once(form: str) -> None:
    """Read a customer over TLS from a host that is none."""
    settings: dict[str, Any] = {"api_key": KEY, "base_url": "https://api.test", "max_retries": 0}
    if form == "blocking":
        with pc.Partially(**settings) as client:
            client.customers.get("a")
    else:
        transport = AiohttpTransport() if form == "aiohttp" else None
        asyncio.run(one_closed(pc.AsyncPartially(**settings, transport=transport)))


@pytest.mark.parametrize("form", ["blocking", "asynchronous", "aiohttp"])
@pytest.mark.parametrize("proxy", ["http://x:port", "gopher://x", "http://a..b:1"])
def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str, form: str) -> None:
    if form == "aiohttp":
        need_aiohttp()
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(pc.PartiallyError) as raised:
        called_once(form)
    if "a..b" not in proxy:  # some resolvers know that there is no such host, others that it cannot be
        assert isinstance(raised.value, pc.ConfigurationError)
        assert "proxy" in str(raised.value)
    assert getattr(raised.value, "maybe_sent", False) is False


@pytest.mark.parametrize("form", ["blocking", "asynchronous", "aiohttp"])
def test_the_password_of_a_proxy_is_in_no_error(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    if form == "aiohttp":
        need_aiohttp()
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    for address in ("127.0.0.1:1", "x:port"):
        monkeypatch.setenv("https_proxy", f"http://user:swordfish@{address}")
        with pytest.raises(pc.PartiallyError) as raised:
            called_once(form)
        assert "swordfish" not in str(raised.value)
        assert getattr(raised.value, "maybe_sent", False) is False


@pytest.mark.parametrize("form", ["blocking", "asynchronous"])
def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    with pytest.raises(pc.ConfigurationError, match="certificates in the environment"):
        called_once(form)


def test_a_call_that_is_cancelled_leaves_its_answer_to_nobody(by_path: Server) -> None:
    def slow(request: httpx2.Request) -> httpx2.Response:
        time.sleep(2 if request.url.path.endswith("slow") else 0)
        return by_path(request)

    async def use(client: pc.AsyncPartially) -> list[str]:
        async with client:
            await client.customers.get("first")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.customers.get("slow"), 0.3)
            return [(await client.customers.get(name)).id for name in ("a", "b")]

    transports: list[Any] = [None]
    if importlib.util.find_spec("aiohttp") is not None:
        transports.append(AiohttpTransport())
    with loopback(slow) as server:
        for transport in transports:
            client = pc.AsyncPartially(KEY, server.base_url, transport=transport)
            assert asyncio.run(use(client)) == ["a", "b"]
