# Copied by partially-generate into every client. Edit it there, not here.
"""Raw responses, and the types of the methods of `with_raw_response`.

Those methods are the ordinary ones, of a client in raw mode.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeVar

from ..messages.response import Response

A = ParamSpec("A")
T = TypeVar("T")


class RawResponse(Response, Generic[T]):
    """A successful response that is not yet decoded: what the methods of `with_raw_response` return."""

    __slots__ = ("_parse",)

    def __init__(self, response: Response, parse: Callable[[], T]) -> None:
        super().__init__(
            response.status_code,
            response.headers,
            response.content,
            response.fault,
            response.request,
            response.elapsed,
        )
        self._parse = parse

    def __copy__(self) -> RawResponse[T]:
        return RawResponse(self, self._parse)

    def __reduce__(self) -> Any:
        raise TypeError(
            "a raw response is decoded by its client and cannot be pickled: pickle what parse() returns"
        )

    def parse(self) -> T:
        """The result of the method without `with_raw_response`.

        Raises:
            ResponseValidationError: The body does not match the API description.
        """
        return self._parse()


def as_raw(method: Callable[A, T]) -> Callable[A, RawResponse[T]]:
    """The method of a blocking client in raw mode, with its real type."""
    raw: Any = method
    result: Callable[A, RawResponse[T]] = raw
    return result


def as_async_raw(method: Callable[A, Awaitable[T]]) -> Callable[A, Awaitable[RawResponse[T]]]:
    """The method of an asynchronous client in raw mode, with its real type."""
    raw: Any = method
    result: Callable[A, Awaitable[RawResponse[T]]] = raw
    return result
