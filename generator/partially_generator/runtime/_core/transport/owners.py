"""The owners of connections: a connection is used only by the process and event loop that opened it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Hashable
from typing import Any

from ...errors import ConfigurationError


def sync_owner() -> Hashable:
    """This process. After a fork, parent and child would read each other's responses from one socket."""
    return os.getpid()


def async_owner() -> Hashable:
    """This process and its running event loop.

    Raises:
        ConfigurationError: No event loop that the client knows is running.
    """
    import asyncio  # noqa: PLC0415 - slow to import, and the blocking client does not need it

    try:
        return os.getpid(), asyncio.get_running_loop()
    except RuntimeError:
        pass
    trio = running_trio()
    if trio is None:
        raise ConfigurationError("The asynchronous client needs asyncio or trio, and neither is running here")
    return os.getpid(), trio.lowlevel.current_trio_token()


def running_trio() -> Any:
    """The module trio, if its event loop runs here."""
    trio: Any = sys.modules.get("trio")
    try:
        return trio if trio is not None and trio.lowlevel.current_task() else None
    except RuntimeError:
        return None


async def async_pause(seconds: float) -> None:
    """Wait in the running event loop."""
    trio = running_trio()
    if trio is not None:
        await trio.sleep(seconds)
        return
    import asyncio  # noqa: PLC0415 - as above

    await asyncio.sleep(seconds)


sync_pause = time.sleep


def is_gone(owner: Hashable) -> bool:
    """Whether connections of that owner cannot be used here: it is another process, or its loop is closed."""
    return not is_of_this_process(owner) or (isinstance(owner, tuple) and _has_ended(owner[1]))


def _has_ended(loop: Any) -> bool:
    if hasattr(loop, "is_closed"):
        return bool(loop.is_closed())
    try:
        loop.run_sync_soon(_nothing)
    except sys.modules["trio"].RunFinishedError:
        return True
    return False


def _nothing() -> None:
    pass


def is_of_this_process(owner: Hashable) -> bool:
    """Whether that owner belongs to this process."""
    return (owner[0] if isinstance(owner, tuple) else owner) == os.getpid()
