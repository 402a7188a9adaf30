"""Settings of a copy and of one call: what they change, and what they leave alone."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller

import partially_client as pc


def unavailable(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(503)


def get_of(client: Any, call: Caller, *arguments: Any, **options: Any) -> Any:
    """Call `get` on the client and swallow its refusal, in either form."""

    def blocking() -> None:
        with pytest.raises(pc.APIError):
            client.customers.get(*arguments, **options)

    async def asynchronous() -> None:
        with pytest.raises(pc.APIError):
            await client.customers.get(*arguments, **options)

    return asynchronous() if call.is_async else blocking()


def test_a_copy_has_another_key_and_address(faked: Caller) -> None:
    def copy_of(client: Any) -> Any:
        return client.with_options(api_key="other", base_url="http://127.0.0.1:9/v2/", max_retries=0)

    faked.use(unavailable, lambda client: get_of(copy_of(client), faked, "a"))
    faked.use(unavailable, lambda client: get_of(client, faked, "a"), max_retries=0)
    assert [(str(r.url), r.headers["authorization"]) for r in faked.requests] == [
        ("http://127.0.0.1:9/v2/customer/a", "Bearer other"),
        ("https://api.test/v1/customer/a", f"Bearer {KEY}"),
    ]


def test_headers_add_up_and_the_latest_wins_in_any_case(call: Caller) -> None:
    def act(client: Any) -> Any:
        copy = client.with_options(extra_headers={"x-a": "2", "X-B": "2"}, max_retries=0)
        return get_of(copy, call, "a", extra_headers={"X-b": "3"})

    call.use(unavailable, act, extra_headers={"X-A": "1", "X-C": "1"})
    sent = call.requests[0].headers
    assert [sent.get_list(name) for name in ("x-a", "x-b", "x-c")] == [["2"], ["3"], ["1"]]


def test_a_header_of_the_user_stands_in_the_place_of_ours(call: Caller) -> None:
    own = {
        "authorization": "Basic abc",
        "user-agent": "shop/1",
        "content-type": "application/merge-patch+json",
    }
    with pytest.raises(pc.APIError):
        call.use(
            lambda _: httpx2.Response(400), lambda c: c.customers.update("a", phone="1"), extra_headers=own
        )
    assert {name: call.requests[0].headers.get_list(name) for name in own} == {
        name: [value] for name, value in own.items()
    }


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_retries_of_one_call(call: Caller, retries: int) -> None:
    call.use(unavailable, lambda client: get_of(client, call, "a", max_retries=retries))
    assert len(call.requests) == retries + 1


def test_more_fields_of_one_body(call: Caller, customer: dict[str, Any]) -> None:
    server = lambda _: httpx2.Response(200, json=customer)  # noqa: E731 - shorter than its name
    call(server, "update", "a", phone="1", extra_body={"tags": ["x"], "phone": "2"})
    call(server, "create", email="a@b.co", extra_body={"vip": True})
    assert [body for _, _, body in call.sent] == [
        {"phone": "2", "tags": ["x"]},
        {"email": "a@b.co", "vip": True},
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_retries": -1}, "max_retries: expected a whole number"),
        ({"max_retries": True}, "max_retries: expected a whole number"),
        ({"timeout": 0}, "timeout: expected a positive number"),
        ({"extra_headers": {"Content-Length": "1"}}, "only the client can set it"),
        ({"extra_query": {"x": float("nan")}}, "x is nan"),
        ({"extra_query": {"x": object()}}, "x is a object"),
    ],
)
def test_an_option_of_one_call_that_is_none(faked: Caller, options: dict[str, Any], said: str) -> None:
    with pytest.raises(pc.InvalidRequestError) as raised:
        faked(unavailable, "get", "a", **options)
    assert said in str(raised.value)
    assert faked.requests == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"api_key": ""}, "No API key"),
        ({"api_key": None}, "No API key"),
        ({"base_url": "x"}, "base_url: expected an address"),
        ({"max_retries": 1.5}, "max_retries"),
        ({"timeout": -1}, "timeout"),
        ({"extra_headers": {"a b": "c"}}, "not a valid header name"),
        ({"on_response": 7}, "on_response: expected a function, got int"),
    ],
)
def test_a_copy_that_cannot_be(options: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARTIALLY_API_KEY", raising=False)
    client = pc.Partially(KEY)
    with pytest.raises(pc.ConfigurationError) as raised:
        client.with_options(**options)
    assert said in str(raised.value)


def test_an_empty_setting_does_not_fall_back_on_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTIALLY_API_KEY", "of-somebody-else")
    monkeypatch.setenv("PARTIALLY_BASE_URL", "https://elsewhere.test")
    with pytest.raises(pc.ConfigurationError, match="No API key"):
        pc.Partially("")
    with pytest.raises(pc.ConfigurationError, match="base_url: expected an address"):
        pc.Partially(KEY, "")
