# Shipped by partially-generate with every client. Edit it there, not here.
"""The one place where requests leave: everything above knows neither httpx2 nor its errors."""

from __future__ import annotations

import httpx2

from ..errors import APIConnectionError, APITimeoutError, ConfigurationError
from .request import Request
from .response import Headers, Response

# Raised before the first byte of a request leaves.
_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)


class SyncHttp:
    """A pool of connections, of our own or lent by the user."""

    def __init__(self, http_client: httpx2.Client | None, transport: httpx2.BaseTransport | None) -> None:
        if http_client is not None and transport is not None:
            raise ConfigurationError("Pass either http_client or transport, not both")
        self._lent = http_client is not None
        self._client = http_client if http_client is not None else httpx2.Client(transport=transport)

    def send(self, request: Request) -> Response:
        """Send a request and read the whole answer. Redirects are not followed, or the key would go along.

        Raises:
            APIConnectionError: There is no complete answer.
            APITimeoutError: It took too long.
            ConfigurationError: The client is closed.
        """
        if self._client.is_closed:
            raise ConfigurationError("The client is closed")
        try:
            return self._exchange(request)
        except httpx2.TimeoutException as error:
            message = f"{request.label}: no answer in time ({type(error).__name__})"
            raise APITimeoutError(message, not isinstance(error, _UNSENT)) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            message = f"{request.label}: {error or 'no connection'} ({type(error).__name__})"
            raise APIConnectionError(message, not isinstance(error, _UNSENT)) from error

    def _exchange(self, request: Request) -> Response:
        reply = self._client.send(self._native(request), stream=True, follow_redirects=False)
        fault = ""
        try:
            content = reply.read()
        except httpx2.DecodingError as error:
            content, fault = b"", f"Expected a readable body, but decompressing it failed: {error}"
        finally:
            reply.close()
        return Response(reply.status_code, Headers(reply.headers.multi_items()), content, fault)

    def _native(self, request: Request) -> httpx2.Request:
        if self._lent:  # goes through the headers and cookies that the user gave their client
            return self._client.build_request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.body,
                extensions={"timeout": request.timeout},
            )
        return httpx2.Request(
            request.method,
            request.url,
            headers=request.headers,
            content=request.body,
            extensions={"timeout": request.timeout},
        )

    def close(self) -> None:
        """Close the connections, unless the user lent them."""
        if not self._lent:
            self._client.close()
