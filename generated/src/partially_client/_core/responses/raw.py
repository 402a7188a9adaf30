# Shipped by partially-generate with every client. Edit it there, not here.
"""The types of the methods of `with_raw_response`. They are the ordinary methods of a client in raw mode."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeVar

from ..messages.response import Response

A = ParamSpec("A")
T = TypeVar("T")


class RawResponse(Response, Generic[T]):
    """A successful answer as it came, not yet read: what the methods of `with_raw_response` return."""

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

    def parse(self) -> T:
        """What the method returns without `with_raw_response`.

        Raises:
            ResponseValidationError: The body is not what the API description says.
        """
        return self._parse()


def as_raw(method: Callable[A, T]) -> Callable[A, RawResponse[T]]:
    """The method of a blocking client in raw mode, as what it is."""
    raw: Any = method
    result: Callable[A, RawResponse[T]] = raw
    return result


def as_async_raw(method: Callable[A, Awaitable[T]]) -> Callable[A, Awaitable[RawResponse[T]]]:
    """The method of an asynchronous client in raw mode, as what it is."""
    raw: Any = method
    result: Callable[A, Awaitable[RawResponse[T]]] = raw
    return result
