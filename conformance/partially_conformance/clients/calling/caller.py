"""Calling a client, blocking or asynchronous, over a transport in memory."""

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
"""The key that the client is given, unless a check chooses another."""

BASE_URL = "http://api.test/base/v1"
"""The address that the client is given. Nothing is sent there."""

REQUEST_LIMIT = 40
"""The number of requests after which a call counts as endless."""


class Side(StrEnum):
    """The two clients of a package."""

    BLOCKING = "blocking"
    ASYNCHRONOUS = "asynchronous"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a method, with its arguments as JSON values."""

    method: Method
    arguments: Mapping[Argument, Any] = field(default_factory=dict)

    @property
    def keywords(self) -> dict[str, Any]:
        """The Python arguments of the call."""
        return self.method.keywords(self.arguments)


@dataclass
class CallResult:
    """The result of a call.

    Attributes:
        side: The client that was called.
        sent: The requests, in order.
        answers: The response to each request.
        exchanges: The requests and responses in the form of a story.
        hosts: Scheme, host and port of each request.
        timeouts: The timeouts of each request, by phase, in seconds.
        at: Seconds that the client had slept before each request.
        value: The value that the call returned; `MISSING` if it raised an error.
        error: The error that the call raised; None if it returned a value.
        endless: Whether the suite ended the call, because of too many requests or an endless sleep.
        slept: Seconds that the client slept in total.
        seconds: Seconds of real time that the call took.
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
    """The call has sent too many requests. Not an `Exception`, so that the client does not catch it."""


AnswerFunction = Callable[[SentRequest, int], Answer]
"""Gives the response to a request, from the request and its number in the call, counted from 0."""


class InMemoryServer:
    """Answers the requests of a client in memory, and records them."""

    def __init__(self, clock: Clock, recorder: Recorder) -> None:
        self._clock = clock
        self._recorder = recorder
        self._answer_function: AnswerFunction = lambda _request, _number: Answer()
        self._most = REQUEST_LIMIT
        self._key = Key(KEY, "API_KEY")
        self.result = CallResult(Side.BLOCKING)

    def begin(self, side: Side, answer_function: AnswerFunction, most: int, key: str) -> CallResult:
        """Begin a new call: returns its result, which is filled while the call runs."""
        self._answer_function, self._most, self._key = answer_function, most, Key(key, "API_KEY")
        self._clock.slept = 0.0
        self.result = CallResult(side)
        return self.result

    def answer(self, request: httpx2.Request, body: bytes) -> Answer:
        """Record a request and give its response.

        Raises:
            _EndlessError: The call has sent too many requests.
        """
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
        exchange = self._exchange(request, sent, answer)
        result.exchanges.append(exchange)
        self._recorder.add(exchange)
        return answer

    def _exchange(self, request: httpx2.Request, sent: SentRequest, answer: Answer) -> Exchange:
        shown = {name: value for name, value in sent.headers if name.lower() not in _OF_THE_CONNECTION}
        authorization = shown.pop(_named(shown, "authorization"), None)
        key = self._key if authorization == self._key.header else None
        if authorization is not None and key is None:
            shown["Authorization"] = authorization
        shown_request = Request(
            request.method, str(request.url), sent.target, shown, key, sent.body or None, purpose="client"
        )
        response = Response(
            answer.status, {name.lower(): value for name, value in answer.headers}, answer.body
        )
        fault = None if answer.fault is None else str(answer.fault)
        return Exchange(shown_request, response if answer.has_status else None, fault, 0.0)


_OF_THE_CONNECTION = frozenset({"host", "connection", "accept-encoding", "content-length"})
"""Headers that HTTP libraries and curl add by themselves."""


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
    if not answer.has_status:
        assert answer.fault is not None
        raise _RAISED[answer.fault](str(answer.fault))
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    return httpx2.Response(answer.status, headers=headers, stream=_Body(answer))


class _Transport(httpx2.BaseTransport):
    def __init__(self, server: InMemoryServer) -> None:
        self._server = server

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return _native(self._server.answer(request, request.read()))


class _AsyncTransport(httpx2.AsyncBaseTransport):
    def __init__(self, server: InMemoryServer) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._server.answer(request, await request.aread())
        await asyncio.sleep(0)
        return _native(answer)


class Caller:
    """Calls the two clients of a package. Within its `with` block nothing waits and nothing is sent."""

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
        """A new client with other settings. It has no connection, so it need not be closed."""
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
        """Call a method. Of a list the value is the first page.

        Args:
            side: The client to call.
            call: The method and its arguments.
            answers: The responses.
            client: Another client to call; None for the usual one.
            key: The key of that client.
        """
        return self._perform(side, call, answers, client, key, walk=False, most=REQUEST_LIMIT)

    def walk(
        self, side: Side, call: Call, answers: AnswerSequence | AnswerFunction, *, most: int = REQUEST_LIMIT
    ) -> CallResult:
        """Walk over all pages of a list. The value is the list of all items.

        Args:
            side: The client to call.
            call: The method and its arguments.
            answers: The responses.
            most: The number of requests after which the walk counts as endless.
        """
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
        except BaseException as error:  # the user of the client would get it, whatever it is
            result.error = error
        result.slept, result.seconds = self._clock.slept, time.monotonic() - begun
        return result

    def _complete(self, awaited: Coroutine[Any, Any, Any]) -> Any:
        """The value of a coroutine. Tasks that it left running are cancelled."""
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
    """Keep the log messages of the client from the console, where they go without a handler."""
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
