"""Pairs the alternatives of two schemas."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from partially_generator.diff.reading.parts import Part, canonical
from partially_generator.diff.reading.shapes import Parts


def match_alternatives(old: Parts, new: Parts) -> tuple[list[tuple[Part, Part]], Parts, Parts]:
    """The paired alternatives; then those only in the old schema; then those only in the new one.

    The most reliable criterion comes first: the name, then a property with a fixed value, then the whole
    content, and so on down to the type. A criterion that fits several alternatives decides nothing. At the
    end, alternatives of the same type without a name are paired in their order.
    """
    left, right = list(old), list(new)
    pairs: list[tuple[Part, Part]] = []
    for sign in _CRITERIA:
        for part in list(left):
            value = sign(part)
            if value is None:
                continue
            same = [other for other in right if sign(other) == value]
            if len(same) == 1 and sum(sign(other) == value for other in left) == 1:
                pairs.append((part, same[0]))
                left.remove(part)
                right.remove(same[0])
    for part in list(left):
        same = [other for other in right if _type(other) == _type(part)]
        if same and not part.name:
            pairs.append((part, same[0]))
            left.remove(part)
            right.remove(same[0])
    return pairs, tuple(left), tuple(right)


def label(part: Part) -> str:
    """A name for an alternative, for messages."""
    node = part.node if isinstance(part.node, dict) else {}
    if part.name:
        return part.name
    if isinstance(node.get("title"), str):
        return str(node["title"])
    if isinstance(node.get("properties"), dict) and node["properties"]:
        return f"object with {', '.join(node['properties'])}"
    if "const" in node or "enum" in node:
        return " or ".join(canonical(value) for value in node.get("enum", [node.get("const")]))
    types = node.get("type", "anything")
    return " or ".join(types) if isinstance(types, list) else str(types)


def _node(part: Part) -> dict[str, Any]:
    return part.node if isinstance(part.node, dict) else {}


def _name(part: Part) -> Hashable:
    return part.name or None


def _fixed_values(part: Part) -> Hashable:
    """The properties that can have only one value, such as a `kind`."""
    fixed = []
    for name, schema in (_node(part).get("properties") or {}).items():
        if isinstance(schema, dict):
            values = [schema["const"]] if "const" in schema else schema.get("enum", [])
            if len(values) == 1:
                fixed.append((name, canonical(values[0])))
    return tuple(sorted(fixed)) or None


def _content(part: Part) -> Hashable:
    return canonical(part.node)


def _title(part: Part) -> Hashable:
    title = _node(part).get("title")
    return title if isinstance(title, str) else None


def _properties(part: Part) -> Hashable:
    properties = _node(part).get("properties")
    return tuple(sorted(properties)) if isinstance(properties, dict) and properties else None


def _type(part: Part) -> Hashable:
    node = _node(part)
    types = node.get("type", "object" if "properties" in node else None)
    return canonical(sorted(types) if isinstance(types, list) else [types]) if types else None


_CRITERIA: tuple[Callable[[Part], Hashable], ...] = (
    _name,
    _fixed_values,
    _content,
    _title,
    _properties,
    _type,
)
