"""The types of single values: strings, numbers and enums, with their constraints."""

from __future__ import annotations

import math
import re
import warnings
from typing import Any

from partially_generator.api import ir
from partially_generator.reading.places import Json

ANY = ir.Scalar("any")
NONE = ir.Scalar("none")

_FORMATS: dict[str, ir.ScalarName] = {
    "uuid": "uuid",
    "date-time": "datetime",
    "local-date-time": "local-datetime",
    "date": "date",
    "byte": "bytes",
    "decimal": "decimal",
}
_TEXT_CONSTRAINTS = {"minLength": "min_length", "maxLength": "max_length"}
LIST_CONSTRAINTS = {"minItems": "min_length", "maxItems": "max_length"}
MAP_CONSTRAINTS = {"minProperties": "min_length", "maxProperties": "max_length"}
_LARGEST = 2**63 - 1


def scalar(kind: str, raw: Json) -> ir.TypeRef:
    """The type of a JSON value that is neither an object nor an array."""
    match kind:
        case "string":
            return _text(raw)
        case "integer":
            return ir.Scalar("int", _bounds(raw, whole=True))
        case "number":
            return ir.Scalar("float", _bounds(raw, whole=False))
        case "boolean":
            return ir.Scalar("bool")
        case "null":
            return NONE
    return ANY


def _text(raw: Json) -> ir.Scalar:
    base64 = str(raw.get("contentEncoding", "")).lower() == "base64"
    name: ir.ScalarName = "bytes" if base64 else _FORMATS.get(str(raw.get("format", "")), "str")
    if name not in {"str", "uuid"}:
        return ir.Scalar(name)
    constraints = lengths(raw, _TEXT_CONSTRAINTS)
    pattern = raw.get("pattern")
    if isinstance(pattern, str) and _compiles(pattern):
        constraints = (*constraints, ("pattern", pattern))
    return ir.Scalar(name, constraints)


def lengths(raw: Json, table: dict[str, str]) -> tuple[ir.Constraint, ...]:
    """The constraints on the length of a string, an array or a map."""
    found: list[ir.Constraint] = []
    for keyword, name in table.items():
        value = raw.get(keyword)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LARGEST:
            found.append((name, int(value)))
    return tuple(found)


def _bounds(raw: Json, *, whole: bool) -> tuple[ir.Constraint, ...]:
    found: dict[str, int | float] = {}
    lower, upper = _number(raw.get("minimum")), _number(raw.get("maximum"))
    above, below = raw.get("exclusiveMinimum"), raw.get("exclusiveMaximum")
    # In 3.0 these two are booleans about the bound beside them; in 3.1 they are bounds.
    above = lower if above is True else _number(above)
    below = upper if below is True else _number(below)
    if above is not None and (lower is None or above >= lower):
        found["gt"] = math.floor(above) if whole else above
    elif lower is not None:
        found["ge"] = math.ceil(lower) if whole else lower
    if upper is not None and (below is None or upper < below):
        found["le"] = math.floor(upper) if whole else upper
    elif below is not None:
        found["lt"] = math.ceil(below) if whole else below
    step = _number(raw.get("multipleOf"))
    if step is not None and step > 0 and (not whole or step == int(step)):
        found["multiple_of"] = int(step) if whole else step
    # msgspec stores bounds in 64 bits. It reads no larger numbers, so a larger bound changes nothing.
    return tuple((name, value) for name, value in found.items() if abs(value) <= _LARGEST)


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _compiles(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError, Warning):
        return False  # valid in ECMA 262 but not in Python: the pattern is not checked
    return True


def enum_type(values: list[Any], kinds: list[str]) -> ir.TypeRef | None:
    """The type of an enum; None if msgspec cannot check one of its values.

    Args:
        values: The allowed values.
        kinds: The JSON types that the schema allows; empty for all.
    """
    wide = {*kinds, "integer"} if "number" in kinds else set(kinds)
    fitting = [value for value in values if not wide or json_type(value) in wide or value is None]
    found: list[str | int] = []
    for value in fitting or values:
        plain = int(value) if isinstance(value, float) and value.is_integer() else value
        if plain is None:
            continue
        if isinstance(plain, bool) or not isinstance(plain, str | int):
            return None
        if isinstance(plain, int) and not -_LARGEST - 1 <= plain <= _LARGEST:
            return None
        if plain not in found:
            found.append(plain)
    members: tuple[ir.TypeRef, ...] = (ir.Enum(tuple(found)),) if found else ()
    if None in fitting:
        members = (*members, NONE)
    return members[0] if len(members) == 1 else ir.OneOf(members) if members else None


_JSON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (str, "string"),
    (int, "integer"),
    (float, "number"),
    (list, "array"),
    (dict, "object"),
)


def json_type(value: Any) -> str:
    """The JSON type of a value, as OpenAPI writes it; every whole number is an integer."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return next((name for kind, name in _JSON_TYPES if isinstance(value, kind)), "null")
