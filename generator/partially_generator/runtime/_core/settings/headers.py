"""Headers that a caller sets: whether they can be sent, and which of two wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import ConfigurationError

_FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Headers that decide where a request ends. A wrong value would turn its rest into another request."""


def merge_headers(
    pairs: Sequence[tuple[str, str]], later: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Headers of which later ones replace earlier ones with the same name, ignoring case."""
    by_name = {name.lower(): (name, value) for name, value in pairs}
    by_name.update({name.lower(): (name, value) for name, value in later})
    return tuple(by_name.values())


def checked_headers(
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None,
) -> tuple[tuple[str, str], ...]:
    """The headers, if they can be sent.

    Raises:
        ConfigurationError: A header cannot have such a name or value. The message does not show the value.
    """
    if headers is not None and not isinstance(headers, Mapping | list | tuple):
        raise ConfigurationError(f"expected headers as a mapping, got {type(headers).__name__}")
    checked = []
    for name, value in headers.items() if isinstance(headers, Mapping) else headers or ():
        if (
            not isinstance(name, str)
            or not name
            or not all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in name)
        ):
            raise ConfigurationError(f"{name!r} is not a valid header name")
        if not name.isascii() or not isinstance(value, str) or not _is_header_value(value):
            raise ConfigurationError(f"header {name!r}: expected printable ASCII text on one line")
        if name.lower() in _FRAMING:
            raise ConfigurationError(
                f"header {name!r}: only the client can set it, since it decides where a request ends"
            )
        checked.append((name, value))
    return tuple(checked)


def _is_header_value(text: str) -> bool:
    return text.isascii() and all(c.isprintable() or c == "\t" for c in text)
