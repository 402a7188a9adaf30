"""The alternatives under `oneOf` and `anyOf`, and what tells them apart."""

from __future__ import annotations

from typing import Any, NamedTuple

from partially_generator.api import ir
from partially_generator.api.scalars import ANY
from partially_generator.reading.errors import SpecError
from partially_generator.reading.merging import merged_schema
from partially_generator.reading.places import Json, Place, reference_place
from partially_spec import Document

_CONDITIONS = frozenset({"required", "not", "minProperties", "maxProperties", "title", "description"})
"""Keywords of an alternative that is only a condition on the schema around it, and not a type."""

_BESIDE = frozenset({"oneOf", "anyOf", "discriminator", "description", "title", "nullable", "default"})
_JSON_TYPES: dict[ir.ScalarName, str] = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "none": "null",
}


class Alternative(NamedTuple):
    """One of several schemas, and the name for a model of it that has none of its own."""

    schema: Any
    place: Place
    hint: str


def alternatives(document: Document, raw: Json, place: Place) -> list[Alternative]:
    """The alternatives of a schema, each merged with the keywords beside them; none if all are conditions.

    Raises:
        SpecError: There are alternatives under both `oneOf` and `anyOf`.
    """
    lists = [
        (key, raw[key])
        for key in ("oneOf", "anyOf")
        if isinstance(raw.get(key), list) and not all(_is_condition(item) for item in raw[key])
    ]
    if len(lists) > 1:
        raise SpecError(
            (*place, "anyOf"), "a schema can have alternatives under oneOf or anyOf, not under both"
        )
    if not lists:
        return []
    key, listed = lists[0]
    beside = {name: value for name, value in raw.items() if name not in _BESIDE and not name.startswith("x-")}
    return [
        _alternative(document, item, beside, (*place, key, index), index + 1)
        for index, item in enumerate(listed)
    ]


def _is_condition(item: Any) -> bool:
    return isinstance(item, dict) and bool(item) and item.keys() <= _CONDITIONS and "required" in item


def _alternative(document: Document, item: Any, beside: Json, place: Place, number: int) -> Alternative:
    own = merged_schema(document, item, place)
    title = own.get("title")
    hint = title if isinstance(title, str) and "$ref" not in item else f"option {number}"
    alone = not beside or (beside.keys() == {"type"} and ("type" in own or "$ref" in item))
    if alone or own.get("type") == "null":
        return Alternative(item, place, hint)
    return Alternative({"allOf": [item, beside]}, place, hint)


def merged_members(kinds: list[ir.TypeRef]) -> list[ir.TypeRef]:
    """The members of a union, each once: inner unions are opened, enums are joined."""
    opened: list[ir.TypeRef] = []
    for kind in kinds:
        opened += kind.members if isinstance(kind, ir.OneOf) else [kind]
    members = list(dict.fromkeys(opened))
    if ANY in members:
        return [ANY]
    if ir.Scalar("str") in members:  # any string is allowed
        members = [m for m in members if not (isinstance(m, ir.Enum) and _json_type(m) == "text")]
    closed = [m for m in members if isinstance(m, ir.Enum)]
    if len(closed) > 1:
        values = tuple(dict.fromkeys(value for choice in closed for value in choice.values))
        rest = [m for m in members if not isinstance(m, ir.Enum)]
        members = [ir.Enum(values), *rest]
    return members


def json_types_differ(members: list[ir.TypeRef]) -> bool:
    """Whether the JSON type of a value alone tells which member it is."""
    json_types = [json_type for member in members for json_type in _json_types(member)]
    return len(json_types) == len(set(json_types))


def _json_types(kind: ir.TypeRef) -> list[str]:
    if isinstance(kind, ir.Enum):
        return sorted({"text" if isinstance(value, str) else "integer" for value in kind.values})
    return [_json_type(kind)]


def _json_type(kind: ir.TypeRef) -> str:
    match kind:
        case ir.Scalar(name=name):
            return _JSON_TYPES.get(name, "text")
        case ir.Enum(values=values):
            return "text" if all(isinstance(value, str) for value in values) else "integer"
        case ir.ListOf():
            return "array"
    return "object"


def discriminator_values(
    document: Document, discriminator: Any, found: list[Alternative], kinds: list[ir.TypeRef]
) -> tuple[tuple[str, ir.TypeRef], ...]:
    """The values of the discriminator property, each with its type; none if a member has no value."""
    if not isinstance(discriminator, dict) or not isinstance(discriminator.get("propertyName"), str):
        return ()
    mapping = {
        str(value): _target(str(target)) for value, target in (discriminator.get("mapping") or {}).items()
    }
    answer: dict[str, ir.TypeRef] = {}
    for alternative, kind in zip(found, kinds, strict=True):
        values = _values(document, alternative, mapping, discriminator["propertyName"])
        if not values or not isinstance(kind, ir.ModelRef | ir.UnionRef):
            if kind == ir.Scalar("none"):
                continue
            return ()
        answer |= dict.fromkeys(values, kind)
    return tuple(answer.items())


def _values(document: Document, alternative: Alternative, mapping: dict[str, Place], name: str) -> list[str]:
    reference = _own_reference(alternative.schema)
    if reference is not None:
        place = reference_place(reference)
        return [value for value, target in mapping.items() if target == place] or [str(place[-1])]
    own = merged_schema(document, alternative.schema, alternative.place).get("properties", {}).get(name)
    closed = merged_schema(document, own, alternative.place) if own is not None else {}
    values = [closed["const"]] if "const" in closed else closed.get("enum", [])
    return [value for value in values if isinstance(value, str)]


def _own_reference(schema: Any) -> str | None:
    """The reference of an alternative, also if keywords beside the alternatives were merged into it."""
    if isinstance(schema, dict) and "allOf" in schema and schema.keys() == {"allOf"}:
        schema = schema["allOf"][0]
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return reference if isinstance(reference, str) else None


def _target(target: str) -> Place:
    """The place of the schema that an entry of the mapping names or refers to."""
    return reference_place(target) if target.startswith("#/") else ("components", "schemas", target)
