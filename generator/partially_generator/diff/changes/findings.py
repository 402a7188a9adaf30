"""Collects the changes that are found. The same change in several places becomes one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from partially_generator.diff.changes.rules import STEPS, Level, Rule, Step, rules
from partially_generator.reading.errors import one_line

_SHOWN = 80
"""The most characters of a value in a sentence. The JSON report has the whole value."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a change shows.

    Attributes:
        operation: Such as `POST /customer`; None if the change belongs to the whole document.
        part: Such as `request body`, `answer 200` or `query parameter`; empty for the operation itself.
        before: JSON pointer into the old document; None if it has nothing there.
        after: JSON pointer into the new document, likewise.
    """

    operation: str | None
    part: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change, with all the places where it shows.

    Attributes:
        what: What changed, in words.
        before: The old value; None if there was none.
        after: The new value.
    """

    rule: Rule
    what: str
    before: Any
    after: Any
    text: str
    places: tuple[Place, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that it concerns, each once."""
        return tuple(dict.fromkeys(place.operation for place in self.places if place.operation))


@dataclass(slots=True)
class _Found:
    rule: Rule
    what: str
    before: Any
    after: Any
    places: list[Place]


@dataclass(slots=True)
class Findings:
    """The changes that a comparison has found so far."""

    _found: list[_Found] = field(default_factory=list)

    def add(self, rule: str, what: str, place: Place, *, before: Any = None, after: Any = None) -> None:
        """Add a change."""
        self._found.append(_Found(rules()[rule], what, before, after, [place]))

    def changes(self) -> tuple[Change, ...]:
        """The changes, the most severe first. The same change in several places is one."""
        by_pointer = _merged(
            self._found,
            lambda f: (f.rule.id, f.places[0].before, f.places[0].after, _key(f.before), _key(f.after)),
        )
        by_words = _merged(by_pointer, lambda f: (f.rule.id, f.what, _key(f.before), _key(f.after)))
        # Stable: within a rule, the order in which the comparison walks through the documents.
        by_words.sort(key=lambda found: (*_severity(found.rule), found.rule.order))
        return tuple(
            Change(
                rule=found.rule,
                what=found.what,
                before=found.before,
                after=found.after,
                text=one_line(
                    found.rule.sentence(found.what, value_text(found.before), value_text(found.after))
                ),
                places=tuple(dict.fromkeys(found.places)),
            )
            for found in by_words
        )


def _merged(found: Iterable[_Found], key: Callable[[_Found], tuple[Any, ...]]) -> list[_Found]:
    groups: dict[tuple[Any, ...], _Found] = {}
    for one in found:
        group = groups.get(key(one))
        if group is None:
            groups[key(one)] = _Found(one.rule, one.what, one.before, one.after, list(one.places))
            continue
        group.places += one.places
        group.what = min(group.what, one.what, key=lambda what: (len(what), what))
    return list(groups.values())


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _severity(rule: Rule) -> tuple[int, int, int]:
    grave = list(Level)
    return grave.index(rule.callers), grave.index(rule.servers), -STEPS.index(rule.step)


def value_text(value: Any) -> str:
    """A value as text in a sentence. `Unquoted` text is shown without quotes."""
    if isinstance(value, Unquoted):
        return str(value)
    if value is None:
        return "none"
    if isinstance(value, list) and value and all(not isinstance(item, list | dict) for item in value):
        text = ", ".join(value_text(item) for item in value)
    else:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = one_line(text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Unquoted(str):
    """Text that is not a value of the document, such as `integer or null`: it is shown without quotes."""

    __slots__ = ()


def largest_step(changes: Iterable[Change]) -> Step:
    """The largest version step that one of the changes asks for."""
    return max((change.rule.step for change in changes), key=STEPS.index, default="none")
