"""The objects, plans and tokens that the fake stores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CollectionId = tuple[str, tuple[str, ...]]
"""The path of a collection, and the values of the parameters in it."""


@dataclass(slots=True)
class FakePlan:
    """A plan of an object, which can prevent its removal. Its status can be changed."""

    id: str
    owner_id: str
    status: str


@dataclass(slots=True)
class Thing:
    """One object of a collection, with the data that the API never shows."""

    record: dict[str, Any]
    password: str | None = None
    plans: list[FakePlan] = field(default_factory=list)
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was sent: for which object, and to which address."""

    thing: Thing
    field: str
    address: str


class Account:
    """The objects of one key."""

    def __init__(self) -> None:
        self.things: dict[CollectionId, dict[str, Thing]] = {}
        self.tokens: dict[str, Token] = {}

    def within(self, place: CollectionId) -> dict[str, Thing]:
        """The objects of a collection, by their ids as strings, oldest first."""
        return self.things.setdefault(place, {})

    def all_things(self) -> Iterator[Thing]:
        """All objects."""
        for things in self.things.values():
            yield from things.values()
