"""What a type checker knows of the client: mypy --strict accepts a program, all but the mistakes in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

import partially_client as pc
from partially_client import resources

PROGRAM = """
import asyncio
from collections.abc import Mapping
from typing import assert_type

import httpx2
from partially_client import AsyncPartially, Customer, Message, Partially, RawResponse, RequestInfo, Response
from partially_client.aiohttp import AiohttpTransport
from partially_client.resources import AsyncCustomersListPage, CustomersListPage
from partially_client.testing import FakePartially, SeenRequest


def trace(request: RequestInfo) -> Mapping[str, str] | None:
    return {"traceparent": request.operation}


async def trace_later(request: RequestInfo) -> None: ...


def watch(response: Response) -> None: ...


def blocking(client: Partially) -> None:
    assert_type(client.customers.get("a"), Customer)
    assert_type(client.customers.list(), CustomersListPage)
    raw = client.customers.with_raw_response
    assert_type(raw.get("a", timeout=httpx2.Timeout(3), max_retries=0), RawResponse[Customer])
    assert_type(raw.get("a").parse(), Customer)
    assert_type(raw.list(q="x").parse(), CustomersListPage)
    assert_type(raw.gdpr_remove("a").parse(), Message)
    assert_type(client.with_options(api_key="k", on_request=trace, on_response=None), Partially)
    raw.get()  # wanted: id
    raw.get("a", x=1)  # wanted: no x
    raw.create(email=None)  # wanted: a text
    raw.get("a").email  # wanted: parse() first


async def asynchronous(client: AsyncPartially) -> None:
    assert_type(await client.customers.get("a"), Customer)
    assert_type(await client.customers.list(), AsyncCustomersListPage)
    raw = client.customers.with_raw_response
    assert_type(await raw.get("a"), RawResponse[Customer])
    assert_type(await raw.list(), RawResponse[AsyncCustomersListPage])
    assert_type([item async for item in (await raw.list()).parse()], list[Customer])
    assert_type(client.with_options(on_request=trace_later), AsyncPartially)
    await raw.get(7)  # wanted: a text


def faked(fake: FakePartially) -> None:
    assert_type(fake.add(Customer, email="a@b.co"), Customer)
    assert_type(fake.all(Customer), list[Customer])
    assert_type(fake.client(), Partially)
    assert_type(fake.async_client(), AsyncPartially)
    assert_type(fake.requests, list[SeenRequest])
    Partially("k", transport=fake.transport)
    AsyncPartially("k", transport=fake.transport)
    fake.on("customers.get", lambda request: (409, {"message": request.path}))
    fake.on("customers.get", lambda request: 409)  # wanted: a status and a body
    fake.fail_next("503")  # wanted: a number


fake = httpx2.MockTransport(lambda _: httpx2.Response(200))
Partially("k", on_request=trace, on_response=watch, transport=fake)
AsyncPartially("k", on_request=trace, on_response=watch)
AsyncPartially("k", on_request=trace_later)
AsyncPartially("k", transport=AiohttpTransport(limit=5))
Partially("k", transport=AiohttpTransport())  # wanted: a blocking one
Partially("k", on_request=trace_later)  # wanted: a plain function
"""


def test_a_type_checker_knows_what_comes_back(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        f"--cache-dir={tmp_path}",
        "program.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    refused = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    wanted = {number for number, line in enumerate(PROGRAM.splitlines(), 1) if "# wanted:" in line}
    assert refused == wanted, done.stdout + done.stderr


@pytest.mark.parametrize("kind", [resources.Customers, resources.AsyncCustomers])
def test_tools_that_read_annotations_at_run_time_can(kind: type) -> None:
    for name in ("create", "get", "list"):
        hints = get_type_hints(getattr(kind, name))
        assert "return" in hints
    assert get_type_hints(resources.Customers.get)["return"] is pc.Customer
