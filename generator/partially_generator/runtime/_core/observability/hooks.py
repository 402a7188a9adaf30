"""Functions of the user that see every request and every answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from ...errors import ConfigurationError
from ..messages.response import RequestInfo, Response

SyncRequestHook: TypeAlias = Callable[[RequestInfo], Mapping[str, str] | None]
"""Called before each try. The headers it returns are sent with that try; None adds none."""

SyncResponseHook: TypeAlias = Callable[[Response], None]
"""Called with each answer, before it is judged; also with one after which the call is made again."""

AsyncRequestHook: TypeAlias = Callable[
    [RequestInfo], Mapping[str, str] | Awaitable[Mapping[str, str] | None] | None
]
"""As `SyncRequestHook`; it may be a coroutine function."""

AsyncResponseHook: TypeAlias = Callable[[Response], Awaitable[None] | None]
"""As `SyncResponseHook`; it may be a coroutine function."""


def sync_call_hook(hook: Callable[[Any], Any], value: RequestInfo | Response) -> Any:
    """What the hook returns.

    Raises:
        ConfigurationError: It is a coroutine function, which a blocking client cannot wait for.
    """
    result = hook(value)
    if hasattr(result, "__await__"):
        if hasattr(result, "close"):
            result.close()
        raise ConfigurationError("A hook of the blocking client is a coroutine function; pass a plain one")
    return result


async def async_call_hook(hook: Callable[[Any], Any], value: RequestInfo | Response) -> Any:
    """What the hook returns, once it is there."""
    result = hook(value)
    return await result if hasattr(result, "__await__") else result


def checked_hook(name: str, hook: Any) -> Any:
    """The hook, if it can be called.

    Raises:
        ConfigurationError: It cannot.
    """
    if hook is not None and not callable(hook):
        raise ConfigurationError(f"{name}: expected a function, got {type(hook).__name__}")
    return hook
