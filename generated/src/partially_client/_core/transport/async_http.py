# Copied by partially-generate into every client. Edit it there, not here.
"""Sends requests with httpx2. No other module of the client knows that library or its errors."""

from __future__ import annotations

import os
from collections.abc import Hashable
from typing import Any

import httpx2

from ...errors import ConfigurationError, PartiallyError
from ..messages.body import Body, TooLargeError
from ..messages.response import Headers, Response
from ..observability.secrets import Hidden, sealed, without_frames
from ..requests.request import Request
from ..settings.settings import Given
from .async_bounds import async_bound
from .async_transport import AsyncTransport
from .attempt import Attempt
from .failures import BEGINNING, broken, failure_of, too_large
from .owners import async_owner, is_gone
from .proxy import proxy_for


class _Kept:
    """The connections, which know the headers of requests. It is kept in a `Hidden`."""

    def __init__(self, lent: httpx2.AsyncClient | None, given: httpx2.AsyncBaseTransport | None) -> None:
        self.lent = lent
        self.given = given
        self.own: dict[tuple[Hashable, str], httpx2.AsyncBaseTransport] = {}
        self.is_of_user = lent is not None or given is not None
        used = [given] if lent is None else [lent._transport, *lent._mounts.values()]
        known = [async_bound(transport) for transport in used if transport is not None]
        self.is_bound = all(known)


class AsyncHttp:
    """The connections of a client and its copies: its own, or those that the user passed.

    Its own connections are separate for each process and event loop, because a fork or a second loop must not
    use the sockets of another. They are separate for each origin, because that decides about the proxy.
    """

    def __init__(self, given: Hidden[Given], max_connections: int | None) -> None:
        self._kept, self._replacement = sealed(_checked, given)
        self._limits = httpx2.Limits(max_connections=max_connections, max_keepalive_connections=_KEPT_ALIVE)
        self._used_in: int | None = None
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Send a request and read the whole response. Redirects are not followed: the key would be sent too.

        Raises:
            APIConnectionError: No complete response arrived.
            APITimeoutError: It took too long.
            ConfigurationError: The client is closed, or cannot connect with its settings.
        """
        if self._replacement is not None and not self._closed:
            return await self._replacement.send(request)
        outcome = await self._outcome(request)
        if isinstance(outcome, Response):
            return outcome
        raise outcome

    async def _outcome(self, request: Request) -> Response | BaseException:
        """The response, or the error to raise, since this frame and those below hold the headers."""
        kept = self._kept.reveal()
        try:
            self._check_usable(kept)
            return await self._exchange(kept, request)
        except Exception as error:
            if (found := failure_of(error, request)) is not None:
                return found
            if self._closed:  # by other code, during this call
                return ConfigurationError("The client is closed")
            if isinstance(error, PartiallyError) or kept.is_of_user:
                return without_frames(error)  # code of the user may raise anything
            return broken(error, request)
        except BaseException as error:  # such as the end of a task
            return without_frames(error)

    def _check_usable(self, kept: _Kept) -> None:
        if self._closed or (kept.lent is not None and kept.lent.is_closed):
            raise ConfigurationError("The client is closed")
        # A client or transport of the user that was used before a fork cannot be opened again.
        if not kept.is_of_user:
            return
        if self._used_in is None:
            self._used_in = os.getpid()
        elif self._used_in != os.getpid():
            raise ConfigurationError(
                "The http_client or transport was used before a fork, so its connections belong to the"
                " parent process; create a new client in the child process"
            )

    async def _exchange(self, kept: _Kept, request: Request) -> Response | PartiallyError:
        url, headers, content = request.sent()
        attempt = Attempt(request.total)
        timeout = attempt.phases(request.timeout) if kept.is_bound else request.timeout
        extensions: dict[str, Any] = {"timeout": timeout}
        if kept.lent is not None:
            # This applies the headers, cookies and hooks of the user's client.
            native = kept.lent.build_request(
                request.method, url, headers=headers, content=content, extensions=extensions
            )
            reply = await kept.lent.send(native, stream=True, follow_redirects=False)
        else:
            # Without a client: it would log whole addresses, with search terms in them.
            native = httpx2.Request(
                request.method, url, headers=headers, content=content, extensions=extensions
            )
            transport = kept.given or self._transport(kept, request.origin)
            reply = await transport.handle_async_request(native)
        try:
            if reply.is_stream_consumed:
                return _read_already(request, reply)
            return await self._read(request, reply, attempt)
        finally:
            await reply.aclose()

    async def _read(
        self, request: Request, reply: httpx2.Response, attempt: Attempt
    ) -> Response | PartiallyError:
        attempt.begin_body()
        if reply.extensions.get("http_version", b"HTTP/1.1") not in _VERSIONS:
            raise httpx2.RemoteProtocolError("the response is of an unknown version of HTTP")
        body = Body(reply.headers.get("content-encoding", ""), request.max_response_bytes)
        try:
            stream: Any = reply.stream
            async for part in stream:
                body.add(part)
                attempt.check_body()
            body.end()
        except TooLargeError:
            return too_large(request, _response(reply, body.content(BEGINNING), body.fault))
        except httpx2.HTTPError as error:
            found = failure_of(error, request, _response(reply, body.content(), body.fault))
            assert found is not None, "this is an error of httpx2"
            return found
        return _response(reply, body.content(), body.fault)

    def _transport(self, kept: _Kept, origin: str) -> httpx2.AsyncBaseTransport:
        owner = async_owner()
        found = kept.own.get((owner, origin))
        if found is None:
            for key in [key for key in list(kept.own) if is_gone(key[0])]:
                # Removed without closing: another process may still use the connections.
                kept.own.pop(key, None)
            # No lock, because a fork could leave it locked. Of two threads, the second one gets the first's.
            found = kept.own.setdefault((owner, origin), _opened(origin, self._limits))
        return found

    async def close(self) -> None:
        """Close the connections, but not an `http_client` of the user. No request can be sent afterwards."""
        self._closed = True
        if self._replacement is not None:
            await self._replacement.aclose()
        kept = self._kept.reveal()
        if kept.given is not None:
            await kept.given.aclose()
        if kept.own:
            owner = async_owner()
            for key in list(kept.own):
                own = kept.own.pop(key, None)
                if own is not None and key[0] == owner:
                    await own.aclose()


_VERSIONS = frozenset({b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2"})

_KEPT_ALIVE = 100
"""Connections that are kept open without being used."""


def _checked(given: Hidden[Given]) -> tuple[Hidden[_Kept], AsyncTransport | None]:
    """The connections that the user passed."""
    http_client, transport = given.reveal().http_client, given.reveal().transport
    if http_client is not None and transport is not None:
        raise ConfigurationError("Pass either http_client or transport, not both")
    _check("http_client", http_client, (httpx2.AsyncClient,))
    if http_client is not None and http_client.auth is not None:
        said = "it has an auth of its own, which would replace the API key: remove it, or use extra_headers"
        raise ConfigurationError(f"http_client: {said}")
    _check("transport", transport, (httpx2.AsyncBaseTransport, AsyncTransport))
    if isinstance(transport, AsyncTransport):
        return Hidden(_Kept(None, None)), transport
    return Hidden(_Kept(http_client, transport)), None


def _check(name: str, given: object, wanted: tuple[type, ...]) -> None:
    # An unknown object must not be ignored: requests meant for a fake would go to the network.
    if given is not None and not isinstance(given, wanted):
        kinds = " or ".join(f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in wanted)
        kind = type(given)
        raise ConfigurationError(f"{name}: expected a {kinds}, got a {kind.__module__}.{kind.__name__}")


def _read_already(request: Request, reply: httpx2.Response) -> Response | PartiallyError:
    """The response that was read, and decompressed, by the httpx2 client of the user or in a mock."""
    content, limit = reply.content, request.max_response_bytes
    if limit is not None and len(content) > limit:
        return too_large(request, _response(reply, content[:BEGINNING]))
    return _response(reply, content)


def _response(reply: httpx2.Response, content: bytes, fault: str = "") -> Response:
    return Response(reply.status_code, Headers.read_by(reply.headers.multi_items), content, fault)


def _opened(origin: str, limits: httpx2.Limits) -> httpx2.AsyncHTTPTransport:
    proxy = proxy_for(origin)
    try:
        # Loading certificates is slow, and only TLS needs them.
        secure = proxy is not None or origin.startswith("https:")
        transport = httpx2.AsyncHTTPTransport(proxy=proxy, verify=secure, limits=limits)
    except ImportError as error:
        raise ConfigurationError(
            "The proxy in the environment is a SOCKS proxy, which needs an extra: pip install 'httpx2[socks]'"
        ) from error
    except Exception as error:  # many kinds: no such file, no certificates in it, a bad address
        raise ConfigurationError(
            f"The proxy or the certificates in the environment cannot be used: {type(error).__name__}"
        ) from error
    async_bound(transport)
    return transport
