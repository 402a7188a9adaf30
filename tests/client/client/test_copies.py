"""Copies and pickles of clients, pages and raw responses: they work, or one sentence says why not."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller

import partially_client as pc


def test_closing_a_copy_leaves_the_original_open(customer: dict[str, Any]) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=customer))
    with pc.Partially(KEY, "https://a.test", transport=transport) as client:
        twin = copy.copy(client)
        assert twin.customers.get("a").email == customer["email"]
        twin.close()
        assert client.customers.get("a").email == customer["email"]


@pytest.mark.parametrize("store", [copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("kind", [pc.Partially, pc.AsyncPartially])
def test_a_client_says_why_it_cannot_be_stored(kind: Any, store: Callable[[Any], Any]) -> None:
    with pytest.raises(
        TypeError, match=f"a {kind.__name__} holds connections and cannot be copied deeply"
    ) as raised:
        store(kind(KEY))
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("store", [copy.deepcopy, pickle.dumps])
def test_pages_and_raw_responses_say_so_too(call: Caller, page: Any, store: Callable[[Any], Any]) -> None:
    answer = httpx2.Response(200, json=page(1, ["a", "b"], 1))
    found = call(lambda _: answer, "list")
    with pytest.raises(TypeError, match="cannot be pickled: pickle its `data`"):
        store(found)
    assert copy.copy(found).data == found.data
    assert pickle.loads(pickle.dumps(found.data)) == found.data
    raw = call.use(lambda _: answer, lambda client: client.customers.with_raw_response.get("a"))
    with pytest.raises(TypeError, match=r"cannot be pickled: pickle what parse\(\) returns"):
        store(raw)
    assert copy.copy(raw).content == raw.content


def test_a_page_has_items_and_a_length(call: Caller, page: Any) -> None:
    found = call(lambda _: httpx2.Response(200, json=page(1, ["a", "b"], 1)), "list")
    assert (len(found), found[0].id, found[-1].id) == (2, "a", "b")
    empty = call(lambda _: httpx2.Response(200, json=page(1, [], 1)), "list")
    assert empty
    assert len(empty) == 0


def test_a_model_as_json(call: Caller, customer: dict[str, Any]) -> None:
    found = call(lambda _: httpx2.Response(200, json={**customer, "more": [1]}), "get", "a")
    assert httpx2.Response(200, content=found.to_json()).json() == {**customer, "more": [1]}


def test_none_in_a_query_leaves_it_out_and_in_a_body_is_null(
    call: Caller, customer: dict[str, Any], page: Any
) -> None:
    call(
        lambda _: httpx2.Response(200, json=page(1, ["a"], 1)),
        "list",
        q=None,
        page=None,
        extra_query={"x": None},
    )
    call(lambda _: httpx2.Response(200, json=customer), "update", "a", phone=None)
    assert call.sent == [("GET", "/v1/customer", None), ("PUT", "/v1/customer/a", {"phone": None})]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, {"x": float("-inf")}]])
def test_a_number_that_is_none_is_refused(call: Caller, value: Any) -> None:
    with pytest.raises(pc.InvalidRequestError, match="which JSON cannot express"):
        call(lambda _: httpx2.Response(200), "update", "a", extra_body={"x": value})
    assert call.requests == []


@pytest.mark.parametrize("method", ["get", "list"])
def test_what_is_too_long_is_refused_and_not_sent(call: Caller, method: str) -> None:
    options = {"id": "a" * 100_000} if method == "get" else {"q": "ü" * 20_000}
    with pytest.raises(pc.InvalidRequestError, match="at most 60000 can be sent"):
        call(lambda _: httpx2.Response(200), method, **options)
    assert (call.requests, call.pauses) == ([], [])


@pytest.mark.parametrize("auth", [("user", "password"), httpx2.BasicAuth("user", "password")])
def test_a_client_of_httpx2_with_auth_would_replace_the_key(auth: Any) -> None:
    with httpx2.Client(auth=auth) as own, pytest.raises(pc.ConfigurationError, match="auth of its own"):
        pc.Partially(KEY, http_client=own)


def test_a_socks_proxy_needs_an_extra_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "socksio", None)
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1080")
    with (
        pc.Partially(KEY, "http://a.test") as client,
        pytest.raises(pc.ConfigurationError, match=r"pip install 'httpx2\[socks\]'"),
    ):
        client.customers.get("a")
