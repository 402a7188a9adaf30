"""Turns properties and parameters into fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from partially_generator.api import ir, names
from partially_generator.api.examples import schema_example
from partially_generator.api.schemas import Property
from partially_generator.reading.errors import SpecError
from partially_generator.reading.places import Json

# An attribute with one of these names would hide the type from the annotations beside it.
_TYPES = ("bool", "bytes", "dict", "dt", "float", "int", "list", "str")

_MODEL_ATTRIBUTES = ("extra", "to_dict", "to_json", *_TYPES)


def field(
    wire: str,
    name: str,
    kind: ir.TypeRef,
    schema: Json,
    *,
    required: bool,
    example: tuple[object] | None = None,
) -> ir.Field:
    """A field, described by its schema."""
    return ir.Field(
        name=name,
        wire=wire,
        type=kind,
        required=required,
        description=schema.get("description", ""),
        secret=schema.get("format") == "password",
        has_default="default" in schema,
        default=schema.get("default"),
        has_example=example is not None,
        example=example[0] if example else None,
        read_only=schema.get("readOnly") is True,
        deprecated=schema.get("deprecated") is True,
    )


def body_fields(
    properties: Iterable[Property], taken: Sequence[str], *, needed: bool
) -> tuple[ir.Field, ...]:
    """The fields of a body, as arguments of a method.

    Args:
        properties: The properties of the body.
        taken: Names that other arguments have.
        needed: Whether the body is required; if not, none of its fields is.
    """
    found: list[ir.Field] = []
    for wire, required, kind, schema, _ in properties:
        name = names.identifier(wire, [*taken, *(f.name for f in found)])
        example = schema_example(schema)
        found.append(field(wire, name, kind, schema, required=required and needed, example=example))
    return tuple(found)


def model_fields(properties: Iterable[Property]) -> tuple[ir.Field, ...]:
    """The fields of a model.

    Raises:
        SpecError: One has a name that msgspec cannot read.
    """
    found: list[ir.Field] = []
    for wire, required, kind, schema, place in properties:
        if not names.is_model_key(wire):
            raise SpecError(
                place,
                "a property of a model cannot have a quote, a backslash or a control character in its name",
            )
        name = names.identifier(wire, [*_MODEL_ATTRIBUTES, *(f.name for f in found)])
        found.append(field(wire, name, kind, schema, required=required, example=schema_example(schema)))
    return tuple(found)
