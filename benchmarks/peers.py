"""The peers of the generated client that need more than one line of setup."""

from __future__ import annotations

import asyncio
import gc
import importlib
import importlib.util
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import httpx
import httpx2
from common import BenchmarkError, Cost, Measure, finished

from partially_client import AsyncPartially
from partially_client.aiohttp import AiohttpTransport
from partially_conformance.target.target import Target
from partially_spec import OPENAPI

OPENAPI_GENERATOR = "openapi-generator"

_TOGETHER = 16
"""How many calls run at the same time."""

TOGETHER = f"One of {_TOGETHER} asynchronous calls at the same time, over loopback"


def stock_command(output: Path) -> list[str]:
    """The command of openapi-python-client with its defaults, with its ruff hooks."""
    command = [sys.executable, "-m", "openapi_python_client", "generate"]
    return [*command, f"--path={OPENAPI}", f"--output-path={output}"]


def at_once(stack: ExitStack, target: Target, customer_id: str, calls: int) -> dict[str, Measure]:
    """Measure reading one customer many times at once, in one event loop for all rounds."""
    runner = stack.enter_context(asyncio.Runner())
    closing = AsyncExitStack()
    url, headers = f"{target.base_url}/customer/{customer_id}", {"Authorization": f"Bearer {target.api_key}"}

    async def opened() -> dict[str, Callable[[], Awaitable[object]]]:
        bare2 = await closing.enter_async_context(httpx2.AsyncClient(headers=headers))
        bare = await closing.enter_async_context(httpx.AsyncClient(headers=headers))
        session = await closing.enter_async_context(aiohttp.ClientSession(headers=headers))
        own, on_aiohttp = [
            await closing.enter_async_context(
                AsyncPartially(target.api_key, target.base_url, transport=transport)
            )
            for transport in (None, AiohttpTransport())
        ]

        async def by_httpx(client: Any) -> object:
            return (await client.get(url)).json()

        async def by_aiohttp() -> object:
            async with session.get(url) as response:
                return json.loads(await response.read())

        return {
            "httpx2": lambda: by_httpx(bare2),
            "httpx": lambda: by_httpx(bare),
            "aiohttp": by_aiohttp,
            "partially_client": lambda: own.customers.get(customer_id),
            "partially_client on aiohttp": lambda: on_aiohttp.customers.get(customer_id),
        }

    async def many(call: Callable[[], Awaitable[object]], each: int) -> None:
        async def one_after_another() -> None:
            for _ in range(each):
                await call()

        await asyncio.gather(*(one_after_another() for _ in range(_TOGETHER)))

    def measure(call: Callable[[], Awaitable[object]]) -> Cost:
        each = -(-calls // _TOGETHER)
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        runner.run(many(call, each))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Cost(wall / (each * _TOGETHER), cpu / (each * _TOGETHER))

    found = runner.run(opened())
    stack.callback(lambda: runner.run(closing.aclose()))
    return {name: lambda call=call: measure(call) for name, call in found.items()}


class JavaPeer:
    """The Python client of openapi-generator, generated once."""

    imported = "import openapi_generator_client"

    def __init__(self, folder: Path) -> None:
        for module in ("openapi_generator_cli", "dateutil"):
            if importlib.util.find_spec(module) is None:
                raise BenchmarkError(
                    f"{module} is not installed: pip install openapi-generator-cli python-dateutil"
                )
        output = folder / "java"
        finished(self.command(output), folder)
        (output / "openapi_generator_client").rename(folder / "openapi_generator_client")

    def command(self, output: Path) -> list[str]:
        """The command of the generator with its defaults, unvalidated: it refuses the name of the license."""
        command = [
            str(Path(sys.executable).with_name("openapi-generator-cli")),
            "generate",
            "--skip-validate-spec",
        ]
        names = "--additional-properties=packageName=openapi_generator_client"
        return [*command, "-g", "python", "-i", str(OPENAPI), "-o", str(output), names]

    def one_call(self, stack: ExitStack, target: Target, customer_id: str) -> Callable[[], object]:
        """The action that reads one customer."""
        package = importlib.import_module("openapi_generator_client")
        settings = package.Configuration(host=target.base_url, access_token=target.api_key)
        client = stack.enter_context(package.ApiClient(settings))
        api, id_ = package.CustomersApi(client), UUID(customer_id)
        return lambda: api.get_customer(id_)

    def decoding(self, page: bytes) -> Callable[[], object]:
        """The action that decodes a page to objects, as its client does: through a dict."""
        kind = importlib.import_module("openapi_generator_client").CustomerPage
        return lambda: kind.from_dict(json.loads(page))

    def first_call(self, target: Target, customer_id: str) -> str:
        """A program that creates a client and reads a customer."""
        return (
            "import uuid, openapi_generator_client as p\n"
            f"s = p.Configuration(host={target.base_url!r}, access_token={target.api_key!r})\n"
            f"with p.ApiClient(s) as c: p.CustomersApi(c).get_customer(uuid.UUID({customer_id!r}))"
        )
