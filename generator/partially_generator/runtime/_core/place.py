"""Where connections can be used: one opened in another process or event loop is not ours to touch."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable


def sync_place() -> Hashable:
    """This process: after a fork, parent and child would read each other's answers from one socket."""
    return os.getpid()


def async_place() -> Hashable:
    """This process and its running event loop."""
    return os.getpid(), asyncio.get_running_loop()


def is_left(place: Hashable) -> bool:
    """Whether nobody in this process can use that place any more: it is another process, or a closed loop."""
    if isinstance(place, tuple):
        process, loop = place
        return process != os.getpid() or bool(loop.is_closed())
    return place != os.getpid()
