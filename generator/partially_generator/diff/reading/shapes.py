"""The effect of a schema, independent of how it is written: with references, `allOf`, or any form of null."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from partially_generator.diff.reading.parts import DocumentReader, Part, canonical, pointer

Parts = tuple[Part, ...]
"""Schemas that apply together."""

_NULL = "null"
_LOWER = {"minLength", "minItems", "minProperties", "minContains"}
_UPPER = {"maxLength", "maxItems", "maxProperties", "maxContains"}

ANNOTATIONS = ("title", "externalDocs", "xml", "$comment", "contentMediaType", "contentEncoding")
"""Keywords that describe a value and do not restrict it."""

_HANDLED = {
    *("$ref", "allOf", "anyOf", "oneOf", "type", "nullable", "enum", "const", "format", "pattern"),
    *("properties", "required", "items", "additionalProperties", "unevaluatedProperties", "discriminator"),
    *("default", "readOnly", "writeOnly", "deprecated", "description", "example", "examples"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems"),
    *("$defs", "definitions", "$id", "$anchor", "$schema"),
    *_LOWER,
    *_UPPER,
    *ANNOTATIONS,
}
"""Keywords that are compared one by one, or that only name or define schemas."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound.

    Attributes:
        rank: The larger, the tighter the bound; None if bounds of this kind have no order.
    """

    text: str = field(compare=False)
    value: float
    rank: tuple[float, int] | None


@dataclass(frozen=True, slots=True)
class Discriminator:
    """A discriminator: the property whose value tells the alternatives apart.

    Attributes:
        targets: Names of components by the values of the property.
    """

    property: str
    targets: dict[str, str]

    def values_of(self, name: str) -> list[str]:
        """The values of the property for a component."""
        return sorted(value for value, target in self.targets.items() if target == name)


class Shape:
    """The demands of a schema on a value."""

    def __init__(self, side: DocumentReader, parts: Parts) -> None:
        self._side = side
        self.parts: Parts = tuple(_expanded(side, parts, ()))
        self.key = tuple(part.pointer for part in self.parts)
        self.name = next((part.name for part in parts if part.name), "")

    def place(self, *keywords: str) -> str | None:
        """The pointer to the first of these keywords that exists, else to the schema, if there is one."""
        for keyword in keywords:
            for part in reversed(self.parts):
                if part.has(keyword):
                    return pointer(part.pointer, keyword)
        return self.parts[-1].pointer if self.parts else None

    def last(self, keyword: str) -> Any:
        """The value of an annotation; one beside a reference wins over one in its target."""
        return next((part.node[keyword] for part in reversed(self.parts) if keyword in part.node), None)

    def has(self, keyword: str) -> bool:
        """Whether any part has the keyword."""
        return any(keyword in part.node for part in self.parts)

    def flag(self, keyword: str) -> bool:
        """Whether a keyword such as `readOnly` is set."""
        return any(part.node.get(keyword) is True for part in self.parts)

    @cached_property
    def types(self) -> frozenset[str] | None:
        """The JSON types it allows, without null; None if it allows all."""
        if self.own_types is not None:
            return self.own_types
        if self.alternatives:
            members = [Shape(self._side, (member,)).own_types for member in self.alternatives]
            known = [types for types in members if types is not None]
            return frozenset().union(*known) if len(known) == len(members) else None
        return None

    @cached_property
    def own_types(self) -> frozenset[str] | None:
        """The JSON types it allows, without looking at its alternatives."""
        allowed: frozenset[str] | None = None
        for part in self.parts:
            if (own := _types(part.node)) is not None:
                allowed = own if allowed is None else _both(allowed, own)
        if allowed is not None:
            return allowed - {_NULL}
        if self.enum:
            return frozenset(_type_of(value) for value in self.enum)
        return frozenset({"object"}) if self.properties else None

    @cached_property
    def nullable(self) -> bool:
        """Whether it allows null."""
        if self.flag("nullable"):
            return True
        own = [types for part in self.parts if (types := _types(part.node)) is not None]
        if not own and (self.properties or self.alternatives):
            return False
        listed = [values for part in self.parts if (values := _values(part.node)) is not None]
        return all(_NULL in types for types in own) and all(None in values for values in listed)

    @cached_property
    def enum(self) -> list[Any] | None:
        """The values in its enum, without null; None if it has no enum."""
        allowed: list[Any] | None = None
        for part in self.parts:
            if (own := _values(part.node)) is not None:
                kept = {canonical(value) for value in own}
                allowed = own if allowed is None else [v for v in allowed if canonical(v) in kept]
        return None if allowed is None else [value for value in allowed if value is not None]

    @cached_property
    def formats(self) -> list[str]:
        """Its formats, sorted."""
        return sorted({str(part.node["format"]) for part in self.parts if "format" in part.node})

    @cached_property
    def patterns(self) -> list[str]:
        """Its patterns, sorted."""
        return sorted({str(part.node["pattern"]) for part in self.parts if "pattern" in part.node})

    @cached_property
    def limits(self) -> dict[str, Limit]:
        """Its tightest bounds, by their keywords."""
        found: dict[str, Limit] = {}
        for part in self.parts:
            for name, limit in _limits(part.node):
                earlier = found.get(name)
                if earlier is None or earlier.rank is None or (limit.rank or (0, 0)) > earlier.rank:
                    found[name] = limit
        return found

    @cached_property
    def properties(self) -> dict[str, Parts]:
        """The schemas of each property, by its name."""
        found: dict[str, Parts] = {}
        for part in self.parts:
            for name in part.node.get("properties", {}):
                found[name] = (*found.get(name, ()), part.child("properties", name))
        return found

    @cached_property
    def required(self) -> dict[str, str]:
        """The required properties, each with the pointer to its entry under `required`."""
        return {
            name: pointer(part.pointer, "required", index)
            for part in self.parts
            for index, name in enumerate(_list(part.node.get("required")))
        }

    @cached_property
    def items(self) -> Parts:
        """The schemas of the items of an array."""
        return tuple(part.child("items") for part in self.parts if "items" in part.node)

    @cached_property
    def closed(self) -> bool:
        """Whether it refuses additional properties."""
        keywords = ("additionalProperties", "unevaluatedProperties")
        return any(part.node.get(keyword) is False for part in self.parts for keyword in keywords)

    @cached_property
    def further(self) -> Parts:
        """The schemas of additional properties."""
        found = [
            part.child("additionalProperties") for part in self.parts if "additionalProperties" in part.node
        ]
        return tuple(part for part in found if isinstance(part.node, dict) and part.node)

    @cached_property
    def alternatives(self) -> Parts:
        """The members of the first `oneOf` or `anyOf`, without null."""
        if not self._choices:
            return ()
        part, keyword = self._choices[0]
        members = [self._side.resolve(part.child(keyword, i)) for i in range(len(part.node[keyword]))]
        distinct = {canonical(member.node): member for member in reversed(members)}
        return tuple(m for m in members if not _is_null(m.node) and distinct[canonical(m.node)] is m)

    @cached_property
    def discriminator(self) -> Discriminator | None:
        """Its discriminator. Without a mapping, the values are the names of components."""
        found = self.last("discriminator")
        if not isinstance(found, dict):
            return None
        mapping = found.get("mapping") or {part.name: part.name for part in self.alternatives if part.name}
        targets = {value: str(target).rpartition("/")[2] for value, target in mapping.items()}
        return Discriminator(str(found.get("propertyName")), targets)

    @cached_property
    def _choices(self) -> list[tuple[Part, str]]:
        found: dict[str, tuple[Part, str]] = {}
        for part in self.parts:
            for word in ("oneOf", "anyOf"):
                if word in part.node:
                    found.setdefault(canonical(part.node[word]), (part, word))
        return list(found.values())

    @cached_property
    def conditions(self) -> dict[str, Any]:
        """Other keywords, whose effect is unknown here, with their values in all parts."""
        found: dict[str, list[Any]] = {}
        for part in self.parts:
            for keyword, value in part.node.items():
                if keyword not in _HANDLED and not keyword.startswith("x-"):
                    found.setdefault(keyword, []).append(value)
        for part, keyword in self._choices[1:]:
            found.setdefault(keyword, []).append(part.node[keyword])
        return {keyword: values[0] if len(values) == 1 else values for keyword, values in found.items()}

    @cached_property
    def extensions(self) -> dict[str, Any]:
        """Its `x-` keywords."""
        return {k: v for part in self.parts for k, v in part.node.items() if k.startswith("x-")}

    @cached_property
    def examples(self) -> list[Any]:
        """Its examples, in the form of OpenAPI 3.1."""
        if self.has("examples"):
            return _list(self.last("examples"))
        return [self.last("example")] if self.has("example") else []


def _expanded(side: DocumentReader, parts: Parts, seen: tuple[str, ...]) -> Iterator[Part]:
    """The parts with references followed and `allOf` expanded, so that only plain schemas are left."""
    for part in parts:
        if isinstance(part.node, bool):
            yield Part({} if part.node else {"not": {}}, part.pointer)
            continue
        if not isinstance(part.node, dict) or part.pointer in seen:
            continue
        path = (*seen, part.pointer)
        found: list[Part] = []
        if isinstance(part.node.get("$ref"), str):
            target = side.resolve(Part({"$ref": part.node["$ref"]}, part.pointer))
            found += _expanded(side, (target,), path)
        members = [part.child("allOf", index) for index in range(len(_list(part.node.get("allOf"))))]
        found = [*found, *_expanded(side, tuple(members), path)]
        plain = {key: value for key, value in part.node.items() if key not in {"$ref", "allOf"}}
        for keyword in ("oneOf", "anyOf"):
            plain, only = _unwrapped(side, part, plain, keyword)
            found += _expanded(side, only, path)
        yield from found
        if plain or not found:
            yield Part(plain, part.pointer, part.name, frozenset(part.node))


def _unwrapped(side: DocumentReader, part: Part, plain: Any, keyword: str) -> tuple[Any, Parts]:
    """Replaces alternatives that are not real ones: one schema, one schema and null, or only types."""
    members = [part.child(keyword, index) for index in range(len(_list(plain.get(keyword))))]
    if not members:
        return plain, ()
    resolved = [side.resolve(member) for member in members]
    real = [m for m, target in zip(members, resolved, strict=True) if not _is_null(target.node)]
    with_null = len(real) < len(members) or _allows_null(resolved)
    rest = {key: value for key, value in plain.items() if key != keyword}
    if len(real) == 1:
        return ({**rest, "nullable": True} if with_null else rest), (real[0],)
    if "type" not in rest and all(_only_a_type(target.node) for target in resolved):
        types = sorted({name for target in resolved for name in _list(target.node["type"])})
        return {**rest, "type": types}, ()
    return ({**plain, "nullable": True} if with_null else plain), ()


def _allows_null(members: list[Part]) -> bool:
    """Whether one of several alternatives allows null and other values."""
    for member in members:
        if isinstance(member.node, dict):
            types = _types(member.node)
            values = _values(member.node)
            listed = values is None or None in values
            if member.node.get("nullable") is True or (types is not None and _NULL in types and listed):
                return True
    return False


def _only_a_type(node: Any) -> bool:
    return isinstance(node, dict) and set(node) == {"type"}


def _is_null(node: Any) -> bool:
    return isinstance(node, dict) and (_types(node) == frozenset({_NULL}) or _values(node) == [None])


def _types(node: Any) -> frozenset[str] | None:
    types = node.get("type")
    return None if types is None else frozenset(str(name) for name in _list(types))


def _both(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    common = left & right
    for one, other in ((left, right), (right, left)):
        if "integer" in one and "number" in other:
            common |= {"integer"}
    return common


def _type_of(value: Any) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


def _values(node: Any) -> list[Any] | None:
    if "const" in node:
        return [node["const"]]
    return list(node["enum"]) if isinstance(node.get("enum"), list) else None


def _limits(node: Any) -> Iterator[tuple[str, Limit]]:
    for keyword, value in node.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if keyword in _LOWER and number and value > 0:
            yield keyword, Limit(f"{keyword} {value}", value, (value, 0))
        elif keyword in _UPPER and number:
            yield keyword, Limit(f"{keyword} {value}", value, (-value, 0))
        elif keyword == "uniqueItems" and value is True:
            yield keyword, Limit("uniqueItems", 1, (1, 0))
        elif keyword == "multipleOf" and number:
            yield keyword, Limit(f"multipleOf {value}", value, None)
        elif keyword in {"minimum", "maximum"} and number:
            # OpenAPI 3.0 says with true or false whether the bound itself is excluded.
            excluded = node.get(f"exclusive{keyword.capitalize()}") is True
            yield keyword, _bound(keyword, value, excluded=excluded)
        elif keyword in {"exclusiveMinimum", "exclusiveMaximum"} and number:
            yield keyword.removeprefix("exclusive").lower(), _bound(keyword[9:].lower(), value, excluded=True)


def _bound(side: str, value: float, *, excluded: bool) -> Limit:
    sign = ">" if side == "minimum" else "<"
    rank = value if side == "minimum" else -value
    return Limit(f"{sign}{'' if excluded else '='} {value}", value, (rank, int(excluded)))


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
