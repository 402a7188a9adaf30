"""What the fake remembers, in the memory of the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CollectionId = tuple[str, tuple[str, ...]]
"""The path of a collection, and what stands for the parameters before its last one."""


@dataclass(slots=True)
class FakePlan:
    """A plan of a thing, which may keep it from being removed. Change its status at will."""

    id: str
    owner_id: str
    status: str


@dataclass(slots=True)
class Thing:
    """One thing of a collection, and what the API never shows of it."""

    record: dict[str, Any]
    password: str | None = None
    plans: list[FakePlan] = field(default_factory=list)
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was sent: to whom, and to which address."""

    thing: Thing
    field: str
    address: str


class Account:
    """What is seen with one key."""

    def __init__(self) -> None:
        self.things: dict[CollectionId, dict[str, Thing]] = {}
        self.tokens: dict[str, Token] = {}

    def within(self, place: CollectionId) -> dict[str, Thing]:
        """The things of a collection, by their ids as texts, oldest first."""
        return self.things.setdefault(place, {})

    def all_things(self) -> Iterator[Thing]:
        """Everything there is."""
        for things in self.things.values():
            yield from things.values()
