"""`with_raw_response`: the whole answer, and the typed value on demand."""

from __future__ import annotations

import inspect
import json
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller

import partially_client as pc
from partially_client import resources


def test_a_raw_answer_has_everything_and_parses_to_the_value(faked: Caller, customer: dict[str, Any]) -> None:
    def server(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(206, json=customer, headers={"X-Request-Id": "r1"})

    raw = faked.use(server, lambda client: client.customers.with_raw_response.get("a", extra_query={"x": 1}))
    assert isinstance(raw, pc.RawResponse)
    assert raw.status_code == 206
    assert raw.headers["x-request-id"] == "r1"
    assert json.loads(raw.content) == json.loads(raw.text) == customer
    assert 0 < raw.elapsed < 60
    assert raw.retries_taken == 0
    assert (raw.request.operation, raw.request.method) == ("customers.get", "GET")
    assert raw.request.url == "https://api.test/v1/customer/a?x=1"
    assert raw.request.headers["authorization"] == "[hidden]"
    assert raw.request.headers["accept"] == "application/json"
    assert isinstance(raw.parse(), pc.Customer)
    assert raw.parse().email == customer["email"]


def test_a_raw_list_parses_to_its_page_which_goes_on(call: Caller, page: Any) -> None:
    def server(request: httpx2.Request) -> httpx2.Response:
        number = int(request.url.params.get("page", 1))
        return httpx2.Response(200, json=page(number, [str(number)], 2))

    async def asynchronous(client: Any) -> Any:
        raw = await client.customers.with_raw_response.list(q="x")
        return raw, [item.id async for item in raw.parse()]

    def blocking(client: Any) -> Any:
        raw = client.customers.with_raw_response.list(q="x")
        return raw, [item.id for item in raw.parse()]

    raw, ids = call.use(server, asynchronous if call.is_async else blocking)
    assert isinstance(raw, pc.RawResponse)
    assert ids == ["1", "2"]
    assert [path for _, path, _ in call.sent] == ["/v1/customer?q=x", "/v1/customer?q=x&page=2"]


def test_a_refusal_is_raised_and_carries_the_same(call: Caller) -> None:
    with pytest.raises(pc.NotFoundError) as raised:
        call.use(lambda _: httpx2.Response(404), lambda c: c.customers.with_raw_response.get("a"))
    assert raised.value.response.request.operation == "customers.get"
    assert raised.value.response.elapsed > 0


def test_a_wrong_body_is_at_hand_before_it_is_parsed(call: Caller) -> None:
    raw = call.use(
        lambda _: httpx2.Response(200, content=b"<html>"), lambda c: c.customers.with_raw_response.get("a")
    )
    assert raw.content == b"<html>"
    with pytest.raises(pc.ResponseValidationError) as raised:
        raw.parse()
    assert raised.value.response.content == b"<html>"


def test_retries_are_counted(faked: Caller, customer: dict[str, Any]) -> None:
    answers = iter(
        [httpx2.Response(503), httpx2.ConnectError("refused"), httpx2.Response(200, json=customer)]
    )

    def server(_: httpx2.Request) -> httpx2.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    raw = faked.use(server, lambda client: client.customers.with_raw_response.get("a"))
    assert raw.retries_taken == 2
    with pytest.raises(pc.InternalServerError) as raised:
        faked(lambda _: httpx2.Response(503), "get", "a")
    assert raised.value.response.retries_taken == 2


def test_asking_for_raw_answers_changes_nothing_else(call: Caller, customer: dict[str, Any]) -> None:
    def blocking(client: Any) -> Any:
        client.customers.with_raw_response.get("a")
        return client.customers.get("a")

    async def asynchronous(client: Any) -> Any:
        await client.customers.with_raw_response.get("a")
        return await client.customers.get("a")

    server = lambda _: httpx2.Response(200, json=customer)  # noqa: E731 - shorter than its name
    assert isinstance(call.use(server, asynchronous if call.is_async else blocking), pc.Customer)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (resources.Customers, resources.customers.CustomersWithRawResponse),
        (resources.AsyncCustomers, resources.customers.AsyncCustomersWithRawResponse),
    ],
)
def test_every_method_has_a_raw_form_with_the_same_signature(kind: Any, raw: Any) -> None:
    client = pc.Partially(KEY) if kind is resources.Customers else pc.AsyncPartially(KEY)
    raw_methods = vars(client.customers.with_raw_response)
    assert isinstance(client.customers.with_raw_response, raw)
    methods = dict(inspect.getmembers(kind(client), inspect.ismethod))
    assert raw_methods.keys() == methods.keys() - {"__init__"}
    for name, method in raw_methods.items():
        assert inspect.signature(method) == inspect.signature(methods[name])


def test_a_request_shows_no_secret_header(call: Caller, customer: dict[str, Any]) -> None:
    headers = {"X-Api-Token": "t", "Cookie": "c=1", "X-Copy": f"<{KEY}>", "X-Team": "a", "Session-Id": "s"}
    raw = call.use(
        lambda _: httpx2.Response(200, json=customer),
        lambda client: client.customers.with_raw_response.get("a", extra_headers=headers),
    )
    shown = dict(raw.request.headers)
    assert {name for name, value in shown.items() if value == "[hidden]"} == {
        "authorization",
        "x-api-token",
        "cookie",
        "x-copy",
        "session-id",
    }
    assert shown["x-team"] == "a"
    assert call.requests[0].headers["x-copy"] == f"<{KEY}>"
    assert KEY not in repr(raw) + repr(raw.request) + repr(raw.request.headers) + str(tuple(raw.request))
