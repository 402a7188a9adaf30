"""Clients are called without waiting, and one that does not end is ended."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from partially_conformance.clients.calling.answers import Answer, AnswerSequence, ConnectionFault, json_answer
from partially_conformance.clients.calling.caller import Call, Caller, Side
from partially_conformance.clients.calling.checked_client import Client
from partially_conformance.clients.calling.clock import Clock, SkippingLoop, skipped_sleep
from partially_conformance.clients.calling.package import load_client
from partially_conformance.traffic.recorder import Recorder

PACKAGE = load_client()


@pytest.fixture
def client() -> Iterator[Client]:
    with Caller(PACKAGE, Recorder()) as caller:
        yield Client(caller)


def call_of(client: Client, name: str) -> Call:
    return client.call(next(method for method in client.methods if method.call == name))


@pytest.mark.parametrize("side", Side)
def test_a_pause_is_noted_and_not_waited_for(client: Client, side: Side) -> None:
    call = call_of(client, "customers.get")
    busy = json_answer(429, {"message": "later"}, {"Retry-After": "50"})
    begun = time.monotonic()
    result = client.caller.call(side, call, AnswerSequence([busy, client.success(call.method.operation)]))
    assert time.monotonic() - begun < 20
    assert result.error is None
    assert [len(result.sent), result.at[0], round(result.at[1])] == [2, 0, 50]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("fault", ConnectionFault)
def test_a_fault_reaches_the_client(client: Client, side: Side, fault: ConnectionFault) -> None:
    call = call_of(client, "customers.create")
    result = client.caller.call(side, call, AnswerSequence([Answer(200, (), b"{}", fault, 1)]))
    assert isinstance(result.error, PACKAGE.error)
    assert getattr(result.error, "maybe_sent", None) is not fault.surely_unsent
    assert len(result.sent) == (1 if not fault.surely_unsent else 3)


class Restless:
    """A client whose every method sends for ever, or sleeps for ever."""

    def __init__(self, client: Any, side: Side, sleeps: bool) -> None:
        self._client, self._side, self._sleeps = client, side, sleeps
        self.customers = self

    def get(self, **arguments: Any) -> Any:
        return self._get(arguments) if self._side is Side.BLOCKING else self._get_later(arguments)

    def _get(self, arguments: dict[str, Any]) -> None:
        while True:
            if self._sleeps:
                time.sleep(1e9)
            self._client.customers.get(**arguments)

    async def _get_later(self, arguments: dict[str, Any]) -> None:
        while True:
            if self._sleeps:
                await asyncio.sleep(1e9)
            await self._client.customers.get(**arguments)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("sleeps", [False, True])
def test_a_call_without_an_end_is_ended(client: Client, side: Side, sleeps: bool) -> None:
    call = call_of(client, "customers.get")
    script = AnswerSequence([client.success(call.method.operation)])
    restless = Restless(client.caller.client(side), side, sleeps)
    result = client.caller.call(side, call, script, client=restless)
    assert result.endless
    following = client.caller.call(side, call, script)
    assert (following.endless, following.error, len(following.sent)) == (False, None, 1)


def test_only_this_thread_and_this_loop_skip_time() -> None:
    clock = Clock()
    with skipped_sleep(clock):
        time.sleep(100)
        other = threading.Thread(target=time.sleep, args=(0.01,))
        other.start()
        other.join()
    assert clock.slept == 100
    loop = SkippingLoop(clock)
    try:
        before = loop.time()
        loop.run_until_complete(asyncio.sleep(50))
        assert 50 <= loop.time() - before < 70
    finally:
        loop.close()
    assert 149 < clock.slept <= 150


def test_arguments_are_passed_in_the_types_that_the_method_asks_for(client: Client) -> None:
    call = call_of(client, "customers.create")
    assert call.keywords == {"email": "testing@aol.com"}
