"""Turns an asynchronous module of the runtime into its blocking twin, so that only one is written by hand."""

from __future__ import annotations

import re

# In this order: the special cases stand before the general ones.
_RULES = [
    (r"\bAwaitable\[(\w+)\]", r"\1"),
    (r"\bAwaitable, ", ""),
    (r"\bAsync(Iterator|Client|BaseTransport|HTTPTransport)\b", r"\1"),
    (r"\bAsync(?=[A-Z])", "Sync"),
    (r"\basync_(?=\w)", "sync_"),
    (r"\basync (?=def|for|with)", ""),
    (r"\bawait ", ""),
    (r"\basyncio\b", "time"),
    (r"\ba(read|close|iter_bytes)\b", r"\1"),
    (r"\bhandle_async_request\b", "handle_request"),
    (r"\b__a(enter|exit|iter|next)__\b", r"__\1__"),
]


def unasync(source: str) -> str:
    """The source with every asynchronous form replaced by its blocking one."""
    for pattern, replacement in _RULES:
        source = re.sub(pattern, replacement, source)
    return source
