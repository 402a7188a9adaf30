"""The catalogue: rules, each with its source, and the choices that the text leaves open."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from partially_spec import RULES, DocumentError, read_yaml

AREAS: tuple[str, ...] = (
    "AUTH", "LIST", "SEARCH", "READ", "CREATE", "UPDATE", "GDPR", "PASSWORD", "TOKEN", "HTTP", "CLIENT",
)  # fmt: skip
"""The areas that a rule can belong to, in the order in which they are checked and reported."""

CLIENT = "CLIENT"
"""The area of the rules about clients. All other areas are about servers."""

_ID = re.compile(rf"({'|'.join(AREAS)})-[1-9][0-9]*")


class Level(StrEnum):
    """Whether a broken rule decides the verdict."""

    MUST = "must"
    SHOULD = "should"


class Need(StrEnum):
    """What a rule needs in addition to the API and one key."""

    PASSWORD = "password"  # noqa: S105 - the name of a capability
    PAYMENT_PLANS = "payment_plans"
    EMAILS = "emails"
    CLOCK = "clock"
    SECOND_MERCHANT = "second_merchant"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that a target or client must or should keep.

    Attributes:
        id: Area and number, such as `SEARCH-2`. An id is never used again for another rule.
        level: `must` if a broken rule decides the verdict, else `should`.
        title: The rule in a few words.
        statement: The rule in full.
        source: The sections from which the rule follows, separated by semicolons.
        needs: What must be available to observe it.
        basis: What the source says, in the words of this project.
        choices: The ids of the choices that the rule accepts in every form.
    """

    id: str
    level: Level
    title: str
    statement: str
    source: str
    needs: frozenset[Need]
    basis: str
    choices: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """Its area, such as `SEARCH`."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Choice:
    """One point that the text leaves open.

    Attributes:
        id: Its id, such as `empty-query`.
        title: The point in a few words.
        allowed: The forms that a target may choose from.
    """

    id: str
    title: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules and choices, in the order of the file."""

    rules: tuple[Rule, ...]
    choices: tuple[Choice, ...]

    @property
    def of_servers(self) -> tuple[Rule, ...]:
        """The rules for a server: all but those about clients."""
        return tuple(rule for rule in self.rules if rule.area != CLIENT)

    @property
    def of_clients(self) -> tuple[Rule, ...]:
        """The rules for a client."""
        return tuple(rule for rule in self.rules if rule.area == CLIENT)

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id.

        Raises:
            KeyError: No rule has this id.
        """
        return next((rule for rule in self.rules if rule.id == rule_id), None) or _missing(rule_id)

    def choice(self, choice_id: str) -> Choice:
        """The choice with this id.

        Raises:
            KeyError: No choice has this id.
        """
        return next((choice for choice in self.choices if choice.id == choice_id), None) or _missing(
            choice_id
        )

    def select(
        self, patterns: Sequence[str] = (), levels: Iterable[Level] = tuple(Level)
    ) -> tuple[Rule, ...]:
        """The rules of these levels whose id matches one of the patterns, in the order of the catalogue.

        Args:
            patterns: Such as `GDPR-*`; case does not matter. None selects all ids.
            levels: All unless given.

        Raises:
            ValueError: A pattern matches no rule, or no rule is left. The message says which.
        """
        levels = frozenset(levels)
        for pattern in patterns:
            if not any(fnmatchcase(rule.id, pattern.upper()) for rule in self.rules):
                raise ValueError(f"no rule matches {pattern!r}; the areas are {', '.join(self.areas())}")
        chosen = tuple(
            rule
            for rule in self.rules
            if rule.level in levels
            and (not patterns or any(fnmatchcase(rule.id, pattern.upper()) for pattern in patterns))
        )
        if not chosen:
            raise ValueError(
                f"no rule of level {' or '.join(sorted(levels))} matches {', '.join(map(repr, patterns))}"
            )
        return chosen

    def areas(self) -> tuple[str, ...]:
        """The areas that have rules, in the order of the catalogue."""
        return tuple(dict.fromkeys(rule.area for rule in self.rules))


def _missing(key: str) -> Any:
    raise KeyError(key)


@functools.cache
def load_catalogue(path: Path = RULES) -> Catalogue:
    """Read the catalogue.

    Raises:
        DocumentError: The file is not a catalogue. The message names the wrong entry.
    """
    raw = read_yaml(path)
    choices = tuple(Choice(entry["id"], entry["title"], entry["allowed"]) for entry in raw.get("choices", ()))
    known = {choice.id for choice in choices}
    rules = tuple(_rule(entry, path, known) for entry in raw.get("rules", ()))
    for kind in (rules, choices):
        ids = [entry.id for entry in kind]
        if repeated := {entry for entry in ids if ids.count(entry) > 1}:
            raise DocumentError(f"{path}: more than one entry has the id {', '.join(sorted(repeated))}")
    return Catalogue(rules, choices)


def _rule(entry: dict[str, Any], path: Path, known_choices: Set[str]) -> Rule:
    rule_id = entry.get("id")
    if not isinstance(rule_id, str) or not _ID.fullmatch(rule_id):
        raise DocumentError(
            f"{path}: {rule_id!r} is not a rule id: expected an area ({', '.join(AREAS)}) and a number"
        )
    optional = {"needs", "choices"}
    known = {"id", "level", "title", "statement", "basis", "source", *optional}
    if unknown := entry.keys() - known:
        raise DocumentError(
            f"{path}: {rule_id}: unknown key {', '.join(sorted(unknown))};"
            f" the keys are {', '.join(sorted(known))}"
        )
    if missing := known - optional - entry.keys():
        raise DocumentError(f"{path}: {rule_id}: {', '.join(sorted(missing))} is missing")
    try:
        level = Level(entry["level"])
    except ValueError as error:
        raise DocumentError(
            f"{path}: {rule_id}: level: expected {' or '.join(Level)}, got {entry['level']!r}"
        ) from error
    try:
        needs = frozenset(map(Need, entry.get("needs", ())))
    except ValueError as error:
        raise DocumentError(
            f"{path}: {rule_id}: needs: expected some of {', '.join(Need)}, got {entry['needs']!r}"
        ) from error
    choices = tuple(entry.get("choices", ()))
    if unknown := set(choices) - known_choices:
        raise DocumentError(f"{path}: {rule_id}: choices: there is no choice {', '.join(sorted(unknown))}")
    return Rule(
        rule_id, level, entry["title"], entry["statement"], entry["source"], needs, entry["basis"], choices
    )
