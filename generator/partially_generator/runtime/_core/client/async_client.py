"""The base class of the client: settings, retries, and pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from ...errors import APIConnectionError
from ..messages.response import Response
from ..observability.hooks import AsyncRequestHook, AsyncResponseHook, async_call_hook
from ..observability.logs import logger
from ..observability.secrets import Hidden
from ..paging.async_page import AsyncPage
from ..requests.operation import Call, Operation, hide
from ..requests.request import Request, build_request
from ..responses.raw import RawResponse
from ..responses.reading import check_status, read
from ..settings.settings import Given, Product, build_settings, changed_settings
from ..settings.timeouts import Timeout
from ..transport.owners import async_pause
from .retry import pause_before_retry

T = TypeVar("T")
P = TypeVar("P", bound=AsyncPage[Any, Any])


class AsyncBaseClient:
    """What every generated client inherits."""

    def __init__(self, product: Product, given: Hidden[Given]) -> None:
        # Imported here: this takes most of the time of importing the client.
        from ..transport.async_http import AsyncHttp  # noqa: PLC0415

        self._settings = build_settings(product, given)
        self._http = AsyncHttp(given, self._settings.max_connections)
        self._owns_http = True
        self._raw = False
        self._sleep: Callable[[float], Awaitable[None]] = async_pause

    @property
    def base_url(self) -> str:
        """The address all paths are below."""
        return self._settings.base_url

    @property
    def timeout(self) -> Timeout:
        """Seconds to wait for the next part of a response."""
        return self._settings.timeout

    @property
    def total_timeout(self) -> float | None:
        """Seconds that one try may take as a whole; None for no limit."""
        return self._settings.total

    @property
    def max_response_bytes(self) -> int | None:
        """The largest body of a response in bytes; None for no limit."""
        return self._settings.max_response_bytes

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
        total_timeout: float | msgspec.UnsetType | None = msgspec.UNSET,
        max_retries: int | msgspec.UnsetType = msgspec.UNSET,
        max_response_bytes: int | msgspec.UnsetType | None = msgspec.UNSET,
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
            total_timeout: Seconds that one try may take as a whole; None for no limit.
            max_retries: How often a failed call is repeated.
            max_response_bytes: The largest body of a response in bytes; None for no limit.
            extra_headers: Headers sent with every call, in addition to those of this client.
            on_request: Called before each try; None removes the hook.
            on_response: Called with each response; None removes the hook.

        Returns:
            The copy.

        Raises:
            ConfigurationError: A setting is invalid.
        """
        changes: Hidden[Mapping[str, Any]] = Hidden(
            {
                "api_key": api_key,
                "base_url": base_url,
                "timeout": timeout,
                "total_timeout": total_timeout,
                "max_retries": max_retries,
                "max_response_bytes": max_response_bytes,
                "extra_headers": extra_headers or msgspec.UNSET,
                "on_request": on_request,
                "on_response": on_response,
            }
        )
        del api_key, base_url, extra_headers  # so that no crash reporter finds them in this frame
        twin = self._twin()
        twin._settings = changed_settings(self._settings, changes)
        return twin

    def _twin(self, *, raw: bool | None = None) -> Self:
        twin = type(self).__new__(type(self))
        vars(twin).update(vars(self))
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

    def __copy__(self) -> Self:
        return self._twin()

    def __reduce__(self) -> Any:
        name = type(self).__name__
        raise TypeError(
            f"a {name} holds connections and cannot be copied deeply or pickled: create another one"
        )

    def __repr__(self) -> str:
        if not hasattr(self, "_settings"):  # its settings were refused, and a debugger looks at it
            return f"{type(self).__name__}(...)"
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    async def _call(self, operation: Operation[T], call: Call) -> T:
        request = build_request(operation, self._settings, call)
        response = await self._response(operation, request)
        if self._raw:
            return self._unread(response, lambda: read(operation, response, request.secrets))
        return read(operation, response, request.secrets)

    async def _page(self, kind: type[P], operation: Operation[Any], call: Call) -> P:
        paging = operation.paging
        assert paging is not None, operation.name

        async def turn_to(wanted: Any) -> Any:
            request = build_request(operation, self._settings, _turned(call, paging.parameter, wanted))
            return read(operation, await self._response(operation, request), request.secrets)

        start = _start(call, paging.parameter)
        request = build_request(operation, self._settings, call)
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
            added = Hidden(await async_call_hook(self._settings.on_request, info))
            request = request.with_headers(added) if added.reveal() else request
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


def _turned(call: Call, parameter: str, wanted: Any) -> Call:
    """The same call for another page."""
    arguments, options = call.reveal()
    return hide(arguments._replace(query={**arguments.query, parameter: wanted}), options)


def _start(call: Call, parameter: str) -> int:
    """The number of items before the page that a call asks for."""
    arguments, options = call.reveal()
    asked = {**arguments.query, **(options.extra_query or {})}.get(parameter)
    return asked if isinstance(asked, int) else 0
