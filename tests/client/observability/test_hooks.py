"""Functions of the user that are called with every request and every response."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller

import partially_client as pc


class Watch:
    """Two hooks that keep what they are called with."""

    def __init__(self, added: dict[str, str] | None = None) -> None:
        self.added = added
        self.requests: list[pc.RequestInfo] = []
        self.responses: list[pc.Response] = []

    def on_request(self, request: pc.RequestInfo) -> dict[str, str] | None:
        self.requests.append(request)
        return self.added

    def on_response(self, response: pc.Response) -> None:
        self.responses.append(response)

    async def on_request_later(self, request: pc.RequestInfo) -> dict[str, str] | None:
        return self.on_request(request)

    async def on_response_later(self, response: pc.Response) -> None:
        self.on_response(response)

    def hooks(self, later: bool) -> dict[str, Callable[..., Any]]:
        if later:
            return {"on_request": self.on_request_later, "on_response": self.on_response_later}
        return {"on_request": self.on_request, "on_response": self.on_response}


@pytest.mark.parametrize(
    ("is_async", "later"),
    [(False, False), (True, False), (True, True)],
    ids=["blocking", "plain", "coroutine"],
)
def test_hooks_see_every_try(customer: dict[str, Any], is_async: bool, later: bool) -> None:
    call = Caller(is_async)
    answers = iter([httpx2.Response(503), httpx2.Response(200, json=customer)])
    watch = Watch()
    call.use(lambda _: next(answers), lambda client: client.customers.get("a"), **watch.hooks(later))
    assert [request.retries_taken for request in watch.requests] == [0, 1]
    assert [response.status_code for response in watch.responses] == [503, 200]
    assert [response.request for response in watch.responses] == watch.requests
    assert all(response.elapsed > 0 for response in watch.responses)
    assert watch.requests[0].operation == "customers.get"
    assert watch.requests[0].headers["authorization"] == "[hidden]"


def test_a_coroutine_function_is_no_hook_of_the_blocking_client(customer: dict[str, Any]) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=customer))
    for name, hook in Watch().hooks(later=True).items():
        client = pc.Partially(KEY, transport=transport, **{name: hook})
        with pytest.raises(pc.ConfigurationError, match="coroutine function"):
            client.customers.get("a")


def test_headers_that_a_hook_returns_are_sent_with_that_try(call: Caller, customer: dict[str, Any]) -> None:
    answers = iter([httpx2.Response(503), httpx2.Response(200, json=customer)])
    call.use(
        lambda _: next(answers),
        lambda client: client.customers.get("a"),
        on_request=lambda request: {"traceparent": f"00-{request.retries_taken}"},
    )
    assert [request.headers["traceparent"] for request in call.requests] == ["00-0", "00-1"]


def test_a_header_of_a_hook_that_cannot_be_sent_is_refused(call: Caller) -> None:
    with pytest.raises(pc.InvalidRequestError, match="on_request: header 'X-A'"):
        call.use(
            lambda _: httpx2.Response(200),
            lambda client: client.customers.get("a"),
            on_request=lambda _: {"X-A": "b\r\nc"},
        )
    assert call.requests == []


def test_what_a_hook_raises_leaves_the_call(call: Caller) -> None:
    def stop(_: pc.RequestInfo) -> None:
        raise LookupError("no budget left")

    with pytest.raises(LookupError, match="no budget"):
        call.use(lambda _: httpx2.Response(200), lambda client: client.customers.get("a"), on_request=stop)
    assert call.requests == []


def test_a_copy_has_hooks_of_its_own(call: Caller, customer: dict[str, Any]) -> None:
    first, second = Watch(), Watch()

    def blocking(client: Any) -> None:
        client.with_options(on_request=second.on_request).customers.get("a")
        client.with_options(on_request=None, on_response=None).customers.get("a")
        client.customers.get("a")

    async def asynchronous(client: Any) -> None:
        await client.with_options(on_request=second.on_request).customers.get("a")
        await client.with_options(on_request=None, on_response=None).customers.get("a")
        await client.customers.get("a")

    server = lambda _: httpx2.Response(200, json=customer)  # noqa: E731 - shorter than its name
    call.use(server, asynchronous if call.is_async else blocking, **first.hooks(later=False))
    assert (len(second.requests), len(second.responses)) == (1, 0)
    assert (len(first.requests), len(first.responses)) == (1, 2)
