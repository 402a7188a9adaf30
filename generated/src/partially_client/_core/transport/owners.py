# Shipped by partially-generate with every client. Edit it there, not here.
"""Where connections can be used: one opened in another process or event loop is not ours to touch."""

from __future__ import annotations

import os
from collections.abc import Hashable


def sync_place() -> Hashable:
    """This process: after a fork, parent and child would read each other's answers from one socket."""
    return os.getpid()


def async_place() -> Hashable:
    """This process and its running event loop."""
    import asyncio  # noqa: PLC0415 - slow to import, and the blocking client has no use for it

    return os.getpid(), asyncio.get_running_loop()


def is_left(place: Hashable) -> bool:
    """Whether nobody in this process can use that place any more: it is another process, or a closed loop."""
    return not is_of_this_process(place) or (isinstance(place, tuple) and bool(place[1].is_closed()))


def is_of_this_process(place: Hashable) -> bool:
    """Whether that place is one of this process."""
    return (place[0] if isinstance(place, tuple) else place) == os.getpid()
