"""What a JSON decoder does not say about a text: whether it is UTF-8, and where half a character stands."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Any

import msgspec

_PIECE = 1024 * 1024  # bytes; a larger text is checked in pieces, so that it is not held a second time

_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
"""An escape in a JSON text; the group is half a character, which JSON allows and Unicode does not."""


def check_text(content: bytes) -> None:
    """Check that a text is UTF-8.

    Raises:
        UnicodeDecodeError: It is not.
    """
    if len(content) <= _PIECE:
        content.decode()
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    for start in range(0, len(content), _PIECE):
        try:
            decoder.decode(view[start : start + _PIECE], start + _PIECE >= len(content))
        except UnicodeDecodeError as error:
            error.start += start
            raise


def without_halves(decode: Callable[[bytes], Any], content: bytes) -> Any:
    """The value of a text with half a character in a field that the description does not have.

    Args:
        decode: Reads the described fields of a text.
        content: The text.

    Returns:
        The value; None if that is not what is wrong with the text.
    """
    replaced = _ESCAPE.sub(_replacing(rb"\ufffd"), content)
    if replaced == content:
        return None
    other = _ESCAPE.sub(_replacing(rb"\ufffc"), content)
    try:
        value = decode(replaced)
        # If the two differ, a described field has such a text, and no value of it would be the one sent.
        return value if value == decode(other) else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _replacing(stand_in: bytes) -> Callable[[re.Match[bytes]], bytes]:
    return lambda match: stand_in if match[1] else match[0]
