"""Limits on the depth and the size of a document. They are checked before its values are built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import yaml

DEEPEST = 100
"""The most levels of nesting. A document written for people has a few dozen."""

LARGEST = 1_000_000
"""The most values in a document. The values behind an alias count each time that it is used.

The largest published documents have half as many.
"""


class RefusedError(Exception):
    """The text is well-formed, but it is too deep, too large or contradicts itself."""


class _OpenCollection(NamedTuple):
    anchor: str | None
    total_before: int


class _Meter:
    """Counts the values of a document while it is parsed.

    With aliases a few lines can stand for billions of values, and an alias can refer to itself.
    """

    def __init__(self) -> None:
        self.total = 0
        self.open: list[_OpenCollection] = []
        self._sizes: dict[str | None, int] = {}

    def count(self, event: yaml.Event) -> None:
        match event:
            case yaml.AliasEvent(anchor=anchor):
                if any(inner.anchor == anchor for inner in self.open):
                    raise RefusedError(f"*{anchor} stands for itself")
                self.total += self._sizes.get(anchor, 0)
            case yaml.CollectionStartEvent(anchor=anchor):
                self.open.append(_OpenCollection(anchor, self.total))
                self.total += 1
            case yaml.CollectionEndEvent():
                closed = self.open.pop()
                self._sizes[closed.anchor] = self.total - closed.total_before
            case yaml.ScalarEvent(anchor=anchor):
                self.total += 1
                self._sizes[anchor] = 1


def check_bounds(events: Iterable[yaml.Event]) -> None:
    """Refuse a document that is nested too deeply, has too many values or has an alias that refers to itself.

    Raises:
        RefusedError: The document is refused. The message names the line.
    """
    meter = _Meter()
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 0
        try:
            meter.count(event)
        except RefusedError as error:
            raise RefusedError(f"line {line}: {error}") from None
        if len(meter.open) > DEEPEST:
            raise RefusedError(f"line {line}: nested deeper than {DEEPEST} levels")
        if meter.total > LARGEST:
            raise RefusedError(f"line {line}: more than {LARGEST:,} values")
