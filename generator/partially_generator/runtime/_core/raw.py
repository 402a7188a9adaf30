"""The types of the methods of `with_raw_response`. They are the ordinary methods of a client in raw mode."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from .response import RawResponse

A = ParamSpec("A")
T = TypeVar("T")


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
