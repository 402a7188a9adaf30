"""When a call is made again, and after how long."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.client.conftest import Caller

import partially_client as pc

CALLS: dict[str, dict[str, Any]] = {
    "list": {},
    "get": {"id": "a"},
    "update": {"id": "a"},
    "create": {"email": "a"},
    "gdpr_remove": {"id": "a"},
    "login_password": {"email": "a", "password": "b"},
    "login_email": {"email": "a"},
    "login_token": {"token": "a"},
}
SAFE = ("list", "get", "update")
UNSENT = (httpx2.ConnectError("x"), httpx2.ConnectTimeout("x"), httpx2.PoolTimeout("x"))
MAYBE_SENT = (
    httpx2.ReadTimeout("x"),
    httpx2.ReadError("x"),
    httpx2.RemoteProtocolError("x"),
    httpx2.WriteError("x"),
)


def failing(outcome: int | Exception) -> Callable[[httpx2.Request], httpx2.Response]:
    def server(_: httpx2.Request) -> httpx2.Response:
        if isinstance(outcome, Exception):
            raise outcome
        return httpx2.Response(outcome)

    return server


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("outcome", [408, 429, 502, 503, 504, 500, 400, 409, *UNSENT, *MAYBE_SENT], ids=str)
def test_what_is_repeated(faked: Caller, method: str, outcome: int | Exception) -> None:
    with pytest.raises(pc.PartiallyError):
        faked(failing(outcome), method, **CALLS[method])
    always = outcome == 429 or outcome in UNSENT
    if_safe = outcome in {408, 502, 503, 504} or outcome in MAYBE_SENT
    assert len(faked.requests) == (3 if always or (if_safe and method in SAFE) else 1)


def test_pauses_grow_with_jitter_up_to_a_limit(call: Caller) -> None:
    with pytest.raises(pc.InternalServerError):
        call.use(failing(503), lambda client: client.customers.get("a"), max_retries=8)
    assert len(call.pauses) == 8
    for pause, most in zip(call.pauses, [0.5, 1, 2, 4, 8, 8, 8, 8], strict=True):
        assert most * 0.75 <= pause <= most


def date(seconds: float) -> str:
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("make_header", "low", "high"),
    [
        pytest.param(lambda: "3", 3, 3, id="seconds"),
        pytest.param(lambda: "0", 0, 0, id="at-once"),
        pytest.param(lambda: " 7 ", 7, 7, id="blanks"),
        pytest.param(lambda: date(20), 15, 20, id="date-ahead"),
        pytest.param(lambda: date(-20), 0, 0, id="date-past"),
        pytest.param(lambda: "soon", 0.3, 0.5, id="no-number"),
        pytest.param(lambda: "-1", 0.3, 0.5, id="negative"),
    ],
)
def test_retry_after_is_obeyed(
    call: Caller, make_header: Callable[[], str], low: float, high: float, customer: dict[str, Any]
) -> None:
    header = (
        make_header()
    )  # a date is made when it is needed: collecting many tests takes longer than it holds
    answers = iter(
        [httpx2.Response(429, headers={"Retry-After": header}), httpx2.Response(200, json=customer)]
    )
    assert call(lambda _: next(answers), "create", email="a").email == customer["email"]
    assert len(call.pauses) == 1
    assert low <= call.pauses[0] <= high


@pytest.mark.parametrize(
    ("milliseconds", "seconds", "low", "high"),
    [
        ("250", "9", 0.25, 0.25),
        ("0", "9", 0, 0),
        ("soon", "9", 9, 9),
        ("-5", "", 0.3, 0.5),
        ("1.5", "2", 2, 2),
    ],
)
def test_milliseconds_are_obeyed_before_seconds(
    faked: Caller, milliseconds: str, seconds: str, low: float, high: float, customer: dict[str, Any]
) -> None:
    asked = {"Retry-After-Ms": milliseconds, "Retry-After": seconds}
    answers = iter([httpx2.Response(429, headers=asked), httpx2.Response(200, json=customer)])
    faked(lambda _: next(answers), "create", email="a")
    assert len(faked.pauses) == 1
    assert low <= faked.pauses[0] <= high


@pytest.mark.parametrize("milliseconds", ["60001", "9" * 5000])
def test_nobody_waits_for_hours_of_milliseconds(faked: Caller, milliseconds: str) -> None:
    with pytest.raises(pc.RateLimitError):
        faked(lambda _: httpx2.Response(429, headers={"Retry-After-Ms": milliseconds}), "get", "a")
    assert (faked.pauses, len(faked.requests)) == ([], 1)


@pytest.mark.parametrize(
    "header", ["61", "9" * 5000, "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
def test_nobody_waits_for_hours(call: Caller, header: str) -> None:
    with pytest.raises(pc.RateLimitError) as raised:
        call(lambda _: httpx2.Response(429, headers={"Retry-After": header}), "get", "a")
    assert raised.value.response.headers["retry-after"] == header
    assert call.pauses == []
    assert len(call.requests) == 1


def test_options_make_a_copy_and_leave_the_original(faked: Caller) -> None:
    def blocking(client: Any) -> Any:
        copy = client.with_options(max_retries=0, timeout=1, extra_headers={"X-A": "b"})
        with pytest.raises(pc.InternalServerError):
            copy.customers.get("a")
        copy.close()
        assert (copy.max_retries, copy.timeout, client.max_retries, client.timeout) == (0, 1, 2, 30.0)
        with pytest.raises(pc.InternalServerError):
            client.customers.get("a")

    async def asynchronous(client: Any) -> Any:
        copy = client.with_options(max_retries=0, timeout=1, extra_headers={"X-A": "b"})
        with pytest.raises(pc.InternalServerError):
            await copy.customers.get("a")
        await copy.close()
        with pytest.raises(pc.InternalServerError):
            await client.customers.get("a")

    faked.use(failing(503), asynchronous if faked.is_async else blocking)
    assert [r.headers.get("x-a") for r in faked.requests] == ["b", None, None, None]
    assert faked.requests[0].extensions["timeout"]["read"] == 1
