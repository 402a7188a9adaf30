"""On a real socket: what breaks, stalls or leads astray is a typed error; nothing is sent twice unasked."""

from __future__ import annotations

import asyncio
import gc
import gzip
import socket
import sys
import time
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, need_aiohttp
from tests.client.loopback import Server, loopback

import partially_client as pc
from partially_client.aiohttp import AiohttpTransport

CALLS: dict[str, dict[str, Any]] = {
    "get": {"id": "a"},
    "update": {"id": "a", "phone": "1"},
    "create": {"email": "a"},
    "gdpr_remove": {"id": "a"},
    "login_token": {"token": "a"},
}


IMPATIENT = httpx2.Timeout(connect=1, pool=1, read=0.3, write=0.3)
"""For an answer: connecting may take long where many tests run at the same time."""


class Wire:
    """Calls one method over a real socket, and keeps how long it paused."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.pauses: list[float] = []

    def __call__(self, base_url: str, method: str, **options: Any) -> Any:
        """The result of `client.customers.<method>(...)`; `settings` are for the client."""
        settings = {"timeout": 20, **options.pop("settings", {})}
        if self.form == "blocking":
            with pc.Partially(KEY, base_url, **settings) as client:
                client._sleep = self.pauses.append
                return getattr(client.customers, method)(**options)
        if self.form == "aiohttp":
            settings = {"transport": AiohttpTransport(), **settings}
        return asyncio.run(self._call(pc.AsyncPartially(KEY, base_url, **settings), method, options))

    async def _call(self, client: pc.AsyncPartially, method: str, options: dict[str, Any]) -> Any:
        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        async with client:
            client._sleep = sleep  # type: ignore[assignment]  # any awaitable does
            return await getattr(client.customers, method)(**options)


@pytest.fixture(params=["blocking", "asynchronous", "aiohttp"])
def wire(request: pytest.FixtureRequest) -> Wire:
    if request.param == "aiohttp":
        need_aiohttp()
    return Wire(request.param)


def broken(_: httpx2.Request) -> httpx2.Response:
    raise ConnectionError


@pytest.mark.parametrize("method", CALLS)
def test_a_connection_that_breaks_is_retried_only_where_that_is_safe(wire: Wire, method: str) -> None:
    with loopback(broken) as server, pytest.raises(pc.APIConnectionError) as raised:
        wire(server.base_url, method, **CALLS[method])
    assert raised.value.maybe_sent
    assert raised.value.response is None
    assert len(server.peers) == (3 if method in {"get", "update"} else 1)
    assert len(wire.pauses) == len(server.peers) - 1


@pytest.mark.parametrize("method", ["get", "gdpr_remove"])
def test_nothing_is_sent_again_when_a_kept_connection_breaks(
    wire: Wire, method: str, customer: dict[str, Any]
) -> None:
    """HTTP libraries like to do so behind the back of whoever counts tries."""
    answers = iter([httpx2.Response(429, headers={"Retry-After": "0"})])

    def server_once(_: httpx2.Request) -> httpx2.Response:
        answer = next(answers, None)
        if answer is None:
            raise ConnectionError
        return answer

    with loopback(server_once) as server, pytest.raises(pc.APIConnectionError):
        wire(server.base_url, method, id="a", max_retries=1)
    assert len(server.peers) == 2
    assert server.connections == 1


@pytest.mark.parametrize("method", CALLS)
def test_what_surely_was_not_sent_is_sent_again(wire: Wire, method: str) -> None:
    with socket.socket() as nobody:  # bound but not listening: every connection is refused
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(pc.APIConnectionError) as raised:
            wire(f"http://127.0.0.1:{nobody.getsockname()[1]}", method, **CALLS[method])
    assert not raised.value.maybe_sent
    assert len(wire.pauses) == 2


@contextmanager
def full() -> Iterator[str]:
    """The address of a server that is too busy to let anybody in."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(listening.getsockname())
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            for one in waiting:
                one.close()


def test_a_connection_that_takes_too_long_was_not_sent(wire: Wire) -> None:
    with full() as base_url, pytest.raises(pc.APITimeoutError) as raised:
        wire(base_url, "create", email="a", timeout=0.2, max_retries=1)
    assert not raised.value.maybe_sent
    assert len(wire.pauses) == 1


def test_an_answer_that_takes_too_long_may_have_been_sent(wire: Wire) -> None:
    def slow(_: httpx2.Request) -> httpx2.Response:
        time.sleep(2)
        return httpx2.Response(200)

    with loopback(slow) as server, pytest.raises(pc.APITimeoutError) as raised:
        wire(server.base_url, "create", email="a", timeout=IMPATIENT)
    assert raised.value.maybe_sent
    assert len(server.peers) == 1


def raw_server(text: bytes, seconds: float = 0.0) -> Server:
    """A server that writes what it is told, byte for byte, waits, and hangs up."""

    def server(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, extensions={"raw": text, "stall": seconds})

    return server


def test_a_body_that_stops_is_at_hand_as_far_as_it_came(wire: Wire) -> None:
    text = b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX-Id: 7\r\n\r\n{"id": "half'
    for seconds, timeout, kind in ((0.0, 20, pc.APIConnectionError), (2.0, IMPATIENT, pc.APITimeoutError)):
        with loopback(raw_server(text, seconds)) as server, pytest.raises(pc.APIConnectionError) as raised:
            wire(server.base_url, "create", email="a", timeout=timeout)
        assert type(raised.value) is kind
        part = raised.value.response
        assert part is not None
        assert (part.status_code, part.headers["x-id"], part.text) == (200, "7", '{"id": "half')
        assert part.request.operation == "customers.create"
        assert len(server.peers) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"\r\n\r\n",
        b"",
    ],
)  # fmt: skip
def test_what_is_no_http_is_a_typed_error(wire: Wire, text: bytes) -> None:
    with loopback(raw_server(text)) as server, pytest.raises(pc.PartiallyError) as raised:
        wire(server.base_url, "create", email="ada@example.com", extra_query={"q": "ada@example.com"})
    assert isinstance(raised.value, pc.APIConnectionError | pc.APIError)
    assert "ada" not in str(raised.value)
    assert len(server.peers) == 1


def test_interim_answers_do_not_stop_the_clock(wire: Wire) -> None:
    text = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    started = time.monotonic()
    with loopback(raw_server(text, 30.0)) as server, pytest.raises(pc.APIConnectionError):
        wire(server.base_url, "create", email="a", timeout=IMPATIENT)
    assert time.monotonic() - started < 25


def test_a_redirect_takes_no_key_to_another_host(wire: Wire, customer: dict[str, Any]) -> None:
    def elsewhere(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=customer)

    with loopback(elsewhere) as other:
        for status in (301, 302, 303, 307, 308):
            to = {"Location": f"{other.base_url}/customer/a"}
            with (
                loopback(lambda _, s=status, to=to: httpx2.Response(s, headers=to)) as server,
                pytest.raises(pc.APIError, match="not followed"),
            ):
                wire(server.base_url, "get", id="a")
            assert len(server.peers) == 1
    assert other.connections == 0


def test_a_compressed_answer_is_asked_for_and_read(wire: Wire, customer: dict[str, Any]) -> None:
    seen: list[str] = []

    def zipped(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers["accept-encoding"])
        plain = httpx2.Response(200, json=customer).content
        return httpx2.Response(
            200, headers={"Content-Encoding": "gzip"}, stream=httpx2.ByteStream(gzip.compress(plain))
        )

    with loopback(zipped) as server:
        assert wire(server.base_url, "get", id="a").email == customer["email"]
    assert seen == ["gzip"]


def test_cookies_are_not_kept(wire: Wire) -> None:
    seen: list[str | None] = []

    def server_of_cookies(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("cookie"))
        return httpx2.Response(503, headers={"Set-Cookie": "session=1; Path=/"})

    with loopback(server_of_cookies) as server, pytest.raises(pc.InternalServerError):
        wire(server.base_url, "get", id="a")
    assert seen == [None] * 3


def test_an_address_is_sent_as_it_was_quoted(wire: Wire, customer: dict[str, Any]) -> None:
    seen: list[str] = []

    def server_of_paths(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.raw_path.decode())
        return httpx2.Response(200, json=customer)

    with loopback(server_of_paths) as server:
        for id_ in ("../x", "a/b?c", "%2e%2e", "a;b", "~ü"):
            wire(server.base_url, "get", id=id_)
    assert seen == [
        f"/v1/customer/{quoted}"
        for quoted in ("..%2Fx", "a%2Fb%3Fc", "%252e%252e", "a%3Bb", "~%C3%BC")
    ]  # fmt: skip


def test_a_large_body_to_a_server_that_does_not_read_ends_in_time(wire: Wire) -> None:
    with socket.socket() as listening, warnings.catch_warnings():
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        # aiohttp closes such a connection only when what it holds was sent; here the loop ends before.
        warnings.simplefilter("ignore", ResourceWarning)
        started = time.monotonic()
        with pytest.raises(pc.APITimeoutError) as raised:
            wire(base_url, "create", email="a" * 20_000_000, timeout=IMPATIENT)
        gc.collect()
    assert raised.value.maybe_sent
    assert time.monotonic() - started < 25


def test_a_call_that_waits_for_a_free_connection_was_not_sent(customer: dict[str, Any]) -> None:
    need_aiohttp()

    def slow(_: httpx2.Request) -> httpx2.Response:
        time.sleep(1.5)
        return httpx2.Response(200, json=customer)

    async def use(base_url: str) -> Any:
        transport = AiohttpTransport(limit=1)
        settings: dict[str, Any] = {"max_retries": 0, "pool_timeout": 0.1}
        async with pc.AsyncPartially(KEY, base_url, transport=transport, **settings) as client:
            first = asyncio.create_task(client.customers.get("a"))
            await asyncio.sleep(0.1)
            with pytest.raises(pc.PoolTimeoutError) as raised:
                await client.customers.create(email="a")
            return raised.value.maybe_sent, await first

    with loopback(slow) as server:
        maybe_sent, first = asyncio.run(use(server.base_url))
    assert maybe_sent is False
    assert first.email == customer["email"]
    assert len(server.peers) == 1


@pytest.mark.parametrize("limit", [0, True, "many"])
def test_a_limit_that_is_none(limit: Any) -> None:
    with pytest.raises(pc.ConfigurationError, match="limit: expected a whole number from 1 on"):
        AiohttpTransport(limit=limit)


def test_the_blocking_client_takes_no_asynchronous_transport() -> None:
    need_aiohttp()
    transport: Any = AiohttpTransport()
    with pytest.raises(pc.ConfigurationError, match=r"transport: expected a httpx2\.BaseTransport or"):
        pc.Partially(KEY, transport=transport)


@pytest.mark.parametrize("found", [None, "0.1"])
def test_without_aiohttp_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, found: str | None) -> None:
    old: Any = None
    if found is not None:
        old = types.ModuleType("aiohttp")
        old.__version__ = found
    monkeypatch.setitem(sys.modules, "aiohttp", old)
    said = (
        "install the extra `aiohttp`"
        if found is None
        else "needs aiohttp 3.12 or newer, but 0.1 is installed"
    )
    with pytest.raises(pc.ConfigurationError, match=said):
        AiohttpTransport()
