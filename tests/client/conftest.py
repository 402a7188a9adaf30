"""A client over a server in memory, in both its forms."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.client.loopback import loopback

from partially_client import AsyncPartially, Partially
from partially_client.aiohttp import AiohttpTransport

Server = Callable[[httpx2.Request], httpx2.Response]
KEY = "sk_live_0123456789"


class Caller:
    """Calls a method of either client in the same way, and records what it sends and how long it sleeps.

    On aiohttp the server stands on a real socket; the base address is another one then.
    """

    def __init__(self, is_async: bool, on_aiohttp: bool = False) -> None:
        self.is_async = is_async
        self.on_aiohttp = on_aiohttp
        self.requests: list[httpx2.Request] = []
        self.pauses: list[float] = []

    def __call__(self, server: Server, method: str, *arguments: Any, **options: Any) -> Any:
        """The result of `client.customers.<method>(...)`; a page of the async list is awaited."""
        return self.use(server, lambda client: getattr(client.customers, method)(*arguments, **options))

    def use(self, server: Server, action: Callable[[Any], Any], **settings: Any) -> Any:
        def recorded(request: httpx2.Request) -> httpx2.Response:
            self.requests.append(request)
            return server(request)

        if self.on_aiohttp:
            with loopback(recorded) as real:
                settings = {"api_key": KEY, "base_url": real.base_url, **settings}
                return asyncio.run(
                    self._use(AsyncPartially(transport=AiohttpTransport(), **settings), action)
                )
        transport = httpx2.MockTransport(recorded)
        settings = {"api_key": KEY, "base_url": "https://api.test/v1", **settings}
        if self.is_async:
            return asyncio.run(self._use(AsyncPartially(transport=transport, **settings), action))
        with Partially(transport=transport, **settings) as client:
            client._sleep = self.pauses.append
            return action(client)

    async def _use(self, client: AsyncPartially, action: Callable[[Any], Any]) -> Any:
        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        async with client:
            client._sleep = sleep  # type: ignore[assignment]  # any awaitable does
            return await action(client)

    def walk(self, server: Server, **options: Any) -> list[Any]:
        """All items of the list."""
        if not self.is_async:
            return list(self.use(server, lambda client: list(client.customers.list(**options))))

        async def collect(client: Any) -> list[Any]:
            return [item async for item in client.customers.list(**options)]

        found: list[Any] = self.use(server, collect)
        return found

    @property
    def sent(self) -> list[tuple[str, str, Any]]:
        """Method, path with query, and body of every request."""
        return [
            (r.method, r.url.raw_path.decode(), json.loads(r.content) if r.content else None)
            for r in self.requests
        ]


def need_aiohttp() -> None:
    """Skip a test where aiohttp is not installed. It is an extra, but under tox it has to be there."""
    if importlib.util.find_spec("aiohttp") is None:
        assert "TOX_ENV_NAME" not in os.environ, "the group `tests` installs aiohttp"
        pytest.skip("aiohttp is not installed: pip install -c constraints.txt aiohttp")


FORMS = {"blocking": (False, False), "asynchronous": (True, False), "aiohttp": (True, True)}


@pytest.fixture(params=["blocking", "asynchronous"])
def faked(request: pytest.FixtureRequest) -> Caller:
    """Over a server in memory: for what no real one can be made to do, or not so often."""
    return Caller(*FORMS[request.param])


@pytest.fixture(params=FORMS)
def call(request: pytest.FixtureRequest) -> Caller:
    """Both forms over a server in memory, and the asynchronous one on aiohttp over a real one."""
    if request.param == "aiohttp":
        need_aiohttp()
    return Caller(*FORMS[request.param])


@pytest.fixture
def customer() -> dict[str, Any]:
    """A customer as the API sends one."""
    return {
        "id": "53479e98-27a9-49e2-856c-bf47d0796ffc",
        "email": "testing@aol.com",
        "first_name": "John",
        "last_name": "Doe",
        "phone": None,
        "timezone": "America/New_York",
        "shipto_name": None,
        "shipto_address": None,
        "shipto_address2": None,
        "shipto_city": None,
        "shipto_state": None,
        "shipto_country": "US",
        "shipto_postal_code": None,
        "inserted_at": "2018-11-27T20:10:19.437168",
    }


@pytest.fixture
def page(customer: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """A page that holds customers with the given ids."""

    def build(number: int, ids: list[str], total_pages: int = 3, **more: Any) -> dict[str, Any]:
        envelope = {"page_number": number, "page_size": 2, "total_entries": 2 * total_pages}
        customers = [{**customer, "id": id_} for id_ in ids]
        return {**envelope, "total_pages": total_pages, "customers": customers, **more}

    return build
