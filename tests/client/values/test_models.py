"""Models: what they hold, what they keep, and what they never show."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import logging
import pickle
import traceback
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller

import partially_client as pc


def test_a_customer_is_typed_and_immutable(call: Caller, customer: dict[str, Any]) -> None:
    found = call(lambda _: httpx2.Response(200, json=customer), "get", "a")
    assert isinstance(found, pc.Customer)
    assert found.id == customer["id"]
    assert found.phone is None
    assert found.inserted_at == dt.datetime(2018, 11, 27, 20, 10, 19, 437168)  # noqa: DTZ001 - no zone is documented
    assert found.inserted_at.tzinfo is None
    assert found.to_dict() == customer
    assert found.extra == {}
    with pytest.raises(AttributeError):
        found.phone = "1"
    assert hash(found) == hash(copy.copy(found))


def test_fields_that_are_not_described_are_kept(call: Caller, page: Any) -> None:
    body = page(1, ["a", "b"], 1, took_ms=5)
    body["customers"][1]["loyalty"] = {"level": 3}
    found = call(lambda _: httpx2.Response(200, json=body), "list")
    first, second = found.customers
    assert first.extra == {}
    assert second.extra == {"loyalty": {"level": 3}}
    assert found.data.extra == {"took_ms": 5}
    for twin in (copy.copy(second), copy.deepcopy(second), pickle.loads(pickle.dumps(second))):
        assert twin == second
        assert twin.extra == second.extra
    with pytest.raises(TypeError):
        second.extra["x"] = 1


def test_unset_survives_copies() -> None:
    assert copy.deepcopy(pc.UNSET) is pc.UNSET
    assert pickle.loads(pickle.dumps(pc.UNSET)) is pc.UNSET


def echo(status: int) -> Any:
    """A server that shows everything it was sent."""

    def server(request: httpx2.Request) -> httpx2.Response:
        text = f"{request.headers['authorization']} {request.content.decode()}"
        return httpx2.Response(
            status, json={"message": text, "errors": [text], "id": text, "inserted_at": text}
        )

    return server


@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_nothing_secret_shows(call: Caller, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "correct horse battery staple"
    seen: list[str] = []

    def act(client: Any) -> Any:
        seen.extend([repr(client), str(client), repr(client.customers)])
        return client.customers.login_password(email="a@b.co", password=secret)

    with pytest.raises(pc.PartiallyError) as raised:
        call.use(echo(status), act)
    error = raised.value
    seen += [str(error), repr(error), repr(getattr(error, "response", "")), caplog.text]
    seen += traceback.format_exception(error)
    for text in seen:
        assert KEY not in text
        assert secret not in text


def test_a_short_password_is_hidden_as_a_word_only(call: Caller) -> None:
    body = {"message": "The password abc is no good, abcde would be"}
    with pytest.raises(pc.BadRequestError) as raised:
        call(lambda _: httpx2.Response(400, json=body), "login_password", email="a", password="abc")
    assert raised.value.message == "The password [hidden] is no good, abcde would be"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTIALLY_API_KEY", "from-environment")
    monkeypatch.delenv("PARTIALLY_BASE_URL", raising=False)
    assert pc.Partially().base_url == "https://partial.ly/api"
    monkeypatch.setenv("PARTIALLY_BASE_URL", "http://127.0.0.1:8080/api/")
    seen: list[httpx2.Request] = []

    def server(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(404)

    with pc.Partially(transport=httpx2.MockTransport(server)) as client, pytest.raises(pc.NotFoundError):
        client.customers.get("a")
    assert str(seen[0].url) == "http://127.0.0.1:8080/api/customer/a"
    assert seen[0].headers["authorization"] == "Bearer from-environment"
    assert repr(client) == "Partially(base_url='http://127.0.0.1:8080/api')"


def test_a_lent_http_client_keeps_its_headers_and_stays_open(customer: dict[str, Any]) -> None:
    seen: list[httpx2.Request] = []

    def server(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json=customer)

    lent = httpx2.Client(
        transport=httpx2.MockTransport(server), headers={"X-Team": "a"}, follow_redirects=True
    )
    with pc.Partially("key", http_client=lent) as client:
        client.customers.get("a")
    assert not lent.is_closed
    assert seen[0].headers["x-team"] == "a"
    assert seen[0].headers["user-agent"].startswith("partially-client/")
    lent.close()
    with pytest.raises(pc.ConfigurationError, match="closed"):
        client.customers.get("a")


def test_a_lent_asynchronous_client_stays_open_too(customer: dict[str, Any]) -> None:
    async def use() -> bool:
        transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=customer))
        async with httpx2.AsyncClient(transport=transport) as lent:
            async with pc.AsyncPartially("key", http_client=lent) as client:
                await client.customers.get("a")
            return lent.is_closed

    assert asyncio.run(use()) is False
