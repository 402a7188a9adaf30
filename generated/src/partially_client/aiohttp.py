# Copied by partially-generate into every client. Edit it there, not here.
"""An asynchronous transport on aiohttp: it uses much less CPU time for many calls at the same time.

Pass an `AiohttpTransport()` as the `transport` of the asynchronous client. It needs the extra `aiohttp` of
this distribution. Timeouts, errors, retries, redirects and proxies work as without it, with two exceptions:
it does not support SOCKS proxies, and it trusts the certificates of OpenSSL instead of those of the system.
"""

from __future__ import annotations

import asyncio
import io
import ssl
import zlib
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from ._core.messages.response import Headers, Response
from ._core.observability.redaction import redact
from ._core.requests.request import Request
from ._core.transport.async_transport import AsyncTransport
from ._core.transport.owners import async_owner, is_gone, is_of_this_process
from ._core.transport.proxy import proxy_for
from .errors import APIConnectionError, APITimeoutError, ConfigurationError

if TYPE_CHECKING:
    # Type checkers must not need an optional dependency.
    import aiohttp  # type: ignore[import-not-found, unused-ignore]

_GZIP = zlib.MAX_WBITS | 16  # how zlib is told to expect the frame of gzip

_LARGE_BODY = 1024 * 1024  # bytes; aiohttp writes a larger body in pieces if it is a file

_LONGEST_HEADER = 64 * 1024  # bytes; the limit of the other transport

# Closing the connections of a parent process would remove them from its event loop. They are kept, unused.
_OF_PARENTS: list[Any] = []


class _Broken(Exception):  # noqa: N818 - never leaves this module
    """Hides a broken connection from aiohttp, which would send some requests a second time."""


class _Here(NamedTuple):
    """The connections of one process and event loop."""

    session: aiohttp.ClientSession
    connector: aiohttp.TCPConnector
    proxies: dict[str, str | None]
    """By origin. Reading the environment for each call would be slow."""


class AiohttpTransport(AsyncTransport):
    """Sends the requests of an asynchronous client with aiohttp. Closed with the client."""

    def __init__(self, *, limit: int = 100, ssl_context: ssl.SSLContext | None = None) -> None:
        """Set up the transport; no connection is opened before the first call.

        Args:
            limit: How many connections may be open at the same time.
            ssl_context: The certificates to trust, instead of those of OpenSSL.

        Raises:
            ConfigurationError: aiohttp 3.12 or newer is not installed, or the limit is not a positive number.
        """
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise ConfigurationError(f"limit: expected a whole number from 1 on, got {limit!r}")
        self._aiohttp = _library()
        from yarl import URL  # noqa: PLC0415 - came with aiohttp

        self._url = URL
        self._limit = limit
        self._ssl: Any = True if ssl_context is None else ssl_context
        self._here: dict[Hashable, _Here] = {}
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Send a request and read the whole response. Redirects are not followed.

        Raises:
            APIConnectionError: No complete response arrived.
            APITimeoutError: It took too long.
            ConfigurationError: The transport is closed, or the proxy cannot be used.
        """
        if self._closed:
            raise ConfigurationError("The client is closed")
        aiohttp = self._aiohttp
        try:
            return await self._exchange(request)
        except aiohttp.ConnectionTimeoutError as error:
            raise _late(request, error, maybe_sent=False) from error
        except TimeoutError as error:
            raise _late(request, error) from error
        except _Broken as broken:
            raise _failed(request, broken.__cause__ or broken) from broken.__cause__
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.InvalidURL) as error:
            raise _failed(request, error, maybe_sent=False) from error
        except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError) as error:
            raise _failed(request, error) from error
        except UnicodeError as error:
            raise ConfigurationError("The proxy in the environment has no valid host name") from error
        except RuntimeError as error:
            if self._closed:  # by other code, during this call
                raise ConfigurationError("The client is closed") from error
            raise

    async def _exchange(self, request: Request) -> Response:
        aiohttp, here = self._aiohttp, self._used_here()
        proxy = here.proxies.get(request.origin, "")
        if proxy == "":
            proxy = here.proxies[request.origin] = _http_proxy_for(request.origin)
        body: Any = request.body
        if body is not None and len(body) > _LARGE_BODY:
            body = io.BytesIO(body)
        seconds = request.timeout
        # aiohttp has no timeout for sending a body, nor after an interim response.
        async with asyncio.timeout(_sum(seconds.values())):
            reply = await here.session.request(
                request.method,
                self._url(request.url, encoded=True),
                headers=request.headers,
                data=body,
                allow_redirects=False,
                proxy=proxy,
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    connect=_sum((seconds["pool"], seconds["connect"])),
                    sock_connect=seconds["connect"],
                    sock_read=seconds["read"],
                ),
            )
        headers = Headers([(str(name), value) for name, value in reply.headers.items()])
        content = bytearray()
        try:
            async for part in reply.content.iter_any():
                content += part
        except TimeoutError as error:
            raise _late(request, error, _decoded(reply.status, headers, bytes(content))) from error
        except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError) as error:
            raise _failed(request, error, _decoded(reply.status, headers, bytes(content))) from error
        finally:
            reply.close()  # no effect if the whole response was read: the connection is in the pool then
        return _decoded(reply.status, headers, bytes(content))

    def _used_here(self) -> _Here:
        owner = async_owner()
        here = self._here.get(owner)
        if here is None:
            for left in [left for left in self._here if is_gone(left)]:
                gone = self._here.pop(left)
                gone.session.detach()
                if not is_of_this_process(left):
                    _OF_PARENTS.append(gone.connector)
            here = self._here[owner] = self._opened()
        return here

    def _opened(self) -> _Here:
        aiohttp = self._aiohttp
        connector = aiohttp.TCPConnector(limit=self._limit, ssl=self._ssl)
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            auto_decompress=False,  # so that a broken body and a broken connection are different errors
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            middlewares=(self._once,),
        )
        return _Here(session, connector, {})

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
        here = self._here.pop(async_owner(), None)
        if here is not None:
            await here.session.close()


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
    return APITimeoutError(f"{request.label}: {happened} ({type(error).__name__})", maybe_sent, part)


def _failed(
    request: Request, error: BaseException, part: Response | None = None, *, maybe_sent: bool = True
) -> APIConnectionError:
    # Errors about responses show whole addresses and data. Their first line is enough.
    said = str(getattr(error, "message", error)).partition("\n")[0]
    said = redact(said, request.secrets) or "no connection"
    return APIConnectionError(f"{request.label}: {said} ({type(error).__name__})", maybe_sent, part)


def _decoded(status: int, headers: Headers, content: bytes) -> Response:
    """The response, with its body decompressed if it is gzip, the form that was requested."""
    if not content or headers.get("content-encoding", "").strip().lower() != "gzip":
        return Response(status, headers, content)
    unzip = zlib.decompressobj(_GZIP)
    try:
        plain, fault = unzip.decompress(content), "" if unzip.eof else "it is incomplete"
    except zlib.error as error:
        plain, fault = b"", str(error)
    said = f"Expected a readable body, but decompressing it failed: {fault}" if fault else ""
    return Response(status, headers, plain, said)
