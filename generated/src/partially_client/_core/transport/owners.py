# Shipped by partially-generate with every client. Edit it there, not here.
"""Where connections can be used: one opened in another process or event loop is not ours to touch."""

from __future__ import annotations

import os
from collections.abc import Hashable


def sync_owner() -> Hashable:
    """This process: after a fork, parent and child would read each other's answers from one socket."""
    return os.getpid()


def async_owner() -> Hashable:
    """This process and its running event loop."""
    import asyncio  # noqa: PLC0415 - slow to import, and the blocking client has no use for it

    return os.getpid(), asyncio.get_running_loop()


def is_gone(owner: Hashable) -> bool:
    """Whether nobody in this process can use that owner any more: it is another process, or a closed loop."""
    return not is_of_this_process(owner) or (isinstance(owner, tuple) and bool(owner[1].is_closed()))


def is_of_this_process(owner: Hashable) -> bool:
    """Whether that owner is one of this process."""
    return (owner[0] if isinstance(owner, tuple) else owner) == os.getpid()
