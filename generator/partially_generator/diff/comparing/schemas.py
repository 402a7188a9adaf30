"""Compares two schemas, in the direction in which their values are sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from partially_generator.diff.changes.findings import Findings, Place, Unquoted
from partially_generator.diff.comparing import constraints
from partially_generator.diff.comparing.alternatives import label, match_alternatives
from partially_generator.diff.reading.parts import DocumentReader, Part, canonical, pointer
from partially_generator.diff.reading.shapes import ANNOTATIONS, Discriminator, Parts, Shape
from partially_generator.diff.reading.unchanged import Unchanged

Direction = Literal["request", "response"]
"""Whether callers send the values, or servers do."""

_HIDES: dict[Direction, tuple[str, str]] = {
    "request": ("readOnly", "read-only"),
    "response": ("writeOnly", "write-only"),
}


@dataclass(frozen=True, slots=True)
class SchemaUse:
    """Where the compared schemas are used.

    Attributes:
        root: The name of the value itself, such as `the body`.
    """

    operation: str | None
    part: str
    direction: Direction
    root: str

    def what(self, path: str) -> str:
        """The name of the value at a path within the root."""
        if not path:
            return self.root
        return f"`{path}`" if self.root == "the body" else f"`{path}` of {self.root}"

    def place(self, before: str | None, after: str | None) -> Place:
        """A place in this use."""
        return Place(self.operation, self.part, before, after)


@dataclass(frozen=True, slots=True)
class _Pair:
    old: Shape
    new: Shape
    path: str
    inner: bool = False
    """Whether type and annotations were compared already, because only one schema has alternatives."""


class Schemas:
    """Compares schemas of two documents and adds the changes to the findings."""

    def __init__(
        self, old: DocumentReader, new: DocumentReader, unchanged: Unchanged, findings: Findings
    ) -> None:
        self._old = old
        self._new = new
        self._unchanged = unchanged
        self._findings = findings

    def compare(self, old: Part, new: Part, use: SchemaUse) -> None:
        """Compare two schemas and all schemas within them. Values near the root come first."""
        waiting = deque([self._pair((old,), (new,), "")])
        seen: set[tuple[Any, ...]] = set()
        while waiting:
            pair = waiting.popleft()
            key = (pair.old.key, pair.new.key, pair.inner)
            same = pair.old.key == pair.new.key and all(map(self._unchanged.contains, pair.old.key))
            if same or key in seen:
                continue
            seen.add(key)
            waiting.extend(_Node(self, pair, use, self._findings).compare())

    def _pair(self, old: Parts, new: Parts, path: str, *, inner: bool = False) -> _Pair:
        return _Pair(Shape(self._old, old), Shape(self._new, new), path, inner)

    def pair(self, old: Parts, new: Parts, path: str, *, inner: bool = False) -> _Pair:
        """A pair of schemas to compare later."""
        return self._pair(old, new, path, inner=inner)


class _Node:
    """One pair of schemas, without the schemas within them."""

    def __init__(self, schemas: Schemas, pair: _Pair, use: SchemaUse, findings: Findings) -> None:
        self._schemas = schemas
        self._old, self._new, self._path = pair.old, pair.new, pair.path
        self._inner = pair.inner
        self._use = use
        self._findings = findings

    def compare(self) -> list[_Pair]:
        """Compare the pair; returns the pairs within it."""
        old, new = self._old, self._new
        if not self._inner:
            self._words()
            self._null()
        one_sided = bool(old.alternatives) != bool(new.alternatives)
        if not self._inner and not self._types(whole=one_sided):
            return []
        if one_sided:
            return self._spread()
        self._values()
        self._object()
        return [*self._properties(), *self._items(), *self._further(), *self._alternatives()]

    def _add(
        self,
        rule: str,
        *keywords: str,
        before: Any = None,
        after: Any = None,
        what: str | None = None,
        directed: bool = True,
    ) -> None:
        self._findings.add(
            f"{self._use.direction}-{rule}" if directed else rule,
            self._use.what(self._path) if what is None else what,
            self._use.place(self._old.place(*keywords), self._new.place(*keywords)),
            before=before,
            after=after,
        )

    def _types(self, *, whole: bool) -> bool:
        """Whether the rest is worth comparing."""
        old, new = (
            shape.types if whole or not shape.alternatives else shape.own_types
            for shape in (self._old, self._new)
        )
        if old == new:
            return True
        narrower, wider = constraints.is_subset(new, old), constraints.is_subset(old, new)
        rule = "type-narrowed" if narrower else "type-widened" if wider else "type-changed"
        self._add(rule, "type", before=constraints.types_text(old), after=constraints.types_text(new))
        return narrower or wider

    def _null(self) -> None:
        if self._old.nullable != self._new.nullable:
            # If all types are allowed, null is one of them, and the change of the types says so already.
            if None in (self._old.types, self._new.types):
                return
            rule = "null-allowed" if self._new.nullable else "null-refused"
            self._add(rule, "nullable", "type", before=self._old.nullable, after=self._new.nullable)

    def _values(self) -> None:
        for name, keyword, before, after in constraints.compare(self._old, self._new):
            self._add(name, keyword, *constraints.SYNONYMS.get(keyword, ()), before=before, after=after)
        for before, after in constraints.format_hints(self._old, self._new):
            self._add("format-hint-changed", "format", before=before, after=after, directed=False)
        self._default()
        old, new = self._old.conditions, self._new.conditions
        for keyword in sorted(old.keys() | new.keys()):
            if canonical(old.get(keyword)) != canonical(new.get(keyword)):
                before, after = ({keyword: side[keyword]} if keyword in side else None for side in (old, new))
                self._add("condition-changed", keyword, before=before, after=after)

    def _default(self) -> None:
        had, has = self._old.has("default"), self._new.has("default")
        before, after = self._old.last("default"), self._new.last("default")
        if (had, canonical(before)) == (has, canonical(after)):
            return
        rule = "default-changed"
        if self._use.direction == "request" and had != has:
            rule = "default-added" if has else "default-removed"
        words = [
            Unquoted("null") if present and value is None else value
            for present, value in ((had, before), (has, after))
        ]
        self._add(rule, "default", before=words[0], after=words[1])

    def _object(self) -> None:
        before, after = constraints.openness(self._old), constraints.openness(self._new)
        if before != after:
            fewer = constraints.OPENNESS.index(after) < constraints.OPENNESS.index(before)
            rule = "object-closed" if fewer else "object-opened"
            keywords = ("additionalProperties", "unevaluatedProperties")
            self._add(rule, *keywords, before=Unquoted(before), after=Unquoted(after))

    def _properties(self) -> Iterator[_Pair]:
        old, new = self._old, self._new
        hides, called = _HIDES[self._use.direction]
        for name in {**new.properties, **new.required, **old.properties, **old.required}:
            path = f"{self._path}.{name}" if self._path else name
            pair = self._schemas.pair(old.properties.get(name, ()), new.properties.get(name, ()), path)
            was = (name in old.properties or name in old.required) and not pair.old.flag(hides)
            now = (name in new.properties or name in new.required) and not pair.new.flag(hides)
            must = name in new.required
            needed = "required" if must else "optional"
            rule = None
            if was and now:
                rule = f"property-became-{needed}" if (name in old.required) != must else None
                yield pair
            elif was:
                rule = f"property-became-{called}" if name in new.properties else "property-removed"
            elif now:
                back = name in old.properties and not must
                if self._use.direction == "response" and old.closed and not back:
                    needed = f"to-closed-{needed}"
                rule = f"property-no-longer-{called}" if back else f"property-added-{needed}"
            if rule:
                pointers = [_property_place(shape, name, required=was and now) for shape in (old, new)]
                place = self._use.place(*pointers)
                self._findings.add(f"{self._use.direction}-{rule}", self._use.what(path), place)

    def _items(self) -> Iterator[_Pair]:
        if self._old.items or self._new.items:
            yield self._schemas.pair(self._old.items, self._new.items, f"{self._path}[]")

    def _further(self) -> Iterator[_Pair]:
        if self._old.further and self._new.further:
            path = f"{self._path}.*" if self._path else "*"
            yield self._schemas.pair(self._old.further, self._new.further, path)

    def _alternatives(self) -> Iterator[_Pair]:
        pairs, gone, fresh = match_alternatives(self._old.alternatives, self._new.alternatives)
        for old, new in pairs:
            yield self._schemas.pair((old,), (new,), self._path)
        self._unmatched(gone, fresh)
        if not _same_discriminator(self._old.discriminator, self._new.discriminator, pairs):
            before, after = (shape.last("discriminator") for shape in (self._old, self._new))
            self._add("discriminator-changed", "discriminator", before=before, after=after)

    def _unmatched(self, gone: Parts, fresh: Parts) -> None:
        if gone:
            words = Unquoted(", ".join(f"`{label(part)}`" for part in gone))
            self._add("alternative-removed", "oneOf", "anyOf", before=words)
        if fresh:
            words = Unquoted(", ".join(f"`{label(part)}`" for part in fresh))
            self._add("alternative-added", "oneOf", "anyOf", after=words)

    def _spread(self) -> list[_Pair]:
        """Only one of the schemas has alternatives: pair the other schema with one of them, if possible."""
        old_members = self._old.alternatives or (_whole(self._old),)
        new_members = self._new.alternatives or (_whole(self._new),)
        pairs, gone, fresh = match_alternatives(old_members, new_members)
        found = [
            self._schemas.pair(
                (old,) if self._old.alternatives else self._old.parts,
                (new,) if self._new.alternatives else self._new.parts,
                self._path,
                inner=True,
            )
            for old, new in pairs
        ]
        if not pairs or self._old.types == self._new.types:
            self._unmatched(gone, fresh)
        return found

    def _words(self) -> None:
        old, new = self._old, self._new
        texts = [shape.last("description") for shape in (old, new)]
        if _flowing(texts[0]) != _flowing(texts[1]):
            self._plain("description-changed", "description", texts)
        examples = [shape.examples for shape in (old, new)]
        if canonical(examples[0]) != canonical(examples[1]):
            self._plain("examples-changed", "examples", examples)
        flags = [shape.flag("deprecated") for shape in (old, new)]
        if flags[0] != flags[1]:
            self._plain("deprecated" if flags[1] else "no-longer-deprecated", "deprecated", flags)
        for keyword in ANNOTATIONS:
            both = [shape.last(keyword) for shape in (old, new)]
            if keyword != "$comment" and canonical(both[0]) != canonical(both[1]):
                self._plain("annotation-changed", keyword, both, prefix=f"the {keyword} of ")
        for keyword in sorted(old.extensions.keys() | new.extensions.keys()):
            both = [shape.extensions.get(keyword) for shape in (old, new)]
            if canonical(both[0]) != canonical(both[1]):
                self._plain("extension-changed", keyword, both, prefix=f"{keyword} of ")

    def _plain(self, rule: str, keyword: str, both: list[Any], *, prefix: str = "") -> None:
        what = f"{prefix}{self._named(keyword)}"
        self._add(rule, keyword, before=both[0], after=both[1], what=what, directed=False)

    def _named(self, keyword: str) -> str:
        """The name of the schema if the keyword is directly in it, else the name of the value."""
        for shape in (self._new, self._old):
            at = shape.place(keyword)
            for part in shape.parts:
                if part.name and at == pointer(part.pointer, keyword):
                    return f"the schema {part.name}"
        return self._use.what(self._path)


def _whole(shape: Shape) -> Part:
    """A schema in the form of an alternative, to find the alternative that is most similar."""
    merged: dict[str, Any] = {}
    for part in shape.parts:
        merged.update(part.node)
    if shape.properties:
        merged["properties"] = {name: {} for name in shape.properties}
    return Part(merged, shape.place() or "", shape.name)


def _same_discriminator(
    old: Discriminator | None, new: Discriminator | None, pairs: list[tuple[Part, Part]]
) -> bool:
    """Whether two discriminators use the same property and the same values."""
    if old is None or new is None:
        return old is new
    if not pairs:
        return old == new
    kept = [(old.values_of(before.name), new.values_of(after.name)) for before, after in pairs]
    return old.property == new.property and all(before == after for before, after in kept)


def _property_place(shape: Shape, name: str, *, required: bool) -> str | None:
    if required and name in shape.required:
        return shape.required[name]
    parts = shape.properties.get(name)
    return parts[-1].pointer if parts else shape.required.get(name)


def _flowing(text: Any) -> str:
    return " ".join(str(text or "").split())
