"""Failures and responses that a test scripts for the fake."""

from __future__ import annotations

import pytest
from tests.client.fake.conftest import emails

from partially_client import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    Customer,
    InternalServerError,
    Partially,
    RateLimitError,
    ResponseValidationError,
)
from partially_client.testing import FakePartially


def test_failures_are_repeated_where_that_is_safe_and_nobody_waits(
    fake: FakePartially, client: Partially
) -> None:
    fake.fail_next(503, retry_after=20)
    fake.fail_next(429, retry_after=1)
    fake.disconnect_next()
    assert emails(client.with_options(max_retries=3)) == []
    assert [request.status for request in fake.requests] == [503, 429, None, 200]
    assert fake.pauses[:2] == [20.0, 1.0]
    assert len(fake.pauses) == 3
    fake.fail_next(503, message="Out for lunch")
    with pytest.raises(InternalServerError, match="503: Out for lunch"):
        client.customers.create(email="ada@example.com")
    assert fake.all(Customer) == []


def test_a_failure_can_be_for_one_method_and_come_several_times(
    fake: FakePartially, client: Partially
) -> None:
    fake.fail_next(429, times=3, call="customers.create")
    assert emails(client) == []
    with pytest.raises(RateLimitError):
        client.customers.create(email="ada@example.com")
    assert client.customers.create(email="ada@example.com").email == "ada@example.com"


def test_connections_break_in_every_way(fake: FakePartially, client: Partially) -> None:
    fake.disconnect_next(sent=False)
    client.customers.create(email="a@example.com")  # surely not sent, so it is repeated
    ways: list[tuple[dict[str, bool], type[APIConnectionError], bool]] = [
        ({}, APIConnectionError, True),
        ({"timed_out": True}, APITimeoutError, True),
        ({"carried_out": True}, APIConnectionError, True),
        ({"sent": False, "timed_out": True}, APITimeoutError, False),
    ]
    lonely = client.with_options(max_retries=0)
    for way, error, maybe_sent in ways:
        fake.disconnect_next(**way)
        with pytest.raises(error) as broken:
            lonely.customers.create(email="b@example.com")
        assert broken.value.maybe_sent is maybe_sent
    assert [customer.email for customer in fake.all(Customer)] == ["a@example.com", "b@example.com"]


def test_a_page_of_a_proxy_is_no_json(fake: FakePartially, client: Partially) -> None:
    fake.fail_next(502, html="<h1>Bad gateway</h1>", times=3)
    with pytest.raises(InternalServerError, match="502: Bad Gateway") as failed:
        client.customers.list()
    assert failed.value.response.headers["content-type"] == "text/html; charset=utf-8"
    fake.fail_next(200, html="<h1>Welcome to the hotel</h1>")
    with pytest.raises(ResponseValidationError):
        client.customers.list()


def test_an_answer_of_your_own(fake: FakePartially, client: Partially) -> None:
    fake.on("customers.get", lambda request: (409, {"message": f"{request.method} again"}))
    with pytest.raises(APIError, match="409: GET again"):
        client.customers.get("x")
