"""Calls over real connections, to a server that sends given bytes."""

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
    """Call a method once, with a new client and a new connection.

    Args:
        caller: Knows the package.
        side: The client to call.
        call: The method and its arguments.
        server: The server that answers.
        timeout: The timeout of the client, in seconds.
    """
    result = CallResult(side)
    operation = call.method.operation
    shown = repr(server.answer[:_SHOWN]) + ("…" if len(server.answer) > _SHOWN else "")
    request = Request(operation.method, server.url + operation.path, operation.path, purpose="client")
    then = "and keeps the connection open" if server.silent else "and closes the connection"
    result.exchanges.append(Exchange(request, None, f"the server sends {shown} {then}", 0.0))
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
    except BaseException as error:  # the user of the client would get it, whatever it is
        result.error = error
    result.seconds = time.monotonic() - begun
    return result


async def _awaited(caller: Caller, call: Call, settings: dict[str, Any]) -> Any:
    async with caller.package.asynchronous(**settings) as client:
        return await operator.attrgetter(call.method.call)(client)(**call.keywords)


@contextmanager
def _no_proxy() -> Iterator[None]:
    """Keep requests to this machine away from a proxy that the environment names."""
    before = os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = "127.0.0.1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["NO_PROXY"]
        else:
            os.environ["NO_PROXY"] = before
