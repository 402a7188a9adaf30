"""Schemas with their references followed and their `allOf` parts merged."""

from __future__ import annotations

from typing import Any

from partially_generator.reading.errors import SpecError
from partially_generator.reading.places import Json, Place
from partially_spec import Document


def merged_schema(
    document: Document, schema: Any, place: Place = (), seen: frozenset[str] = frozenset()
) -> Json:
    """A schema with its reference followed and its `allOf` parts merged, properties in document order.

    Raises:
        SpecError: It contains itself, or no value can satisfy all its parts.
    """
    if not isinstance(schema, dict):
        return {}
    beside = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
    parts = list(schema.get("allOf", []))
    merged: Json = {}
    if "$ref" in schema:
        reference = schema["$ref"]
        if reference in seen:
            raise SpecError(place, "contains itself")
        target = document.pointed(reference)
        merged = _inherited(merged_schema(document, target, place, seen | {reference}))
    for part in parts:
        _merge(merged, _inherited(merged_schema(document, part, place, seen)), place)
    _merge(merged, beside, place)
    return merged


def _inherited(part: Json) -> Json:
    """What a schema passes on to those that extend it: everything but its discriminator."""
    if "oneOf" in part or "anyOf" in part:
        return dict(part)
    return {key: value for key, value in part.items() if key != "discriminator"}


def _merge(merged: Json, part: Json, place: Place) -> None:
    properties = dict(merged.get("properties", {}))
    for name, value in part.get("properties", {}).items():
        earlier = properties.get(name)
        properties[name] = value if earlier is None or earlier == value else {"allOf": [earlier, value]}
    before = merged.get("required", [])
    required = [*before, *(name for name in part.get("required", []) if name not in before)]
    for key in ("oneOf", "anyOf"):
        if key in merged and key in part:
            raise SpecError(place, f"two parts under allOf both have a list of alternatives under {key}")
    kind = _common_type(merged.get("type"), part.get("type"), place)
    merged.update(part)
    merged |= {
        key: value
        for key, value in (("properties", properties), ("required", required), ("type", kind))
        if value
    }


def _common_type(before: Any, after: Any, place: Place) -> Any:
    if before is None or after is None or before == after:
        return after if before is None else before
    first = [before] if isinstance(before, str) else before
    second = [after] if isinstance(after, str) else after
    common = [kind for kind in first if kind in second]
    if not common and {*first, *second} >= {"integer", "number"}:
        common = ["integer"]
    if not common:
        raise SpecError(
            place, f"its parts under allOf are a JSON {first[0]} and a JSON {second[0]}: no value is both"
        )
    return common[0] if len(common) == 1 else common
