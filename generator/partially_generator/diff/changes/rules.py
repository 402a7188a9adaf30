"""The kinds of changes, read from `rules.yaml`, and for whom each of them breaks."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import yaml

_TABLE = Path(__file__).parent / "rules.yaml"

Step = Literal["major", "minor", "patch", "none"]
"""The part of a version that a change asks to raise."""

STEPS: tuple[Step, ...] = ("none", "patch", "minor", "major")
"""From the smallest to the largest."""


class Level(StrEnum):
    """What a change means for callers, or for servers."""

    BREAKING = "breaking"
    ATTENTION = "attention"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of change.

    Attributes:
        says: A sentence with the placeholders `{what}`, `{before}` and `{after}`.
        callers: What it means for callers of the old description.
        servers: What it means for a server that implements the old description.
        when: When callers notice that it breaks; None if it does not break them.
        step: The version step it asks for.
        order: Its place in the table.
    """

    id: str
    says: str
    callers: Level
    servers: Level
    when: Literal["compile", "run"] | None
    step: Step
    order: int

    def sentence(self, what: str, before: str, after: str) -> str:
        """The sentence with its placeholders filled in."""
        text = self.says.format(what=what, before=before, after=after)
        return text[0].upper() + text[1:]


@functools.cache
def rules() -> dict[str, Rule]:
    """All rules by id, in the order of the table."""
    entries: list[dict[str, Any]] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {entry["id"]: _rule(order, **entry) for order, entry in enumerate(entries)}


def _rule(
    order: int,
    id: str,  # noqa: A002 - the key of the table
    says: str,
    callers: str,
    servers: str,
    when: Literal["compile", "run"] | None = None,
    step: Step = "minor",
) -> Rule:
    level = Level(callers)
    return Rule(
        id=id,
        says=says,
        callers=level,
        servers=Level(servers),
        when=when,
        step="major" if level is Level.BREAKING else step,
        order=order,
    )


def listing() -> Iterator[str]:
    """The rules as a table of text, one rule on each line."""
    yield f"{'rule':<40} {'callers':<20} {'servers':<10} what"
    for rule in rules().values():
        callers = f"{rule.callers} ({rule.when})" if rule.when else rule.callers.value
        what = rule.says.format(what="…", before="(before)", after="(after)")
        yield f"{rule.id:<40} {callers:<20} {rule.servers.value:<10} {what}"
