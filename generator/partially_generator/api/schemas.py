"""Turns schemas into types, with the models and unions that they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from partially_generator.api import ir, names
from partially_generator.api.alternatives import (
    Alternative,
    alternatives,
    discriminator_values,
    json_types_differ,
    merged_members,
)
from partially_generator.api.names import RESERVED_CLASSES
from partially_generator.api.scalars import (
    ANY,
    LIST_CONSTRAINTS,
    MAP_CONSTRAINTS,
    NONE,
    enum_type,
    json_type,
    lengths,
    scalar,
)
from partially_generator.reading.errors import SpecError
from partially_generator.reading.merging import merged_schema
from partially_generator.reading.places import Json, Place, reference_place
from partially_spec import Document

_ANNOTATIONS = frozenset(
    {
        "$comment", "default", "deprecated", "description", "discriminator", "example", "examples",
        "externalDocs", "nullable", "readOnly", "title", "writeOnly", "xml",
    }
)  # fmt: skip
"""Keywords that do not restrict a value."""


class Property(NamedTuple):
    """A property of a model."""

    wire: str
    required: bool
    type: ir.TypeRef
    schema: Json
    place: Place


@dataclass(frozen=True, slots=True)
class _Target:
    """A schema without the references and wrappers around it."""

    schema: Any
    place: Place
    hint: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    schema: Json
    place: Place
    sent: bool


class Schemas:
    """The types of a document. Models and unions are collected on the way."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._taken: set[str] = set(RESERVED_CLASSES)
        self._models: dict[str, _Seen] = {}
        self._unions: dict[str, ir.Union] = {}
        self._known: dict[tuple[Place, bool], ir.TypeRef] = {}
        self._open: list[tuple[Place, bool]] = []
        # Components get their names in their own order, not in that of the references to them.
        self._components: dict[Place, str] = {
            ("components", "schemas", name): self._new_name(name)
            for name in document.raw.get("components", {}).get("schemas", {})
        }

    def union(self, name: str) -> ir.Union | None:
        """The union of this name, if it is one."""
        return self._unions.get(name)

    def type(self, schema: Any, place: Place, hint: str, *, sent: bool = False) -> ir.TypeRef:
        """The type of the values that a schema describes.

        Args:
            schema: The schema.
            place: Where it stands.
            hint: The name for a model that has none of its own.
            sent: Whether the client sends the values; otherwise it receives them.

        Raises:
            SpecError: It cannot be expressed.
        """
        if schema is False:
            raise SpecError(place, "the schema is false, so no value is allowed")
        target = self._target(schema, place, hint)
        if not isinstance(target.schema, dict):
            return ANY
        key = (target.place, sent and self._is_directional(target.schema))
        if key in self._known:
            kind = self._known[key]
        elif key in self._open:
            return ANY  # it contains itself without a model in between: Python has no type for that
        else:
            self._open.append(key)
            try:
                kind = self._known[key] = self._plain(target, key[1])
            finally:
                self._open.pop()
        return _or_none(kind) if target.nullable else kind

    def properties(self, name: str) -> list[Property]:
        """The properties of a known model: the required ones first, else in document order."""
        seen = self._models[name]
        raw = merged_schema(self._document, seen.schema, seen.place)
        unwanted = "readOnly" if seen.sent else "writeOnly"
        schemas: Json = raw.get("properties", {})
        required = {wire: position for position, wire in enumerate(raw.get("required", []))}
        found = []
        for wire in sorted(schemas, key=lambda wire: required.get(wire, len(required))):
            where = (*seen.place, "properties", wire)
            schema = merged_schema(self._document, schemas[wire], where)
            if schema.get(unwanted) is True:
                continue
            kind = self.type(schemas[wire], where, f"{name} {wire}", sent=seen.sent)
            found.append(Property(wire, wire in required, kind, schema, where))
        return found

    def described(self, name: str) -> Json:
        """The merged schema of a known model."""
        seen = self._models[name]
        return merged_schema(self._document, seen.schema, seen.place)

    def _target(self, schema: Any, place: Place, hint: str) -> _Target:
        nullable = False
        followed: set[str] = set()
        while isinstance(schema, dict):
            nullable = nullable or schema.get("nullable") is True
            parts: list[tuple[Place, Any]] = (
                [(("$ref",), {"$ref": schema["$ref"]})] if "$ref" in schema else []
            )
            parts += [
                (("allOf", index), part)
                for index, part in enumerate(schema.get("allOf", ()))
                if not isinstance(part, dict) or part.keys() - _ANNOTATIONS
            ]
            beside = {key for key in schema if key not in {*_ANNOTATIONS, "$ref", "allOf"}}
            if schema.get("type") == "object":
                beside.discard("type")
            if len(parts) != 1 or beside:
                break
            steps, part = parts[0]
            if isinstance(part, dict) and part.keys() - _ANNOTATIONS == {"$ref"}:
                reference = part["$ref"]
                if reference in followed:
                    raise SpecError(place, "contains itself")
                followed.add(reference)
                schema = self._document.pointed(reference)
                place = reference_place(reference)
                hint = str(place[-1])
            else:
                schema, place = part, (*place, *steps)
        return _Target(schema, place, hint, nullable)

    def _plain(self, target: _Target, sent: bool) -> ir.TypeRef:
        """The type; null only if the schema itself is `nullable`."""
        raw = merged_schema(self._document, target.schema, target.place)
        kind = self._of(raw, target, sent)
        return _or_none(kind) if raw.get("nullable") is True else kind

    def _of(self, raw: Json, target: _Target, sent: bool) -> ir.TypeRef:
        found = alternatives(self._document, raw, target.place)
        if found:
            return self._union(found, raw, target, sent)
        own = target.schema.get("discriminator")
        if isinstance(own, dict) and "properties" in raw:
            return self._base_and_children(own, raw, target, sent)
        kinds = _kinds(raw)
        if "const" in raw or isinstance(raw.get("enum"), list):
            values = [raw["const"]] if "const" in raw else raw["enum"]
            closed = enum_type(values, kinds)
            if closed is not None:
                return closed
            kinds = kinds or list(dict.fromkeys(json_type(value) for value in values))
        members = [self._single(kind, raw, target, sent) for kind in kinds]
        return _one_of(members) if members else ANY

    def _single(self, kind: str, raw: Json, target: _Target, sent: bool) -> ir.TypeRef:
        if kind == "array":
            items = raw.get("items", {}) if not raw.get("prefixItems") else {}
            item = self.type(items, (*target.place, "items"), f"{target.hint} item", sent=sent)
            return ir.ListOf(item, lengths(raw, LIST_CONSTRAINTS))
        if kind != "object":
            return scalar(kind, raw)
        if raw.get("properties"):
            return ir.ModelRef(self._model(target, sent))
        where = (*target.place, "additionalProperties")
        extra = raw.get("additionalProperties")
        patterns = raw.get("patternProperties")
        if isinstance(patterns, dict) and len(patterns) == 1 and extra in (None, False):
            (pattern, extra), where = next(iter(patterns.items())), (*target.place, "patternProperties")
            where = (*where, pattern)
        value = self.type(extra, where, f"{target.hint} value", sent=sent) if extra else ANY
        return ir.MapOf(value, lengths(raw, MAP_CONSTRAINTS))

    def _union(self, found: list[Alternative], raw: Json, target: _Target, sent: bool) -> ir.TypeRef:
        kinds = [self.type(v.schema, v.place, f"{target.hint} {v.hint}", sent=sent) for v in found]
        members = merged_members(kinds)
        if ANY in members:
            return ANY
        tagged = discriminator_values(self._document, raw.get("discriminator"), found, kinds)
        if not tagged and json_types_differ(members):
            return _one_of(members)
        name = self._name_of(target, sent)
        some = tuple(member for member in members if member != NONE)
        tag = raw["discriminator"]["propertyName"] if tagged else None
        self._unions[name] = ir.Union(
            name=name, description=raw.get("description", ""), members=some, discriminator=tag, mapping=tagged
        )
        return _or_none(ir.UnionRef(name)) if NONE in members else ir.UnionRef(name)

    def _base_and_children(self, own: Json, raw: Json, target: _Target, sent: bool) -> ir.TypeRef:
        """The type of a base with a discriminator, which others extend by `allOf`: any of them, or itself."""
        base = ir.ModelRef(self._model(target, sent))
        schemas: Json = self._document.raw.get("components", {}).get("schemas", {})
        children = [name for name, schema in schemas.items() if _extends(schema, target.place)]
        found = [
            Alternative(
                {"$ref": f"#/components/schemas/{_escaped(name)}"}, ("components", "schemas", name), ""
            )
            for name in children
        ]
        kinds = [
            self.type(alternative.schema, alternative.place, target.hint, sent=sent) for alternative in found
        ]
        tagged = discriminator_values(self._document, own, found, kinds)
        if not tagged:
            return base
        name = self._new_name(f"any {base.name}")
        self._unions[name] = ir.Union(
            name=name,
            description=raw.get("description", ""),
            members=tuple(dict.fromkeys([*kinds, base])),
            discriminator=own["propertyName"],
            mapping=tagged,
            fallback=base,
        )
        return ir.UnionRef(name)

    def _model(self, target: _Target, sent: bool) -> str:
        name = self._name_of(target, sent)
        self._models[name] = _Seen(target.schema, target.place, sent)
        return name

    def _name_of(self, target: _Target, sent: bool) -> str:
        name = self._components.get(target.place)
        if name is None or name in self._models or name in self._unions:
            name = self._new_name(target.hint)
        return self._new_name(f"{name} input") if sent else name

    def _new_name(self, wish: str) -> str:
        if names.class_name(wish) in RESERVED_CLASSES:
            wish = f"{wish} model"
        name = names.free_class_name(wish, self._taken)
        self._taken.add(name)
        return name

    def _is_directional(self, schema: Any, seen: frozenset[int] = frozenset()) -> bool:
        """Whether a schema, or one within it, has different fields when sent and when received."""
        if isinstance(schema, list):
            return any(self._is_directional(item, seen) for item in schema)
        if not isinstance(schema, dict) or id(schema) in seen:
            return False
        if schema.get("readOnly") is True or schema.get("writeOnly") is True:
            return True
        seen |= {id(schema)}
        if "$ref" in schema and self._is_directional(self._document.pointed(schema["$ref"]), seen):
            return True
        inner = [*schema.get("properties", {}).values()]
        inner += [schema.get(key) for key in ("items", "additionalProperties", "allOf", "anyOf", "oneOf")]
        return any(self._is_directional(item, seen) for item in inner)


def _kinds(raw: Json) -> list[str]:
    """The JSON types that a schema allows, as far as its keywords tell."""
    declared = raw.get("type")
    if isinstance(declared, str):
        return [declared]
    if isinstance(declared, list):
        return [str(kind) for kind in declared]
    if any(key in raw for key in ("properties", "additionalProperties", "patternProperties")):
        return ["object"]
    if "items" in raw or "prefixItems" in raw:
        return ["array"]
    if any(key in raw for key in ("pattern", "minLength", "maxLength", "contentEncoding")):
        return ["string"]
    return []


def _one_of(members: list[ir.TypeRef]) -> ir.TypeRef:
    unique = tuple(dict.fromkeys(members))
    return unique[0] if len(unique) == 1 else ir.OneOf(unique)


def _or_none(kind: ir.TypeRef) -> ir.TypeRef:
    if kind in (ANY, NONE):
        return kind
    members = kind.members if isinstance(kind, ir.OneOf) else (kind,)
    return kind if NONE in members else ir.OneOf((*members, NONE))


def _extends(schema: Any, base: Place) -> bool:
    parts = schema.get("allOf", ()) if isinstance(schema, dict) else ()
    return any(isinstance(p, dict) and "$ref" in p and reference_place(p["$ref"]) == base for p in parts)


def _escaped(name: str) -> str:
    return quote(name.replace("~", "~0").replace("/", "~1"), safe="~")
