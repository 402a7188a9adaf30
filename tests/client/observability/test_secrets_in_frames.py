"""What a crash reporter reads of any error: no variable of the client holds a key, password or token."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
import sentry_sdk
from sentry_sdk.transport import Transport
from tests.client.conftest import KEY, need_aiohttp
from tests.client.loopback import Server, loopback
from tests.client.observability.frames import frames_of, places_of

import partially_client as pc
from partially_client.aiohttp import AiohttpTransport

PASSWORD = "correct horse battery staple"
OWN = "header-of-the-caller-7f3a"
SECRETS = (KEY, PASSWORD, OWN, "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5")
FORMS = ("blocking", "asynchronous", "aiohttp")


def call(form: str, base_url: str, action: Callable[[Any], Any], **settings: Any) -> BaseException:
    """The error that the action ends with, in one of the forms."""
    options = {"timeout": 20, "max_retries": 1, "extra_headers": {"X-Own-Token": OWN}, **settings}
    try:
        if form == "blocking":
            with pc.Partially(KEY, base_url, **options) as client:
                client._sleep = lambda _: None
                action(client)
        else:
            if form == "aiohttp":
                need_aiohttp()
                options["transport"] = AiohttpTransport()
            asyncio.run(_call(base_url, options, action))
    except BaseException as error:
        gc.collect()
        return error
    pytest.fail("there was no error")


async def _call(base_url: str, options: dict[str, Any], action: Callable[[Any], Any]) -> None:
    async def sleep(_: float) -> None:
        pass

    async with pc.AsyncPartially(KEY, base_url, **options) as client:
        client._sleep = sleep  # type: ignore[assignment]  # any awaitable does
        result = action(client)
        if hasattr(result, "__aiter__"):
            async for _ in result:
                pass
        else:
            await result


def answering(status: int, **more: Any) -> Server:
    return lambda _: httpx2.Response(status, **more)


def hanging_up(_: httpx2.Request) -> httpx2.Response:
    raise ConnectionError


def stalling(_: httpx2.Request) -> httpx2.Response:
    time.sleep(0.6)
    return httpx2.Response(200, json={})


def cut_off(_: httpx2.Request) -> httpx2.Response:
    raw = b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id"'
    return httpx2.Response(200, extensions={"raw": raw, "stall": 0.0})


def garbage(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, extensions={"raw": b"\0\1\2 nonsense\r\n\r\n", "stall": 0.0})


SERVERS: dict[str, tuple[Server, dict[str, Any]]] = {
    "400": (answering(400, json={"message": f"No {KEY}", "errors": [KEY]}), {}),
    "400, password": (answering(400, json={"message": f"No {PASSWORD}"}), {}),
    "401": (answering(401, json={"message": "refused"}), {}),
    "404": (answering(404), {}),
    "503": (answering(503), {}),
    "302": (answering(302, headers={"Location": "http://127.0.0.1:9/"}), {}),
    "not JSON": (answering(200, content=b"<html>"), {}),
    "another shape": (answering(200, json={"id": 7}), {}),
    "no text": (answering(200, content=b"\xff"), {}),
    "too deep": (answering(200, content=b'{"x":' * 100_000), {}),
    "too large": (answering(200, content=b" " * 5000), {"max_response_bytes": 4000}),
    "hangs up": (hanging_up, {}),
    "stalls": (stalling, {"timeout": httpx2.Timeout(5, read=0.2), "max_retries": 0}),
    "too slow as a whole": (stalling, {"total_timeout": 0.3, "max_retries": 0}),
    "cut off": (cut_off, {}),
    "garbage": (garbage, {}),
}
ACTIONS: dict[str, Callable[[Any], Any]] = {
    "get": lambda client: client.customers.get("a"),
    "login": lambda client: client.customers.login_password(email="a@b.co", password=PASSWORD),
    "login, raw": lambda client: client.customers.with_raw_response.login_password(
        email="a@b.co", password=PASSWORD, extra_headers={"X-Signature": OWN}
    ),
    "list": lambda client: client.customers.list(q="x", extra_headers={"X-Signature": OWN}),
}


UNREAD = {"not JSON", "another shape", "no text", "too deep"}
"""Answers that a raw response does not look at."""

CASES = [
    (server, action)
    for server in SERVERS
    for action in ACTIONS
    if not (action == "login, raw" and server in UNREAD)
    and not (server == "400, password" and not action.startswith("login"))
]


def check(error: BaseException) -> None:
    assert [name for name, _ in frames_of(error)], "the walk saw nothing"
    assert places_of(SECRETS, error) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("server", "action"), CASES)
def test_no_frame_of_an_error_holds_a_secret(form: str, server: str, action: str) -> None:
    serve, settings = SERVERS[server]
    with loopback(serve) as real:
        error = call(form, real.base_url, ACTIONS[action], **settings)
    assert isinstance(error, pc.PartiallyError), error
    check(error)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_connection_that_is_refused(form: str, action: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        error = call(form, f"http://127.0.0.1:{nobody.getsockname()[1]}", ACTIONS[action])
    assert isinstance(error, pc.APIConnectionError)
    assert error.__cause__ is not None, "why it was refused is worth knowing, and no secret"
    check(error)


@pytest.mark.parametrize("form", FORMS)
def test_a_body_that_nobody_reads(form: str) -> None:
    with socket.socket() as listening, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        long = PASSWORD * 500_000
        error = call(
            form,
            base_url,
            lambda client: client.customers.login_password(email="a", password=long),
            timeout=httpx2.Timeout(1, read=0.3, write=0.3),
        )
        gc.collect()
    assert isinstance(error, pc.APITimeoutError)
    check(error)


REFUSED_ARGUMENTS: dict[str, Callable[[Any], Any]] = {
    "no text": lambda c: c.customers.login_password(email=7j, password=PASSWORD),
    "half a character": lambda c: c.customers.login_password(email="a", password=PASSWORD + "\ud800"),
    "empty id": lambda c: c.customers.get("", extra_headers={"X-Signature": OWN}),
    "a header": lambda c: c.customers.get("a", extra_headers={"X-Signature": OWN + "\n"}),
    "a header that is none": lambda c: c.customers.get("a", extra_headers=OWN),
    "a query": lambda c: c.customers.get("a", extra_query={"x": {OWN}}),
    "a body": lambda c: c.customers.update("a", extra_body={"x": {OWN: object()}}),
    "a timeout": lambda c: c.customers.get("a", timeout=-1, extra_headers={"X-Signature": OWN}),
    "an option": lambda c: c.with_options(api_key=KEY, timeout=0),
    "a key": lambda c: c.with_options(api_key=KEY + " "),
    "an address": lambda c: c.with_options(api_key=KEY, base_url=f"https://a:{PASSWORD}@b.test"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("arguments", REFUSED_ARGUMENTS)
def test_an_argument_that_is_refused(form: str, arguments: str) -> None:
    error = call(form, "http://127.0.0.1:9", REFUSED_ARGUMENTS[arguments])
    assert isinstance(error, pc.ConfigurationError | pc.InvalidRequestError), error
    check(error)


@pytest.mark.parametrize("kind", [pc.Partially, pc.AsyncPartially])
@pytest.mark.parametrize(
    "settings",
    [
        {"timeout": 0},
        {"api_key": KEY + "\n"},
        {"base_url": f"https://a:{PASSWORD}@b.test"},
        {"extra_headers": {"X-Own-Token": OWN + "\n"}},
        {"http_client": object()},
        {"transport": object()},
    ],
)
def test_a_client_that_cannot_be_made(kind: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(pc.ConfigurationError) as raised:
        kind(**{"api_key": KEY, "extra_headers": {"X-Own-Token": OWN}, **settings})
    check(raised.value)


class UnluckyError(Exception):
    """An error of the program."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("hook", ["on_request", "on_response"])
def test_an_error_of_a_hook_leaves_as_it_is(form: str, hook: str) -> None:
    def unlucky(_: Any) -> None:
        raise UnluckyError

    with loopback(answering(404)) as real:
        error = call(form, real.base_url, ACTIONS["login"], **{hook: unlucky})
    assert isinstance(error, UnluckyError)
    assert error.__traceback__ is not None
    check(error)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("given", [{"X-Signature": OWN + "\n"}, OWN, 7, [OWN]])
def test_headers_of_a_hook_that_cannot_be_sent(form: str, given: Any) -> None:
    with loopback(answering(404)) as real:
        error = call(form, real.base_url, ACTIONS["login"], on_request=lambda _: given)
    assert isinstance(error, pc.InvalidRequestError), error
    check(error)


@pytest.mark.parametrize("form", FORMS)
def test_a_walk_over_pages_that_fails_on_the_second(form: str, page: Callable[..., Any]) -> None:
    answers = iter([httpx2.Response(200, json=page(1, ["a", "b"]))])
    with loopback(lambda _: next(answers, httpx2.Response(404))) as real:

        def walk(client: Any) -> Any:
            found = client.customers.list(extra_headers={"X-Signature": OWN})
            return list(found) if form == "blocking" else found

        error = call(form, real.base_url, walk)
    assert isinstance(error, pc.NotFoundError)
    check(error)


@pytest.mark.parametrize("form", ["asynchronous", "aiohttp"])
@pytest.mark.parametrize("stage", ["head", "body"])
def test_a_task_that_is_cancelled(form: str, stage: str) -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{" if stage == "body" else b""

    def stuck(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, extensions={"raw": begun, "stall": 0.5})

    async def cancelled(client: Any) -> None:
        task = asyncio.ensure_future(ACTIONS["login"](client))
        await asyncio.sleep(0.15)
        task.cancel()
        await task

    with loopback(stuck) as real:
        error = call(form, real.base_url, cancelled)
    assert isinstance(error, asyncio.CancelledError)
    check(error)


def test_a_program_that_is_interrupted() -> None:
    def interrupting(_: httpx2.Request) -> httpx2.Response:
        raise KeyboardInterrupt

    transport = httpx2.MockTransport(interrupting)
    error = call("blocking", "http://a.test", ACTIONS["login"], transport=transport)
    assert isinstance(error, KeyboardInterrupt)
    check(error)


def test_an_assertion_in_a_transport_of_the_program_keeps_its_place() -> None:
    def asserting(request: httpx2.Request) -> httpx2.Response:
        assert request.method == "PATCH", "so a test of a program says it"
        return httpx2.Response(200)

    transport = httpx2.MockTransport(asserting)
    error = call("blocking", "http://a.test", ACTIONS["login"], transport=transport)
    assert isinstance(error, AssertionError)
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert names[-1] == "asserting"
    check(error)


def test_other_calls_under_way_are_not_seen_either() -> None:
    def serve(request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(404)
        return stalling(request)

    async def both(client: Any) -> None:
        login = asyncio.ensure_future(ACTIONS["login"](client))
        await asyncio.sleep(0.1)
        try:
            await ACTIONS["get"](client)
        finally:
            login.cancel()

    with loopback(serve) as real:
        error = call("asynchronous", real.base_url, both)
    assert isinstance(error, pc.NotFoundError)
    check(error)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("server", ["404", "400, password", "hangs up", "another shape"])
def test_what_sentry_sends(form: str, server: str) -> None:
    """With its defaults, it sends the variables of all frames."""
    events: list[str] = []

    class Kept(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            events.append(envelope.serialize().decode())

    sentry_sdk.init(
        dsn="http://public@127.0.0.1:9/1",
        transport=Kept,
        default_integrations=False,
        auto_enabling_integrations=False,
    )
    serve, settings = SERVERS[server]
    try:
        with loopback(serve) as real:
            error = call(form, real.base_url, ACTIONS["login"], **settings)
        assert sentry_sdk.capture_exception(_without_program(error)) is not None
    finally:
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
    assert len(events) == 1
    assert '"vars"' in events[0], "it sent no variables"
    assert [secret for secret in SECRETS if secret in events[0]] == []


def _without_program(error: BaseException) -> BaseException:
    """The error without the frames of this module, whose variables hold the secrets by intent."""
    trace = error.__traceback__
    while trace is not None and not str(trace.tb_frame.f_globals["__name__"]).startswith("partially_client"):
        trace = trace.tb_next
    return error.with_traceback(trace)
