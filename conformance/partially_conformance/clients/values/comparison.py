"""Comparing the value that a client returned with the JSON that it was sent."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import enum
import math
import uuid
from collections.abc import Mapping
from typing import Any


def difference(sent: Any, given: Any, place: str = "$") -> str | None:
    """The first difference between a value that a client returned and the JSON value that was sent.

    A text may be returned as what it means: a date and time, a date, a UUID, a decimal number, bytes. A date
    and time must be equal, and have a time zone only if the text has one. A model is compared by its
    attributes, and as the dictionary that its `to_dict` returns.

    Args:
        sent: The JSON value.
        given: What the client returned for it.
        place: Where the value is, such as `$.email`.

    Returns:
        The difference in one line; None if there is none.
    """
    if (fields := _fields(given)) is not None:
        if not isinstance(sent, Mapping):
            return _line(place, sent, given)
        return _in_object(sent, fields, place) or _in_object(sent, given.to_dict(), f"{place} of to_dict()")
    if isinstance(sent, Mapping):
        return _in_object(sent, given, place) if isinstance(given, Mapping) else _line(place, sent, given)
    if isinstance(sent, list):
        if not isinstance(given, list | tuple) or len(given) != len(sent):
            return _line(place, sent, given)
        pairs = enumerate(zip(sent, given, strict=True))
        found = (difference(one, other, f"{place}[{index}]") for index, (one, other) in pairs)
        return next(filter(None, found), None)
    return None if _same_scalar(sent, given) else _line(place, sent, given)


def _in_object(sent: Mapping[str, Any], given: Mapping[str, Any], place: str) -> str | None:
    for name in sent:
        if name not in given:
            return f"{place}.{name} is missing, expected {_shown(sent[name])}"
        if (found := difference(sent[name], given[name], f"{place}.{name}")) is not None:
            return found
    surplus = next((name for name in given if name not in sent), None)
    return (
        None if surplus is None else f"{place}.{surplus} is {_shown(given[surplus])}, expected no such field"
    )


def _fields(given: Any) -> dict[str, Any] | None:
    """The fields of a model by their names in the JSON, without those that were not sent."""
    names = getattr(type(given), "__struct_fields__", None)
    if names is None:
        return None
    encoded = type(given).__struct_encode_fields__
    values = ((wire, getattr(given, name)) for name, wire in zip(names, encoded, strict=True))
    described = {wire: value for wire, value in values if type(value).__name__ != "UnsetType"}
    return {**given.extra, **described}


def _same_scalar(sent: Any, given: Any) -> bool:
    if isinstance(given, enum.Enum):
        given = given.value
    match given:
        case None | bool():
            return sent is given
        case int() | float() | decimal.Decimal():
            return _same_number(sent, given)
        case str():
            return sent == given or (isinstance(sent, str) and _same_moment(sent, given))
    return isinstance(sent, str) and _same_text(sent, given)


def _same_text(sent: str, given: Any) -> bool:
    """Whether a value is what a text means."""
    match given:
        case dt.datetime():
            return given.isoformat() == _moment(sent)
        case dt.date() | uuid.UUID():
            return str(given) == sent.lower()
        case bytes():
            return base64.b64encode(given).decode() == sent
    return False


def _same_number(sent: Any, given: float | decimal.Decimal) -> bool:
    if isinstance(given, decimal.Decimal):
        return not isinstance(sent, bool | None) and decimal.Decimal(str(sent)) == given
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        return False
    return sent == given or math.isclose(sent, given, rel_tol=1e-15)


def _same_moment(sent: str, given: str) -> bool:
    """Whether two texts are the same date and time in the same time zone, with or without trailing zeros."""
    moment = _moment(sent)
    return moment is not None and moment == _moment(given)


def _moment(text: str) -> str | None:
    if "T" not in text:
        return None
    try:
        return dt.datetime.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _line(place: str, sent: Any, given: Any) -> str:
    return f"{place} is {_shown(given)}, expected {_shown(sent)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:120]}…"
