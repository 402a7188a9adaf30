"""Functions of the user that are called with every request and every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from ...errors import ConfigurationError
from ..messages.response import RequestInfo, Response

SyncRequestHook: TypeAlias = Callable[[RequestInfo], Mapping[str, str] | None]
"""Called before each try. The headers it returns are sent with that try; None adds none."""

SyncResponseHook: TypeAlias = Callable[[Response], None]
"""Called with each response, before its status is checked; also if the call is then repeated."""

AsyncRequestHook: TypeAlias = Callable[
    [RequestInfo], Mapping[str, str] | Awaitable[Mapping[str, str] | None] | None
]
"""As `SyncRequestHook`; it may be a coroutine function."""

AsyncResponseHook: TypeAlias = Callable[[Response], Awaitable[None] | None]
"""As `SyncResponseHook`; it may be a coroutine function."""


def sync_call_hook(hook: Callable[[Any], Any], value: RequestInfo | Response) -> Any:
    """Call a hook of the blocking client; returns its result.

    Raises:
        ConfigurationError: The hook is a coroutine function, which a blocking client cannot await.
    """
    result = hook(value)
    if hasattr(result, "__await__"):
        if hasattr(result, "close"):
            result.close()
        raise ConfigurationError("A hook of the blocking client is a coroutine function; pass a plain one")
    return result


async def async_call_hook(hook: Callable[[Any], Any], value: RequestInfo | Response) -> Any:
    """Call a hook of the asynchronous client; returns its result, awaited if need be."""
    result = hook(value)
    return await result if hasattr(result, "__await__") else result


def checked_hook(name: str, hook: Any) -> Any:
    """The hook, if it can be called.

    Raises:
        ConfigurationError: It is not callable.
    """
    if hook is not None and not callable(hook):
        raise ConfigurationError(f"{name}: expected a function, got {type(hook).__name__}")
    return hook
