"""Reading a body as JSON in the strict sense of RFC 8259, and saying where in it something is."""

from __future__ import annotations

import codecs
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from partially_conformance.traffic.redaction import SECRET_FIELDS
from partially_spec import Document

_SHOWN_VALUE = 80  # characters of an offending value that a message shows

_LONGEST_INTEGER = 4000  # digits; Python converts no more than 4300


class NotJson(Exception):  # noqa: N818 - it says what the bytes are
    """The bytes are no JSON. The message says why."""


class _Object(dict[str, Any]):
    """An object that remembers which of its names were written more than once."""

    repeated: tuple[str, ...] = ()


def read_json(body: bytes) -> Any:
    """The JSON value that some bytes hold. Objects in it remember names that are written twice.

    Raises:
        NotJson: They hold none.
        RecursionError: It is nested too deeply to be read.
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
    """A number, the largest there is for one that is larger: it is JSON, and not null."""
    value = float(text)
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name}, which is no JSON number")


def place_of(steps: Iterable[str | int]) -> str:
    """A place in a body, such as `$.customers[0].id`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def shown(value: Any, place: str) -> str:
    """A value as a message shows it: its type and its text, and of a secret only its type."""
    if value is None:
        return "null"
    kind = type_of(value)
    if place.rpartition(".")[2] in SECRET_FIELDS or isinstance(value, dict | list):
        return with_article(kind)
    text = json.dumps(value, ensure_ascii=False)
    cut = text if len(text) <= _SHOWN_VALUE else f"{text[:_SHOWN_VALUE]}…"
    return f"the {kind} {cut}"


def with_article(name: str) -> str:
    """The name of a type as it stands in a sentence: `an integer`."""
    return f"{'an' if name[0] in 'aio' else 'a'} {name}"


def type_of(value: Any) -> str:
    """What JSON Schema calls the type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):  # before int, which it is a kind of
        return "boolean"
    if isinstance(value, float):
        return "number"
    names = {str: "string", int: "integer", list: "array"}
    return names.get(type(value), "object")


def walk(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value within a value and itself, each with its place, outermost first."""
    yield steps, value
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, one in inner:
        yield from walk(one, (*steps, step))


def repeated_names(value: Any) -> Iterator[str]:
    """The places of all names that are written twice in one object."""
    for steps, one in walk(value):
        for name in getattr(one, "repeated", ()):
            yield place_of((*steps, name))


def surplus_names(
    document: Document, schema: Any, value: Any, steps: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
    """The places of names that a schema does not know, each with the names it knows there.

    A schema that says `additionalProperties` itself, or that knows no name, takes any.
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
    """What schemas that apply to the same object say of each name."""
    known: dict[str, list[Any]] = {}
    for part in parts:
        for name, field in part.get("properties", {}).items():
            known.setdefault(name, []).append(field)
    return known


def _parts(document: Document, schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all schemas that may apply to the same value."""
    schema = document.resolve(schema)
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _parts(document, part)
