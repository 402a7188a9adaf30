"""The asynchronous client on trio, and what it says where no event loop runs that it knows."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Any

import httpx2
import pytest
import trio
from tests.client.conftest import KEY, need_aiohttp
from tests.client.loopback import loopback

import partially_client as pc
from partially_client.aiohttp import AiohttpTransport
from partially_client.testing import FakePartially


def test_calls_retries_and_pages_on_trio(customer: dict[str, Any], page: Any) -> None:
    answers = iter(
        [
            httpx2.Response(503),
            httpx2.Response(200, json=customer),
            httpx2.Response(200, json=page(1, ["a", "b"], 2)),
            httpx2.Response(200, json=page(2, ["c"], 2)),
        ]
    )

    async def use(base_url: str) -> Any:
        async with pc.AsyncPartially(KEY, base_url, timeout=20) as client:
            found = await client.customers.get("a")
            return found.email, [one.id async for one in client.customers.list()]

    with loopback(lambda _: next(answers)) as server:
        started = time.monotonic()
        assert trio.run(use, server.base_url) == (customer["email"], ["a", "b", "c"])
        assert time.monotonic() - started > 0.3, "it paused before the retry"
    assert server.connections == 1


def test_limits_on_trio() -> None:
    def stalling(_: httpx2.Request) -> httpx2.Response:
        time.sleep(0.6)
        return httpx2.Response(200)

    async def use(base_url: str) -> None:
        options: dict[str, Any] = {"timeout": 20, "total_timeout": 0.2, "max_retries": 0}
        async with pc.AsyncPartially(KEY, base_url, **options) as client:
            await client.customers.get("a")

    with loopback(stalling) as server, pytest.raises(pc.APITimeoutError, match=r"longer than 0\.2 s"):
        trio.run(use, server.base_url)


def test_a_cancelled_call_on_trio() -> None:
    def stalling(_: httpx2.Request) -> httpx2.Response:
        time.sleep(0.6)
        return httpx2.Response(200)

    async def use(base_url: str) -> bool:
        async with pc.AsyncPartially(KEY, base_url) as client:
            with trio.move_on_after(0.2) as scope:
                await client.customers.get("a")
            return scope.cancelled_caught

    with loopback(stalling) as server:
        assert trio.run(use, server.base_url)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the loops end without closing the client
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_client_in_several_runs_and_loops(customer: dict[str, Any]) -> None:
    with loopback(lambda _: httpx2.Response(200, json=customer)) as server:
        client = pc.AsyncPartially(KEY, server.base_url)

        async def use() -> str:
            return (await client.customers.get("a")).email

        assert {trio.run(use), trio.run(use), asyncio.run(use()), trio.run(use)} == {customer["email"]}
        asyncio.run(client.close())
        gc.collect()
    assert server.connections == 4


def test_the_fake_on_trio() -> None:
    fake = FakePartially()
    fake.fail_next(503)

    async def use() -> str:
        async with fake.async_client() as client:
            made = await client.customers.create(email="ada@example.com", max_retries=0)
            return made.email

    async def unlucky() -> None:
        with pytest.raises(pc.InternalServerError):
            await use()

    trio.run(unlucky)
    fake.fail_next(429)

    async def again() -> str:
        async with fake.async_client() as client:
            return (await client.customers.create(email="ada@example.com")).email

    assert trio.run(again) == "ada@example.com"
    assert len(fake.pauses) == 1


def test_aiohttp_on_trio_says_at_once_that_it_cannot() -> None:
    need_aiohttp()

    async def use() -> None:
        async with pc.AsyncPartially(KEY, "http://127.0.0.1:9", transport=AiohttpTransport()) as client:
            await client.customers.get("a")

    with pytest.raises(pc.ConfigurationError, match="AiohttpTransport needs asyncio: with trio, leave out"):
        trio.run(use)


def test_without_an_event_loop_it_says_so() -> None:
    client = pc.AsyncPartially(KEY, "http://127.0.0.1:9")
    call = client.customers.get("a")
    with pytest.raises(pc.ConfigurationError, match="needs asyncio or trio"):
        call.send(None)
