"""Compares the constraints of two schemas on a single value: types, formats, bounds and enums."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from partially_generator.diff.changes.findings import Unquoted
from partially_generator.diff.reading.parts import canonical
from partially_generator.diff.reading.shapes import Limit, Shape

Types = frozenset[str] | None

_HINTS = frozenset({"password"})
"""Formats that only tell how to display a value."""

_WIDER = {"int32": "int64", "float": "double"}

OPENNESS = ("none", "those that match a schema", "any")
"""Which additional fields an object may have, from none to any."""


SYNONYMS = {"enum": ("const",), "minimum": ("exclusiveMinimum",), "maximum": ("exclusiveMaximum",)}
"""Other keywords with the same meaning as a keyword."""


def is_subset(narrow: Types, wide: Types) -> bool:
    """Whether every value of the first types is one of the second ones."""
    if wide is None:
        return True
    if narrow is None:
        return False
    return all(name in wide or (name == "integer" and "number" in wide) for name in narrow)


def types_text(types: Types) -> Unquoted:
    """Such as `integer or string`."""
    return Unquoted("anything" if types is None else " or ".join(sorted(types)) or "nothing but null")


def openness(shape: Shape) -> str:
    """Which additional fields an object may have."""
    return OPENNESS[0] if shape.closed else OPENNESS[1] if shape.further else OPENNESS[2]


def compare(old: Shape, new: Shape) -> Iterator[tuple[str, str, Any, Any]]:
    """The changes: each is the end of the rule's id, the keyword, the old and the new value."""
    yield from _enum(old.enum, new.enum)
    yield from _formats(old, new)
    yield from _patterns(set(old.patterns), set(new.patterns))
    for name in sorted(old.limits.keys() | new.limits.keys()):
        yield from _limit(name, old.limits.get(name), new.limits.get(name))


def format_hints(old: Shape, new: Shape) -> Iterator[tuple[Unquoted, Unquoted]]:
    """Changes of formats that are hints."""
    before, after = ([name for name in shape.formats if name in _HINTS] for shape in (old, new))
    if before != after:
        yield _words(before), _words(after)


def _enum(old: list[Any] | None, new: list[Any] | None) -> Iterator[tuple[str, str, Any, Any]]:
    if old is None and new is not None:
        yield "enum-introduced", "enum", None, new
    elif old is not None and new is None:
        yield "enum-dropped", "enum", old, None
    elif old is not None and new is not None:
        before, after = ({canonical(value) for value in values} for values in (old, new))
        if fresh := [value for value in new if canonical(value) not in before]:
            yield "enum-value-added", "enum", None, fresh
        if gone := [value for value in old if canonical(value) not in after]:
            yield "enum-value-removed", "enum", gone, None


def _formats(old: Shape, new: Shape) -> Iterator[tuple[str, str, Any, Any]]:
    before, after = ({name for name in shape.formats if name not in _HINTS} for shape in (old, new))
    if before == after:
        return
    rule = "format-changed"
    if before < after or _wider(after, before):
        rule = "format-narrowed"
    elif after < before or _wider(before, after):
        rule = "format-widened"
    yield rule, "format", _words(before), _words(after)


def _wider(narrow: set[str], wide: set[str]) -> bool:
    return {_WIDER.get(name) for name in narrow} == wide


def _patterns(old: set[str], new: set[str]) -> Iterator[tuple[str, str, Any, Any]]:
    if old != new:
        rule = "pattern-added" if old < new else "pattern-removed" if new < old else "pattern-changed"
        yield rule, "pattern", sorted(old) or None, sorted(new) or None


def _limit(name: str, old: Limit | None, new: Limit | None) -> Iterator[tuple[str, str, Any, Any]]:
    if old == new:
        return
    before, after = (Unquoted(limit.text if limit else "no limit") for limit in (old, new))
    if old is None or new is None:
        rule = "limit-tightened" if old is None else "limit-loosened"
    elif old.rank is not None and new.rank is not None:
        rule = "limit-tightened" if new.rank > old.rank else "limit-loosened"
    elif _divides(old.value, new.value):
        rule = "limit-tightened"
    else:
        rule = "limit-loosened" if _divides(new.value, old.value) else "limit-changed"
    yield rule, name, before, after


def _divides(small: float, large: float) -> bool:
    return Decimal(str(large)) % Decimal(str(small)) == 0


def _words(names: Any) -> Unquoted:
    return Unquoted(", ".join(sorted(names)) or "none")
