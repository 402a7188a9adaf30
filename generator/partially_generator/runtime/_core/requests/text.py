"""Single values as text, for addresses, headers and forms."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec

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


def check_numbers(name: str, value: Any) -> None:
    """Check that JSON can hold all numbers in a value.

    Raises:
        InvalidRequestError: One is not finite.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidRequestError(f"{name} holds {value}, which JSON cannot express")
    if isinstance(value, Mapping):
        for key, item in value.items():
            check_numbers(str(key), item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            check_numbers(name, item)
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            check_numbers(field, getattr(value, field))


def quoted(name: str, value: str, safe: str = "") -> str:
    """A text, percent-encoded for an address.

    Raises:
        InvalidRequestError: The text is not valid Unicode.
    """
    try:
        return quote(value, safe=safe)
    except UnicodeEncodeError as error:
        raise InvalidRequestError(f"{name} holds half a character (a lone surrogate)") from error
