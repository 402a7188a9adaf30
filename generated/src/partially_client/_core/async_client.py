# Shipped by partially-generate with every client. Edit it there, not here.
"""The base of the client: settings, the loop of retries, and pages."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from ..errors import APIConnectionError
from .async_page import AsyncPage
from .operation import Arguments, CallOptions, Operation, Timeout
from .request import Request, build_request
from .response import Response, read
from .retry import pause_before_retry
from .settings import Product, build_settings, checked_headers, checked_retries, checked_timeout

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
P = TypeVar("P", bound=AsyncPage[Any, Any])

logger = logging.getLogger(__name__.partition(".")[0])


class AsyncBaseClient:
    """What every generated client inherits."""

    def __init__(
        self,
        product: Product,
        *,
        api_key: str | None,
        base_url: str | None,
        timeout: Timeout,
        max_retries: int,
        extra_headers: Mapping[str, str] | None,
        http_client: httpx2.AsyncClient | None,
        transport: httpx2.AsyncBaseTransport | None,
    ) -> None:
        # Here and not above: importing the HTTP library takes most of the time of importing the client.
        from .async_http import AsyncHttp  # noqa: PLC0415

        self._settings = build_settings(
            product,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            headers=extra_headers,
        )
        self._http = AsyncHttp(http_client, transport)
        self._owns_http = True
        self._sleep = asyncio.sleep

    @property
    def base_url(self) -> str:
        """The address all paths are below."""
        return self._settings.base_url

    @property
    def timeout(self) -> Timeout:
        """Seconds to wait for the next piece of an answer."""
        return self._settings.timeout

    @property
    def max_retries(self) -> int:
        """How often a failed call is repeated, where that is safe."""
        return self._settings.max_retries

    def with_options(
        self,
        *,
        timeout: Timeout | msgspec.UnsetType = msgspec.UNSET,
        max_retries: int | msgspec.UnsetType = msgspec.UNSET,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Self:
        """A client with other settings and the same connections. This one stays as it is.

        Closing the copy does nothing: the connections belong to the original.

        Args:
            timeout: Seconds to wait for the next piece of an answer.
            max_retries: How often a failed call is repeated.
            extra_headers: Headers sent with every call, beside those of this client.

        Returns:
            The copy.

        Raises:
            ConfigurationError: A setting is unusable.
        """
        settings = self._settings
        twin = copy.copy(self)
        twin._owns_http = False
        twin._settings = dataclasses.replace(
            settings,
            timeout=settings.timeout if timeout is msgspec.UNSET else checked_timeout(timeout),
            max_retries=settings.max_retries
            if max_retries is msgspec.UNSET
            else checked_retries(max_retries),
            headers=settings.headers + checked_headers(extra_headers),
        )
        return twin

    async def close(self) -> None:
        """Close the connections. An `http_client` that was passed in stays open: it is not ours."""
        if self._owns_http:
            await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    async def _call(self, operation: Operation[T], arguments: Arguments, options: CallOptions) -> T:
        request = build_request(operation, self._settings, arguments, options)
        attempt = 0
        while True:
            outcome = await self._try(request)
            pause = pause_before_retry(operation, outcome, attempt, self._settings.max_retries)
            if pause is None:
                break
            attempt += 1
            logger.debug("%s: again in %.2f s, number %d", request.label, pause, attempt)
            await self._sleep(pause)
        if isinstance(outcome, APIConnectionError):
            raise outcome
        return read(operation, outcome, request.secrets)

    async def _try(self, request: Request) -> Response | APIConnectionError:
        try:
            response = await self._http.send(request)
        except APIConnectionError as error:
            logger.debug("%s: %s", request.label, type(error).__name__)
            return error
        logger.debug("%s: %d", request.label, response.status_code)
        return response

    async def _page(
        self, kind: type[P], operation: Operation[Any], arguments: Arguments, options: CallOptions
    ) -> P:
        paging = operation.paging
        assert paging is not None, operation.name

        async def turn_to(number: int) -> Any:
            query = {**arguments.query, paging.parameter: number}
            return await self._call(operation, arguments._replace(query=query), options)

        return kind(await self._call(operation, arguments, options), paging, turn_to)
