"""Calling a client, blocking or asynchronous, over a transport that answers as it is told."""

from __future__ import annotations

import asyncio
import logging
import operator
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx2

from partially_conformance.clients.calling.answers import Answer, AnswerSequence, ConnectionFault
from partially_conformance.clients.calling.clock import (
    LONGEST_SLEEP,
    Clock,
    EndlessSleepError,
    SkippingLoop,
    skipped_sleep,
)
from partially_conformance.clients.calling.package import ClientPackage, Method
from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.clients.values.description import Argument
from partially_conformance.traffic.exchange import MISSING, Exchange, Key, Request, Response
from partially_conformance.traffic.recorder import Recorder

KEY = "sk-client-check-7Jx2Vq9wTz"
"""The key the client is given, unless a check gives it another."""

BASE_URL = "http://api.test/base/v1"
"""The address the client is given. Nothing is ever sent there."""

REQUEST_LIMIT = 40
"""Requests of one call after which it counts as one that does not end."""


class Side(StrEnum):
    """Which of the two clients is called."""

    BLOCKING = "blocking"
    ASYNCHRONOUS = "asynchronous"


@dataclass(frozen=True, slots=True)
class Call:
    """A method with the arguments it is called with, as JSON values."""

    method: Method
    arguments: Mapping[Argument, Any] = field(default_factory=dict)

    @property
    def keywords(self) -> dict[str, Any]:
        """The arguments as they are passed."""
        return self.method.keywords(self.arguments)


@dataclass
class CallResult:
    """What became of a call.

    Attributes:
        sent: The requests, in order.
        answers: What each was answered with.
        exchanges: The same as a story tells it.
        hosts: Scheme, host and port that each request went to.
        timeouts: The time limits that went along with each request, by phase, in seconds.
        at: How many seconds the client had slept before each request.
        value: What came back; `MISSING` if an error was raised.
        endless: Whether it was broken off for too many requests.
        slept: How many seconds it slept in all.
        seconds: How long it really took.
    """

    side: Side
    sent: list[SentRequest] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    timeouts: list[Mapping[str, Any]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    value: Any = MISSING
    error: BaseException | None = None
    endless: bool = False
    slept: float = 0.0
    seconds: float = 0.0


class _EndlessError(BaseException):
    """The client goes on and on. No `Exception`, so that the client passes it on."""


AnswerFunction = Callable[[SentRequest, int], Answer]
"""Gives the answer to a request, by the number of the request in its call, counted from 0."""


class InMemoryServer:
    """The end of the wire that the client does not see."""

    def __init__(self, clock: Clock, recorder: Recorder) -> None:
        self._clock = clock
        self._recorder = recorder
        self._answer_function: AnswerFunction = lambda _request, _number: Answer()
        self._most = REQUEST_LIMIT
        self._key = Key(KEY, "API_KEY")
        self.result = CallResult(Side.BLOCKING)

    def begin(self, side: Side, answer_function: AnswerFunction, most: int, key: str) -> CallResult:
        """Another call begins."""
        self._answer_function, self._most, self._key = answer_function, most, Key(key, "API_KEY")
        self._clock.slept = 0.0
        self.result = CallResult(side)
        return self.result

    def take(self, request: httpx2.Request, body: bytes) -> Answer:
        """Take in a request and say what it is answered with."""
        result = self.result
        if len(result.sent) >= self._most:
            raise _EndlessError
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
        )
        sent = SentRequest(request.method, request.url.raw_path.decode("latin-1"), headers, body)
        answer = self._answer_function(sent, len(result.sent))
        result.sent.append(sent)
        result.answers.append(answer)
        result.hosts.append(f"{request.url.scheme}://{request.url.netloc.decode('latin-1')}")
        result.timeouts.append(dict(request.extensions.get("timeout", {})))
        result.at.append(self._clock.slept)
        exchange = self._told(request, sent, answer)
        result.exchanges.append(exchange)
        self._recorder.add(exchange)
        return answer

    def _told(self, request: httpx2.Request, sent: SentRequest, answer: Answer) -> Exchange:
        shown = {name: value for name, value in sent.headers if name.lower() not in _OF_THE_CONNECTION}
        authorization = shown.pop(_named(shown, "authorization"), None)
        key = self._key if authorization == self._key.header else None
        if authorization is not None and key is None:
            shown["Authorization"] = authorization
        told = Request(
            request.method, str(request.url), sent.target, shown, key, sent.body or None, purpose="client"
        )
        response = Response(
            answer.status, {name.lower(): value for name, value in answer.headers}, answer.body
        )
        fault = None if answer.fault is None else str(answer.fault)
        return Exchange(told, response if answer.comes else None, fault, 0.0)


_OF_THE_CONNECTION = frozenset({"host", "connection", "accept-encoding", "content-length"})
"""Headers that every HTTP library adds, and that curl adds by itself."""


def _named(headers: Mapping[str, str], name: str) -> str:
    return next((one for one in headers if one.lower() == name), name)


_RAISED: Mapping[ConnectionFault, Callable[[str], Exception]] = {
    ConnectionFault.REFUSED: httpx2.ConnectError,
    ConnectionFault.NO_CONNECTION: httpx2.ConnectTimeout,
    ConnectionFault.RESET: httpx2.RemoteProtocolError,
    ConnectionFault.UNSENT: httpx2.WriteError,
    ConnectionFault.SILENCE: httpx2.ReadTimeout,
    ConnectionFault.CUT: httpx2.RemoteProtocolError,
    ConnectionFault.STALLED: httpx2.ReadTimeout,
}

_PIECE = 1024  # bytes of a body that come at once


def _pieces(answer: Answer) -> Iterator[bytes]:
    body = answer.body if answer.fault is None else answer.body[: answer.cut]
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]
    if answer.fault is not None:
        raise _RAISED[answer.fault](str(answer.fault))


class _Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return _pieces(self._answer)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in _pieces(self._answer):
            yield piece


def _native(answer: Answer) -> httpx2.Response:
    if not answer.comes:
        assert answer.fault is not None
        raise _RAISED[answer.fault](str(answer.fault))
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    return httpx2.Response(answer.status, headers=headers, stream=_Body(answer))


class _Transport(httpx2.BaseTransport):
    def __init__(self, server: InMemoryServer) -> None:
        self._server = server

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return _native(self._server.take(request, request.read()))


class _AsyncTransport(httpx2.AsyncBaseTransport):
    def __init__(self, server: InMemoryServer) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._server.take(request, await request.aread())
        await asyncio.sleep(0)
        return _native(answer)


class Caller:
    """Calls the two clients of a package. Nothing waits and nothing is sent within its `with` block."""

    def __init__(self, package: ClientPackage, recorder: Recorder) -> None:
        self.package = package
        self.recorder = recorder
        self._clock = Clock()
        self._server = InMemoryServer(self._clock, recorder)
        self._stack = ExitStack()

    def __enter__(self) -> Caller:
        self._stack.enter_context(skipped_sleep(self._clock))
        self._stack.enter_context(_quiet())
        self._loop = SkippingLoop(self._clock)
        self._stack.callback(self._loop.close)
        self._clients = {side: self.client(side) for side in Side}
        return self

    def __exit__(self, *_: object) -> None:
        self._clients[Side.BLOCKING].close()
        self._loop.run_until_complete(self._clients[Side.ASYNCHRONOUS].close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._stack.close()

    def client(self, side: Side, **settings: Any) -> Any:
        """A client of its own, with other settings. It holds no connection, so it need not be closed."""
        settings = {"api_key": KEY, "base_url": BASE_URL, **settings}
        if side is Side.BLOCKING:
            return self.package.blocking(transport=_Transport(self._server), **settings)
        return self.package.asynchronous(transport=_AsyncTransport(self._server), **settings)

    def call(
        self,
        side: Side,
        call: Call,
        answers: AnswerSequence | AnswerFunction,
        *,
        client: Any = None,
        key: str = KEY,
    ) -> CallResult:
        """Call a method; a list gives its first page."""
        return self._perform(side, call, answers, client, key, walk=False, most=REQUEST_LIMIT)

    def walk(
        self, side: Side, call: Call, answers: AnswerSequence | AnswerFunction, *, most: int = REQUEST_LIMIT
    ) -> CallResult:
        """Walk over all items of a list; they are the value."""
        return self._perform(side, call, answers, None, KEY, walk=True, most=most)

    def _perform(
        self,
        side: Side,
        call: Call,
        answers: AnswerSequence | AnswerFunction,
        client: Any,
        key: str,
        *,
        walk: bool,
        most: int,
    ) -> CallResult:
        answer_function = _in_order(answers) if isinstance(answers, AnswerSequence) else answers
        result = self._server.begin(side, answer_function, most, key)
        function = operator.attrgetter(call.method.call)(client or self._clients[side])
        begun = time.monotonic()
        try:
            if side is Side.ASYNCHRONOUS:
                result.value = self._complete(_awaited(function, call.keywords, walk=walk))
            else:
                found = function(**call.keywords)
                result.value = list(found) if walk else found
        except (KeyboardInterrupt, SystemExit):
            raise
        except (_EndlessError, EndlessSleepError):
            result.endless = True
        except BaseException as error:  # whatever it is, the caller would get it
            result.error = error
        result.slept, result.seconds = self._clock.slept, time.monotonic() - begun
        return result

    def _complete(self, awaited: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine gives back. Whatever it leaves behind is ended with it."""
        try:
            return self._loop.run_until_complete(awaited)
        finally:
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            if left:
                self._clock.slept = min(self._clock.slept, LONGEST_SLEEP / 2)
                self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the client logs from the console, where it would go if nobody else takes it."""
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


async def _awaited(function: Callable[..., Any], keywords: Mapping[str, Any], *, walk: bool) -> Any:
    if walk:
        return [item async for item in function(**keywords)]
    return await function(**keywords)


def _in_order(script: AnswerSequence) -> AnswerFunction:
    return lambda _request, number: script.next(number)
