"""What is sent: exactly what the caller said."""

from __future__ import annotations

import uuid
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller

from partially_client import UNSET, Customer, InvalidRequestError, Message

ID = "53479e98-27a9-49e2-856c-bf47d0796ffc"


@pytest.mark.parametrize(
    ("method", "arguments", "options", "request_"),
    [
        ("list", (), {}, ("GET", "/v1/customer", None)),
        ("list", (), {"q": "a+b & ü@c.co"}, ("GET", "/v1/customer?q=a%2Bb%20%26%20%C3%BC%40c.co", None)),
        ("list", (), {"page": 2, "per_page": 50}, ("GET", "/v1/customer?page=2&per_page=50", None)),
        ("get", (ID,), {}, ("GET", f"/v1/customer/{ID}", None)),
        ("get", (uuid.UUID(ID),), {}, ("GET", f"/v1/customer/{ID}", None)),
        (
            "create",
            (),
            {"email": "testing@aol.com", "first_name": "John", "last_name": "Doe"},
            ("POST", "/v1/customer", {"email": "testing@aol.com", "first_name": "John", "last_name": "Doe"}),
        ),
        (
            "update",
            (ID,),
            {"phone": "+12125551212"},
            ("PUT", f"/v1/customer/{ID}", {"phone": "+12125551212"}),
        ),
        ("update", (ID,), {"phone": None}, ("PUT", f"/v1/customer/{ID}", {"phone": None})),
        ("update", (ID,), {"phone": UNSET}, ("PUT", f"/v1/customer/{ID}", {})),
        ("gdpr_remove", (ID,), {}, ("PUT", f"/v1/customer/gdpr_remove/{ID}", None)),
        (
            "login_password",
            (),
            {"email": "aaa@y.co", "password": "test"},
            ("POST", "/v1/customer/login_password", {"email": "aaa@y.co", "password": "test"}),
        ),
        (
            "login_email",
            (),
            {"email": "aaa@y.co"},
            ("POST", "/v1/customer/login_email", {"email": "aaa@y.co"}),
        ),
        ("login_token", (), {"token": "N5E9gL"}, ("POST", "/v1/customer/login_token", {"token": "N5E9gL"})),
    ],
)
def test_the_documented_request(
    call: Caller,
    method: str,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    request_: tuple[str, str, Any],
    customer: dict[str, Any],
    page: Any,
) -> None:
    body = page(1, ["a"], 1) if method == "list" else customer
    if method in {"gdpr_remove", "login_email"}:
        body = {"message": "Done"}
    answer = call(lambda _: httpx2.Response(200, json=body), method, *arguments, **options)
    assert call.sent == [request_]
    sent = call.requests[0].headers
    assert sent["authorization"] == f"Bearer {KEY}"
    assert sent["accept"] == "application/json"
    assert sent["user-agent"].startswith("partially-client/")
    assert sent.get("content-type") == ("application/json" if request_[2] is not None else None)
    expected = Message if method in {"gdpr_remove", "login_email"} else Customer
    assert isinstance(answer, expected) or method == "list"


@pytest.mark.parametrize(
    "id_", ["a/b", "a?x=1", "a#b", "../x", "a b", "%2e%2e", "ü", "a\r\nX: y", "{id}", "\0"]
)
def test_an_id_never_becomes_another_request(call: Caller, id_: str, customer: dict[str, Any]) -> None:
    call(lambda _: httpx2.Response(200, json=customer), "get", id_)
    raw = call.requests[0].url.raw_path.decode()
    assert raw.count("/") == 3
    assert not set("?# \r\n{") & set(raw)
    assert httpx2.URL(f"https://x{raw}").path.removeprefix("/v1/customer/") == id_


@pytest.mark.parametrize("method", ["get", "update", "gdpr_remove"])
@pytest.mark.parametrize("id_", ["", ".", "..", None, b"x", ["x"], "\ud800"])
def test_an_id_that_cannot_be_one_is_refused_before_sending(faked: Caller, method: str, id_: Any) -> None:
    with pytest.raises(InvalidRequestError, match=f"customers.{method}: id "):
        faked(lambda _: httpx2.Response(200), method, id_)
    assert faked.requests == []


@pytest.mark.parametrize(
    ("method", "arguments", "said"),
    [
        ("list", {"q": object()}, "q is a object"),
        ("list", {"q": "\udc00"}, "lone surrogate"),
        ("list", {"timeout": -1}, "timeout: expected a positive number"),
        ("create", {"email": object()}, "email (a object)"),
        ("create", {"email": "a", "phone": "\ud800"}, "phone (a str)"),
        ("list", {"extra_headers": {"X-A": "b\r\nc"}}, "header 'X-A'"),
        ("list", {"extra_headers": {"X A": "b"}}, "'X A' is not a valid header name"),
    ],
)
def test_what_cannot_be_sent_is_said(faked: Caller, method: str, arguments: Any, said: str) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        faked(lambda _: httpx2.Response(200), method, **arguments)
    assert said in str(raised.value)
    assert isinstance(raised.value, ValueError)
    assert faked.requests == []


def test_options_of_one_call(faked: Caller, customer: dict[str, Any]) -> None:
    options = {"timeout": 2, "extra_headers": {"accept": "x/y", "X-A": "b"}, "extra_query": {"debug": True}}
    faked(lambda _: httpx2.Response(200, json=customer), "get", "a", **options)
    request = faked.requests[0]
    assert request.url.raw_path == b"/v1/customer/a?debug=true"
    assert request.headers.get_list("accept") == ["x/y"]
    assert request.headers["x-a"] == "b"
    assert request.extensions["timeout"] == {"connect": 2, "read": 2, "write": 2, "pool": 600.0}


def test_the_default_timeout_is_finite(faked: Caller, customer: dict[str, Any]) -> None:
    faked(lambda _: httpx2.Response(200, json=customer), "get", "a")
    assert faked.requests[0].extensions["timeout"] == {
        "connect": 5.0,
        "read": 30.0,
        "write": 30.0,
        "pool": 600.0,
    }
