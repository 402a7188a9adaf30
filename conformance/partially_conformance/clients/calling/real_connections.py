"""Calls over real connections, to a server that sends what it is told to."""

from __future__ import annotations

import asyncio
import operator
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from partially_conformance.clients.calling.caller import KEY, Call, Caller, CallResult, Side
from partially_conformance.clients.calling.raw_server import RawServer
from partially_conformance.traffic.exchange import Exchange, Request

_SHOWN = 200  # bytes of an answer that a story shows


def call_over_connection(
    caller: Caller, side: Side, call: Call, server: RawServer, *, timeout: float
) -> CallResult:
    """Call a method once, over a connection of its own.

    Args:
        timeout: Seconds that the client is told to wait at most for the next piece of an answer.
    """
    result = CallResult(side)
    operation = call.method.operation
    shown = repr(server.answer[:_SHOWN]) + ("…" if len(server.answer) > _SHOWN else "")
    told = Request(operation.method, server.url + operation.path, operation.path, purpose="client")
    then = "and falls silent" if server.silent else "and closes the connection"
    result.exchanges.append(Exchange(told, None, f"the server sends {shown} {then}", 0.0))
    caller.recorder.add(result.exchanges[0])
    settings = {"api_key": KEY, "base_url": server.url, "timeout": timeout, "max_retries": 0}
    begun = time.monotonic()
    try:
        with _no_proxy():
            if side is Side.BLOCKING:
                with caller.package.blocking(**settings) as client:
                    result.value = operator.attrgetter(call.method.call)(client)(**call.keywords)
            else:
                result.value = asyncio.run(_awaited(caller, call, settings))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # whatever it is, the caller would get it
        result.error = error
    result.seconds = time.monotonic() - begun
    return result


async def _awaited(caller: Caller, call: Call, settings: dict[str, Any]) -> Any:
    async with caller.package.asynchronous(**settings) as client:
        return await operator.attrgetter(call.method.call)(client)(**call.keywords)


@contextmanager
def _no_proxy() -> Iterator[None]:
    """Keep a proxy that the environment names out of what stays on this machine."""
    before = os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = "127.0.0.1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["NO_PROXY"]
        else:
            os.environ["NO_PROXY"] = before
