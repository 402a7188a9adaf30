"""Sends requests with httpx2. No other module of the client knows that library or its errors."""

from __future__ import annotations

import os
from collections.abc import Hashable

import httpx2

from ...errors import APIConnectionError, APITimeoutError, ConfigurationError
from ..messages.response import Headers, Response
from ..observability.redaction import redact
from ..requests.request import Request
from .async_transport import AsyncTransport
from .owners import async_owner, is_gone
from .proxy import proxy_for

# Raised before the first byte of a request leaves.
_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)


class AsyncHttp:
    """The connections of a client and its copies: its own, or those that the user passed.

    Its own connections are separate for each process and event loop, because a fork or a second loop must not
    use the sockets of another. They are separate for each origin, because that decides about the proxy.
    """

    def __init__(
        self,
        http_client: httpx2.AsyncClient | None,
        transport: httpx2.AsyncBaseTransport | AsyncTransport | None,
    ) -> None:
        if http_client is not None and transport is not None:
            raise ConfigurationError("Pass either http_client or transport, not both")
        _check("http_client", http_client, (httpx2.AsyncClient,))
        _check("transport", transport, (httpx2.AsyncBaseTransport, AsyncTransport))
        self._lent = http_client
        self._given = transport
        self._used_in: int | None = None
        self._own: dict[tuple[Hashable, str], httpx2.AsyncBaseTransport] = {}
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Send a request and read the whole response. Redirects are not followed: the key would be sent too.

        Raises:
            APIConnectionError: No complete response arrived.
            APITimeoutError: It took too long.
            ConfigurationError: The client is closed, or cannot connect with its settings.
        """
        if self._closed or (self._lent is not None and self._lent.is_closed):
            raise ConfigurationError("The client is closed")
        if isinstance(self._given, AsyncTransport):
            return await self._given.send(request)
        if self._lent is not None or self._given is not None:
            self._check_process()
        try:
            return await self._exchange(request)
        except httpx2.TimeoutException as error:
            message = f"{request.label}: no response in time ({type(error).__name__})"
            raise APITimeoutError(message, not isinstance(error, _UNSENT)) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise self._broken(request, error) from error
        except UnicodeError as error:
            raise ConfigurationError("The proxy in the environment has no valid host name") from error
        except RuntimeError as error:
            if self._closed:  # by other code, during this call
                raise ConfigurationError("The client is closed") from error
            raise

    def _check_process(self) -> None:
        """Refuse a client or transport of the user that was used before a fork: it cannot be opened again."""
        if self._used_in is None:
            self._used_in = os.getpid()
        elif self._used_in != os.getpid():
            raise ConfigurationError(
                "The http_client or transport was used before a fork, so its connections belong to the"
                " parent process; create a new client in the child process"
            )

    async def _exchange(self, request: Request) -> Response:
        if self._lent is not None:
            # This applies the headers, cookies and hooks of the user's client.
            native = self._lent.build_request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.body,
                extensions={"timeout": request.timeout},
            )
            reply = await self._lent.send(native, stream=True, follow_redirects=False)
        else:
            # Without a client: it would log whole addresses, with search terms in them.
            native = httpx2.Request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.body,
                extensions={"timeout": request.timeout},
            )
            reply = await self._transport(request.origin).handle_async_request(native)
        content = bytearray()
        fault = ""
        try:
            async for part in reply.aiter_bytes():
                content += part
        except httpx2.DecodingError as error:
            fault = f"Expected a readable body, but decompressing it failed: {error}"
        except httpx2.TimeoutException as error:
            message = f"{request.label}: the response was cut off ({type(error).__name__})"
            raise APITimeoutError(message, True, _response(reply, content)) from error
        except httpx2.HTTPError as error:
            raise self._broken(request, error, _response(reply, content)) from error
        finally:
            await reply.aclose()
        return _response(reply, content, fault)

    def _transport(self, origin: str) -> httpx2.AsyncBaseTransport:
        if isinstance(self._given, httpx2.AsyncBaseTransport):
            return self._given
        owner = async_owner()
        found = self._own.get((owner, origin))
        if found is None:
            for key in [key for key in list(self._own) if is_gone(key[0])]:
                # Removed without closing: another process may still use the connections.
                self._own.pop(key, None)
            # No lock, because a fork could leave it locked. Of two threads, the second one gets the first's.
            found = self._own.setdefault((owner, origin), _opened(origin))
        return found

    def _broken(self, request: Request, error: Exception, part: Response | None = None) -> APIConnectionError:
        said = redact(str(error), request.secrets) or "no connection"
        message = f"{request.label}: {said} ({type(error).__name__})"
        return APIConnectionError(message, not isinstance(error, _UNSENT), part)

    async def close(self) -> None:
        """Close the connections, but not an `http_client` of the user. No request can be sent afterwards."""
        self._closed = True
        if self._given is not None:
            await self._given.aclose()
        if self._own:
            owner = async_owner()
            for key in list(self._own):
                own = self._own.pop(key, None)
                if own is not None and key[0] == owner:
                    await own.aclose()


def _check(name: str, given: object, wanted: tuple[type, ...]) -> None:
    # An unknown object must not be ignored: requests meant for a fake would go to the network.
    if given is not None and not isinstance(given, wanted):
        kinds = " or ".join(f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in wanted)
        kind = type(given)
        raise ConfigurationError(f"{name}: expected a {kinds}, got a {kind.__module__}.{kind.__name__}")


def _response(reply: httpx2.Response, content: bytearray, fault: str = "") -> Response:
    return Response(reply.status_code, Headers(reply.headers.multi_items()), bytes(content), fault)


def _opened(origin: str) -> httpx2.AsyncHTTPTransport:
    proxy = proxy_for(origin)
    try:
        # Loading certificates is slow, and only TLS needs them.
        secure = proxy is not None or origin.startswith("https:")
        return httpx2.AsyncHTTPTransport(proxy=proxy, verify=secure)
    except (
        Exception
    ) as error:  # many kinds: no such file, no certificates in it, a bad address, no SOCKS support
        raise ConfigurationError(
            f"The proxy or the certificates in the environment cannot be used: {type(error).__name__}"
        ) from error
