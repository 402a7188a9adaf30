"""The owners of connections: a connection is used only by the process and event loop that opened it."""

from __future__ import annotations

import os
from collections.abc import Hashable


def sync_owner() -> Hashable:
    """This process. After a fork, parent and child would read each other's responses from one socket."""
    return os.getpid()


def async_owner() -> Hashable:
    """This process and its running event loop."""
    import asyncio  # noqa: PLC0415 - slow to import, and the blocking client does not need it

    return os.getpid(), asyncio.get_running_loop()


def is_gone(owner: Hashable) -> bool:
    """Whether connections of that owner cannot be used here: it is another process, or its loop is closed."""
    return not is_of_this_process(owner) or (isinstance(owner, tuple) and bool(owner[1].is_closed()))


def is_of_this_process(owner: Hashable) -> bool:
    """Whether that owner belongs to this process."""
    return (owner[0] if isinstance(owner, tuple) else owner) == os.getpid()
