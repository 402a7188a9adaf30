# Shipped by partially-generate with every client. Edit it there, not here.
"""Headers that a caller sets: whether they can be sent, and which of two wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import ConfigurationError

_FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Headers that, when wrong, turn the rest of a request into another one."""


def merge_headers(
    pairs: Sequence[tuple[str, str]], later: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Headers, with later ones in the place of earlier ones of the same name in any case."""
    by_name = {name.lower(): (name, value) for name, value in pairs}
    by_name.update({name.lower(): (name, value) for name, value in later})
    return tuple(by_name.values())


def checked_headers(
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None,
) -> tuple[tuple[str, str], ...]:
    """The headers, if they can be sent.

    Raises:
        ConfigurationError: A name or value is not a text that a header may hold. The value is not shown.
    """
    checked = []
    for name, value in headers.items() if isinstance(headers, Mapping) else headers or ():
        if (
            not isinstance(name, str)
            or not name
            or not all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in name)
        ):
            raise ConfigurationError(f"{name!r} is not the name of a header")
        if not name.isascii() or not isinstance(value, str) or not _is_header_value(value):
            raise ConfigurationError(f"header {name!r}: expected printable ASCII text on one line")
        if name.lower() in _FRAMING:
            raise ConfigurationError(f"header {name!r}: it says where a request ends, so the client sets it")
        checked.append((name, value))
    return tuple(checked)


def _is_header_value(text: str) -> bool:
    return text.isascii() and all(c.isprintable() or c == "\t" for c in text)
