"""The base class of the client: settings, retries, and pages."""

from __future__ import annotations

import copy
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from ...errors import APIConnectionError
from ..messages.response import Response
from ..observability.hooks import AsyncRequestHook, AsyncResponseHook, async_call_hook
from ..observability.logs import logger
from ..paging.async_page import AsyncPage
from ..requests.operation import Arguments, CallOptions, Operation
from ..requests.request import Request, build_request
from ..responses.raw import RawResponse
from ..responses.reading import check_status, read
from ..settings.settings import Product, build_settings, changed_settings
from ..settings.timeouts import Timeout
from .retry import pause_before_retry

if TYPE_CHECKING:
    import httpx2

    from ..transport.async_transport import AsyncTransport

T = TypeVar("T")
P = TypeVar("P", bound=AsyncPage[Any, Any])


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
        transport: httpx2.AsyncBaseTransport | AsyncTransport | None,
        on_request: AsyncRequestHook | None,
        on_response: AsyncResponseHook | None,
        credentials: Mapping[str, str] | None = None,
    ) -> None:
        # Imported here: these take most of the time of importing the client.
        import asyncio  # noqa: PLC0415

        from ..transport.async_http import AsyncHttp  # noqa: PLC0415

        self._settings = build_settings(
            product,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            extra_headers=extra_headers,
            on_request=on_request,
            on_response=on_response,
            credentials=credentials,
        )
        self._http = AsyncHttp(http_client, transport)
        self._owns_http = True
        self._raw = False
        self._sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def base_url(self) -> str:
        """The address all paths are below."""
        return self._settings.base_url

    @property
    def timeout(self) -> Timeout:
        """Seconds to wait for the next part of a response."""
        return self._settings.timeout

    @property
    def max_retries(self) -> int:
        """How often a failed call is repeated, if that is safe."""
        return self._settings.max_retries

    def with_options(
        self,
        *,
        api_key: str | msgspec.UnsetType = msgspec.UNSET,
        base_url: str | msgspec.UnsetType = msgspec.UNSET,
        timeout: Timeout | msgspec.UnsetType = msgspec.UNSET,
        max_retries: int | msgspec.UnsetType = msgspec.UNSET,
        extra_headers: Mapping[str, str] | None = None,
        on_request: AsyncRequestHook | msgspec.UnsetType | None = msgspec.UNSET,
        on_response: AsyncResponseHook | msgspec.UnsetType | None = msgspec.UNSET,
    ) -> Self:
        """A copy of this client with other settings and the same connections. This client does not change.

        A setting that is left out stays the same. Closing the copy does nothing: the connections belong to
        this client.

        Args:
            api_key: The key.
            base_url: The address of the API. The key is sent there too.
            timeout: Seconds to wait for the next part of a response.
            max_retries: How often a failed call is repeated.
            extra_headers: Headers sent with every call, in addition to those of this client.
            on_request: Called before each try; None removes the hook.
            on_response: Called with each response; None removes the hook.

        Returns:
            The copy.

        Raises:
            ConfigurationError: A setting is invalid.
        """
        changes = {
            "api_key": api_key,
            "base_url": base_url,
            "timeout": timeout,
            "max_retries": max_retries,
            "extra_headers": extra_headers or msgspec.UNSET,
            "on_request": on_request,
            "on_response": on_response,
        }
        twin = self._twin()
        twin._settings = changed_settings(self._settings, changes)
        return twin

    def _twin(self, *, raw: bool | None = None) -> Self:
        twin = copy.copy(self)
        twin._owns_http = False
        twin._raw = self._raw if raw is None else raw
        return twin

    async def close(self) -> None:
        """Close the connections. An `http_client` that was passed in stays open."""
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
        response = await self._response(operation, request)
        if self._raw:
            return self._unread(response, lambda: read(operation, response, request.secrets))
        return read(operation, response, request.secrets)

    async def _page(
        self, kind: type[P], operation: Operation[Any], arguments: Arguments, options: CallOptions
    ) -> P:
        paging = operation.paging
        assert paging is not None, operation.name

        async def turn_to(wanted: Any) -> Any:
            query = {**arguments.query, paging.parameter: wanted}
            request = build_request(operation, self._settings, arguments._replace(query=query), options)
            return read(operation, await self._response(operation, request), request.secrets)

        asked = {**arguments.query, **(options.extra_query or {})}.get(paging.parameter)
        start = asked if isinstance(asked, int) else 0
        request = build_request(operation, self._settings, arguments, options)
        response = await self._response(operation, request)
        if self._raw:
            return self._unread(
                response, lambda: kind(read(operation, response, request.secrets), paging, turn_to, start)
            )
        return kind(read(operation, response, request.secrets), paging, turn_to, start)

    @staticmethod
    def _unread(response: Response, parse: Callable[[], T]) -> T:
        raw: Any = RawResponse(response, parse)  # the types of `with_raw_response` say so
        result: T = raw
        return result

    async def _response(self, operation: Operation[Any], request: Request) -> Response:
        """The response to the last try, if it is a success."""
        attempt = 0
        while True:
            outcome = await self._try(request, attempt)
            pause = pause_before_retry(operation, outcome, attempt, request.max_retries)
            if pause is None:
                break
            attempt += 1
            logger.info(
                "%s: again in %.2f s, retry %d of %d", request.label, pause, attempt, request.max_retries
            )
            await self._sleep(pause)
        if isinstance(outcome, APIConnectionError):
            raise outcome
        check_status(outcome, request.secrets)
        return outcome

    async def _try(self, request: Request, attempt: int) -> Response | APIConnectionError:
        info = request.info(attempt)
        if self._settings.on_request is not None:
            added = await async_call_hook(self._settings.on_request, info)
            request = request.with_headers(added) if added else request
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("%s: sending %s", request.label, request.details)
        started = perf_counter()
        try:
            response = await self._http.send(request)
        except APIConnectionError as error:
            if error.response is not None:
                error.response.request, error.response.elapsed = info, perf_counter() - started
            logger.info("%s: %s", request.label, type(error).__name__)
            return error
        response.request, response.elapsed = info, perf_counter() - started
        logger.info("%s: %d in %.3f s", request.label, response.status_code, response.elapsed)
        if self._settings.on_response is not None:
            await async_call_hook(self._settings.on_response, response)
        return response
