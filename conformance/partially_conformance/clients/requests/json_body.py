"""Reading a body as strict JSON (RFC 8259), and naming places in it."""

from __future__ import annotations

import codecs
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from partially_conformance.traffic.redaction import SECRET_FIELDS
from partially_spec import Document

_SHOWN_VALUE = 80  # characters of a value that a message shows

_LONGEST_INTEGER = 4000  # digits; Python converts no more than 4300


class NotJson(Exception):  # noqa: N818 - it says what the bytes are
    """The bytes are not JSON. The message says why."""


class _Object(dict[str, Any]):
    """An object that knows which of its names are repeated."""

    repeated: tuple[str, ...] = ()


def read_json(body: bytes) -> Any:
    """Parse bytes as JSON. Objects in the value know which of their names are repeated.

    Raises:
        NotJson: The bytes are not JSON.
        RecursionError: The value is nested too deeply.
    """
    if body.startswith(codecs.BOM_UTF8):
        raise NotJson("it begins with a byte order mark")
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        raise NotJson(f"bytes that are not UTF-8, from byte {error.start} on") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from error


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    value = _Object(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        value.repeated = tuple(name for name in value if names.count(name) > 1)
    return value


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else _number(digits)


def _number(text: str) -> float:
    """A number; one that is too large for a float becomes the largest float."""
    value = float(text)
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name}, which is not a JSON number")


def place_of(steps: Iterable[str | int]) -> str:
    """The name of a place in a body, such as `$.customers[0].id`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def shown(value: Any, place: str) -> str:
    """A value as a message shows it: its type and its text, but of a secret only its type."""
    if value is None:
        return "null"
    kind = type_of(value)
    if place.rpartition(".")[2] in SECRET_FIELDS or isinstance(value, dict | list):
        return with_article(kind)
    text = json.dumps(value, ensure_ascii=False)
    cut = text if len(text) <= _SHOWN_VALUE else f"{text[:_SHOWN_VALUE]}…"
    return f"the {kind} {cut}"


def with_article(name: str) -> str:
    """The name of a type with its article, such as `an integer`."""
    return f"{'an' if name[0] in 'aio' else 'a'} {name}"


def type_of(value: Any) -> str:
    """The name of the type of a value in JSON Schema."""
    if value is None:
        return "null"
    if isinstance(value, bool):  # before int, of which it is a subclass
        return "boolean"
    if isinstance(value, float):
        return "number"
    names = {str: "string", int: "integer", list: "array"}
    return names.get(type(value), "object")


def walk(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """A value and all values within it, each with its place, the outermost first."""
    yield steps, value
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, one in inner:
        yield from walk(one, (*steps, step))


def repeated_names(value: Any) -> Iterator[str]:
    """The places of all names that are repeated in one object."""
    for steps, one in walk(value):
        for name in getattr(one, "repeated", ()):
            yield place_of((*steps, name))


def surplus_names(
    document: Document, schema: Any, value: Any, steps: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
    """The places of names that a schema does not describe, each with the names that it describes there.

    A schema with `additionalProperties`, or without any name, allows every name.
    """
    parts = list(_parts(document, schema))
    if isinstance(value, list):
        for part in parts:
            for index, one in enumerate(value):
                yield from surplus_names(document, part.get("items", {}), one, (*steps, index))
    elif isinstance(value, dict) and not any("additionalProperties" in part for part in parts):
        known = _known_names(parts)
        for name, one in value.items():
            if name in known:
                yield from surplus_names(document, {"allOf": known[name]}, one, (*steps, name))
            elif known:
                yield (*steps, name), tuple(known)


def _known_names(parts: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The schemas of each name, from schemas that apply to the same object."""
    known: dict[str, list[Any]] = {}
    for part in parts:
        for name, field in part.get("properties", {}).items():
            known.setdefault(name, []).append(field)
    return known


def _parts(document: Document, schema: Any) -> Iterator[dict[str, Any]]:
    """A schema, and all schemas of its `allOf`, `anyOf` and `oneOf`."""
    schema = document.resolve(schema)
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _parts(document, part)
