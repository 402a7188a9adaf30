# Copied by partially-generate into every client. Edit it there, not here.
"""Single values as text, for addresses, headers and forms."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from ...errors import InvalidRequestError


def text(name: str, value: Any) -> str:
    """A value as text.

    Raises:
        InvalidRequestError: The value has no form as text.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise InvalidRequestError(f"{name} is {value}, which cannot be sent as a number")
    if isinstance(value, int | float | Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if value is None:
        raise InvalidRequestError(f"{name} is None, which cannot be written as text: leave it out")
    raise InvalidRequestError(f"{name} is a {type(value).__name__}, which cannot be written as text")


def quoted(name: str, value: str, safe: str = "") -> str:
    """A text, percent-encoded for an address.

    Raises:
        InvalidRequestError: The text is not valid Unicode.
    """
    try:
        return quote(value, safe=safe)
    except UnicodeEncodeError as error:
        raise InvalidRequestError(f"{name} holds half a character (a lone surrogate)") from error
