"""An asynchronous transport on aiohttp: it uses much less CPU time for many calls at the same time.

Pass an `AiohttpTransport()` as the `transport` of the asynchronous client. It needs the extra `aiohttp` of
this distribution. Timeouts, errors, retries, redirects and proxies work as without it, with two exceptions:
it does not support SOCKS proxies, and it trusts the certificates of OpenSSL instead of those of the system.
"""

from __future__ import annotations

import asyncio
import functools
import io
import ssl
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from ._core.messages.body import Body, TooLargeError
from ._core.messages.response import Headers, Response
from ._core.observability.redaction import redact
from ._core.observability.secrets import Hidden, without_frames
from ._core.requests.request import Request
from ._core.transport.async_transport import AsyncTransport
from ._core.transport.failures import BEGINNING, TOOK_LONGER, because, too_large
from ._core.transport.owners import async_owner, is_gone, is_of_this_process, running_trio
from ._core.transport.proxy import proxy_for
from .errors import APIConnectionError, APITimeoutError, ConfigurationError, PoolTimeoutError, SdkError

if TYPE_CHECKING:
    # Type checkers must not need an optional dependency.
    import aiohttp  # type: ignore[import-not-found, unused-ignore]

_LARGE_BODY = 1024 * 1024  # bytes; aiohttp writes a larger body in pieces if it is a file

_LONGEST_HEADER = 64 * 1024  # bytes; the limit of the other transport

_MOST_HEADERS = 4096

_MOST_INTERIM = 100  # responses; the limit of the other transport

_SWITCHED = 101  # the status of a server that changes the protocol

_LIMIT = 1000  # connections

# Closing the connections of a parent process would remove them from its event loop. They are kept, unused.
_OF_PARENTS: list[Any] = []


class _Broken(Exception):  # noqa: N818 - never leaves this module
    """Hides a broken connection from aiohttp, which would send some requests a second time."""


class _Here(NamedTuple):
    """The connections of one process and event loop."""

    session: aiohttp.ClientSession
    connector: aiohttp.TCPConnector
    turns: asyncio.Semaphore
    """Calls wait here for a free connection, so that this is not taken for a slow server."""
    time: Callable[[], float]
    """The clock of the event loop."""
    proxies: dict[str, str | None]
    """By origin. Reading the environment for each call would be slow."""


class _Received:
    """A response as far as it arrived."""

    __slots__ = ("_body", "_headers", "_limit", "reply")

    def __init__(self, limit: int | None) -> None:
        self.reply: Any = None
        self._limit = limit
        self._headers = Headers(())
        self._body = Body("", limit)

    async def read(self, reply: Any, aiohttp: Any) -> None:
        """Read the body of a reply of aiohttp."""
        self.reply = reply
        if reply.status == _SWITCHED:
            raise aiohttp.ClientPayloadError(
                "the server switched to another protocol, which nobody asked for"
            )
        self._headers = Headers.read_by(functools.partial(_pairs, reply.headers))
        body = self._body = Body(reply.headers.get("Content-Encoding", ""), self._limit)
        content = reply.content
        while part := await content.readany():
            body.add(part)
        body.end()

    def response(self, most: int | None = None) -> Response:
        """What arrived; at most the first `most` bytes of the body."""
        return Response(self.reply.status, self._headers, self._body.content(most), self._body.fault)


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return [(str(name), value) for name, value in headers.items()]


class AiohttpTransport(AsyncTransport):
    """Sends the requests of an asynchronous client with aiohttp. Closed with the client."""

    def __init__(self, *, limit: int = _LIMIT, ssl_context: ssl.SSLContext | None = None) -> None:
        """Set up the transport; no connection is opened before the first call.

        Args:
            limit: How many connections may be open at the same time. Further calls wait for a free one.
            ssl_context: The certificates to trust, instead of those of OpenSSL.

        Raises:
            ConfigurationError: aiohttp 3.12 or newer is not installed, or an argument is invalid.
        """
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise ConfigurationError(f"limit: expected a whole number from 1 on, got {limit!r}")
        given: object = ssl_context
        if given is not None and not isinstance(given, ssl.SSLContext):
            kind = type(given).__name__
            raise ConfigurationError(f"ssl_context: expected an ssl.SSLContext, got {kind}")
        self._aiohttp = _library()
        from yarl import URL  # noqa: PLC0415 - came with aiohttp

        self._url = URL
        self._limit = limit
        self._ssl: Any = True if ssl_context is None else ssl_context
        self._here: Hidden[dict[Hashable, _Here]] = Hidden({})
        self._timeouts: tuple[Any, Any, float | None] = (None, None, None)
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Send a request and read the whole response. Redirects are not followed.

        Raises:
            APIConnectionError: No complete response arrived.
            APITimeoutError: It took too long.
            ConfigurationError: The transport is closed, or the proxy cannot be used.
        """
        outcome = await self._outcome(request)
        if isinstance(outcome, Response):
            return outcome
        raise outcome

    async def _outcome(self, request: Request) -> Response | BaseException:
        """The response, or the error to raise, since this frame and those below hold the headers."""
        if self._closed:
            return ConfigurationError("The client is closed")
        try:
            return await self._in_turn(request, self._used_here())
        except Exception as error:
            if self._has_closed():  # by other code, during this call
                return ConfigurationError("The client is closed")
            return self._failure(error, request)
        except BaseException as error:  # such as the end of a task
            return without_frames(error)

    def _failure(self, error: BaseException, request: Request) -> SdkError:
        aiohttp = self._aiohttp
        if isinstance(error, SdkError):
            return without_frames(error)
        if isinstance(error, UnicodeError):
            return ConfigurationError("The proxy in the environment has no valid host name")
        if isinstance(error, TimeoutError):
            return _late(request, error, maybe_sent=not isinstance(error, aiohttp.ConnectionTimeoutError))
        unsent = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.InvalidURL)
        maybe_sent = not isinstance(error, unsent)
        if isinstance(error, _Broken):
            error = error.__cause__ or error
        return _failed(request, error, maybe_sent=maybe_sent)

    def _has_closed(self) -> bool:
        return self._closed

    async def _in_turn(self, request: Request, here: _Here) -> Response | SdkError:
        """Wait for a free connection, and send the request."""
        turns = here.turns
        if turns.locked():
            try:
                async with asyncio.timeout(request.timeout["pool"]):
                    await turns.acquire()
            except TimeoutError:
                said = "no connection became free in time: raise the limit of the transport or pool_timeout"
                return PoolTimeoutError(f"{request.label}: {said}", False)
        else:
            await turns.acquire()
        try:
            return await self._exchange(request, here)
        finally:
            turns.release()

    async def _exchange(self, request: Request, here: _Here) -> Response | SdkError:
        received = _Received(request.max_response_bytes)
        try:
            await self._fill(received, request, here)
            return received.response()
        except TooLargeError:
            return too_large(request, received.response(BEGINNING))
        except (TimeoutError, self._aiohttp.ClientError) as error:
            if received.reply is None:
                raise
            fail = _late if isinstance(error, TimeoutError) else _failed
            return fail(request, error, received.response())
        finally:
            if received.reply is not None:
                # No effect if the whole response was read: the connection is in the pool then.
                received.reply.close()

    async def _fill(self, received: _Received, request: Request, here: _Here) -> None:
        """Send the request, and read the response in the time that it has."""
        url, pairs, body = request.sent()
        proxy = here.proxies.get(request.origin, "")
        if proxy == "":
            proxy = here.proxies[request.origin] = _http_proxy_for(request.origin)
        data: Any = body
        if body is not None and len(body) > _LARGE_BODY:
            data = io.BytesIO(body)
        timeout, head = self._timeouts_for(request.timeout)
        total = request.total
        end = None if total is None else here.time() + total
        # aiohttp has no timeout for sending a body, nor after an interim response.
        first = head if total is None or (head is not None and head < total) else total
        async with asyncio.timeout(first) as clock:
            reply = await here.session.request(
                request.method,
                self._url(url, encoded=True),
                headers=pairs,
                data=data,
                allow_redirects=False,
                proxy=proxy,
                timeout=timeout,
            )
            clock.reschedule(end)
            await received.read(reply, self._aiohttp)

    def _timeouts_for(self, seconds: dict[str, Any]) -> tuple[Any, float | None]:
        """The timeouts of aiohttp, and the seconds until the head of a response has to be there."""
        known, timeout, head = self._timeouts
        if known is not seconds:
            timeout = self._aiohttp.ClientTimeout(
                total=None, sock_connect=seconds["connect"], sock_read=seconds["read"]
            )
            head = _sum((seconds["connect"], seconds["write"], seconds["read"]))
            self._timeouts = (seconds, timeout, head)
        return timeout, head

    def _used_here(self) -> _Here:
        if running_trio() is not None:
            raise ConfigurationError("AiohttpTransport needs asyncio: with trio, leave out the transport")
        known = self._here.reveal()
        owner = async_owner()
        here = known.get(owner)
        if here is None:
            for left in [left for left in known if is_gone(left)]:
                gone = known.pop(left)
                gone.session.detach()
                if not is_of_this_process(left):
                    _OF_PARENTS.append(gone.connector)
            here = known[owner] = self._opened()
        return here

    def _opened(self) -> _Here:
        aiohttp = self._aiohttp
        connector = aiohttp.TCPConnector(limit=0, ssl=self._ssl)
        connector._factory = _counting(aiohttp, connector._factory)
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            auto_decompress=False,  # so that a broken body and a broken connection are different errors
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            middlewares=(self._once,),
        )
        turns = asyncio.Semaphore(self._limit)
        return _Here(session, connector, turns, asyncio.get_running_loop().time, {})

    async def _once(self, request: Any, handler: Any) -> Any:
        aiohttp = self._aiohttp
        try:
            return await handler(request)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError):
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            raise _Broken from error

    async def aclose(self) -> None:
        """Close the connections. No request can be sent afterwards."""
        self._closed = True
        here = self._here.reveal().pop(async_owner(), None)
        if here is not None:
            await here.session.close()


def _counting(aiohttp: Any, factory: Any) -> Any:
    """The class of connections that end after too many interim responses, instead of that of aiohttp."""

    class Counting(factory.func):  # type: ignore[misc]  # known at run time only
        async def read(self) -> Any:
            found = await super().read()
            if found[0].code >= 200 or found[0].code == 101:
                self.interim = 0
                return found
            self.interim = getattr(self, "interim", 0) + 1
            if self.interim > _MOST_INTERIM:
                raise aiohttp.ClientPayloadError(f"more than {_MOST_INTERIM} interim responses")
            return found

    return functools.partial(Counting, *factory.args, **factory.keywords)


def _library() -> Any:
    try:
        import aiohttp  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(
            "AiohttpTransport needs aiohttp: install the extra `aiohttp` of this distribution"
        ) from error
    if not hasattr(aiohttp, "ClientMiddlewareType"):
        raise ConfigurationError(
            f"AiohttpTransport needs aiohttp 3.12 or newer, but {aiohttp.__version__} is installed"
        )
    return aiohttp


def _sum(seconds: Iterable[float | None]) -> float | None:
    total = 0.0
    for value in seconds:
        if value is None:
            return None  # waits without limit
        total += value
    return total


def _http_proxy_for(origin: str) -> str | None:
    proxy = proxy_for(origin)
    if proxy is None:
        return None
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            "The proxy in the environment cannot be used: aiohttp needs one such as http://127.0.0.1:3128"
        )
    return proxy


def _late(
    request: Request, error: BaseException, part: Response | None = None, *, maybe_sent: bool = True
) -> APITimeoutError:
    happened = "no response in time" if part is None else "the response was cut off"
    # The timeouts of aiohttp itself have other types.
    why = f"; {TOOK_LONGER} {request.total:g} s as a whole" if type(error) is TimeoutError and part else ""
    message = f"{request.label}: {happened} ({type(error).__name__}){why}"
    return because(APITimeoutError(message, maybe_sent, part), error, request)


def _failed(
    request: Request, error: BaseException, part: Response | None = None, *, maybe_sent: bool = True
) -> APIConnectionError:
    # Errors about responses show whole addresses and data. Their first line is enough.
    said = str(getattr(error, "message", error)).partition("\n")[0]
    said = redact(said, request.secrets) or "no connection"
    message = f"{request.label}: {said} ({type(error).__name__})"
    return because(APIConnectionError(message, maybe_sent, part), error, request)
