"""Generating values that a schema does not allow: valid values with one change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from partially_conformance.clients.values.description import Description, Schema
from partially_conformance.clients.values.generated_values import ValueStrategies

_OTHERS: tuple[Any, ...] = (None, True, 7, 1.5, "x", [], {}, ["x"], {"x": 1})
"""One value of each type, to replace a value of another type."""


def invalid_changes(description: Description, schema: Schema, value: Any) -> Iterator[InvalidValue]:
    """Every change of a value that the schema does not allow."""
    for changed in _changes(description, schema, value):
        why = description.mismatch(schema, changed)
        if why is not None:
            yield InvalidValue(changed, why)


@dataclass(frozen=True, slots=True)
class InvalidValue:
    """A value that the schema does not allow.

    Attributes:
        value: The value.
        why: The error of the value by the schema.
    """

    value: Any
    why: str


def invalid_values(
    description: Description, values: ValueStrategies, schema: Schema
) -> st.SearchStrategy[InvalidValue]:
    """Generate values with one change that the schema does not allow.

    A text of another `format` does not count as invalid, since JSON Schema makes formats optional.
    """

    @st.composite
    def make(draw: st.DrawFn) -> InvalidValue:
        candidates = list(_changes(description, schema, draw(values.of(schema))))
        changed = draw(st.sampled_from(candidates))
        why = description.mismatch(schema, changed)
        assume(why is not None)
        return InvalidValue(changed, str(why))

    return make()


def _changes(description: Description, schema: Any, value: Any) -> Iterator[Any]:
    """The value with one change, in every way."""
    flat = description.flat(schema)
    yield from (
        other for other in _OTHERS if type(other) is not type(value) or isinstance(value, list | dict)
    )
    if isinstance(value, str):
        yield from ("no such value", "", value + "x" * (flat.get("maxLength", 0) + 1))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from (flat[key] + step for key, step in _BEYOND if key in flat)
    elif isinstance(value, list):
        yield from ([*value, *value], value[:-1])
        for index, one in enumerate(value[:2]):
            for changed in _changes(description, flat.get("items", {}), one):
                yield [*value[:index], changed, *value[index + 1 :]]
    elif isinstance(value, dict):
        yield from ({key: one for key, one in value.items() if key != name} for name in value)
        fields = flat.get("properties", {})
        free = flat.get("additionalProperties", {})
        for name, one in value.items():
            for changed in _changes(description, fields.get(name, free), one):
                yield {**value, name: changed}


_BEYOND = (("minimum", -1), ("exclusiveMinimum", 0), ("maximum", 1), ("exclusiveMaximum", 0))
