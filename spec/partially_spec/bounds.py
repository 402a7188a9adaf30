"""What a document may grow to, found out before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import yaml

DEEPEST = 100
"""Levels of nesting; a document that people read has a few dozen."""

LARGEST = 1_000_000
"""Values in a document, those behind aliases counted each time. The largest published ones have half."""


class RefusedError(Exception):
    """The text is well-formed, and yet nothing to read."""


class _Open(NamedTuple):
    anchor: str | None
    before: int


class _Meter:
    """Counts values as they come. Aliases let a few lines stand for billions of them, or for themselves."""

    def __init__(self) -> None:
        self.total = 0
        self.open: list[_Open] = []
        self._sizes: dict[str | None, int] = {}

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.AliasEvent(anchor=anchor):
                if any(inner.anchor == anchor for inner in self.open):
                    raise RefusedError(f"*{anchor} stands for itself")
                self.total += self._sizes.get(anchor, 0)
            case yaml.CollectionStartEvent(anchor=anchor):
                self.open.append(_Open(anchor, self.total))
                self.total += 1
            case yaml.CollectionEndEvent():
                closed = self.open.pop()
                self._sizes[closed.anchor] = self.total - closed.before
            case yaml.ScalarEvent(anchor=anchor):
                self.total += 1
                self._sizes[anchor] = 1


def check_bounds(events: Iterable[yaml.Event]) -> None:
    """Refuse what is nested too deeply or grows without bounds.

    Raises:
        RefusedError: It is or does. The message names the line.
    """
    meter = _Meter()
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 0
        try:
            meter.take(event)
        except RefusedError as error:
            raise RefusedError(f"line {line}: {error}") from None
        if len(meter.open) > DEEPEST:
            raise RefusedError(f"line {line}: nested deeper than {DEEPEST} levels")
        if meter.total > LARGEST:
            raise RefusedError(f"line {line}: more than {LARGEST:,} values")
