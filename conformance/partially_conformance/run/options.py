"""What a run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from partially_conformance.clients.choice import ClientChoice
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import Level, Rule
from partially_conformance.rules.check import Check
from partially_conformance.run.known_failures import KnownFailures
from partially_conformance.target.target import Target

TAG_LENGTH = 8
"""How many letters the tag of a run has."""


class Profile(StrEnum):
    """How much of the behaviour a target is expected to have."""

    SHAPE = "shape"
    """Only what one exchange can show: for mocks that keep no state."""
    FULL = "full"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run is asked to do. Every value has been found sound.

    Attributes:
        target: The server to check. None is the embedded reference server.
        rules: The rules to check, at least one, in the order of the catalogue.
        level: `must` for these rules alone, `should` for both levels. `rules` has been chosen by it.
        profile: How much of the behaviour is expected.
        read_only: Send nothing that creates, changes or removes.
        effort: How many examples the generated checks try.
        seed: Determines the generated values and examples.
        tag: The letters that only the emails of this run have. None for random ones.
        known_failures: The failures that are forgiven, if a list was given.
        strict: A broken should rule, or a rule not tested, counts as a broken must rule.
        record: A folder to which every exchange is written.
        disposable: The server is thrown away after the run, so nothing has to be removed from it. The
            embedded reference server always is.
        client: The client that the rules about clients are checked on; None if there are none among `rules`.
    """

    target: Target | None
    rules: tuple[Rule, ...]
    level: Level = Level.SHOULD
    profile: Profile = Profile.FULL
    read_only: bool = False
    effort: Effort = Effort.STANDARD
    seed: int = 0
    tag: str | None = None
    known_failures: KnownFailures | None = None
    strict: bool = False
    record: Path | None = None
    disposable: bool = False
    client: ClientChoice | None = None

    def allow(self, check: Check) -> bool:
        """Whether the profile and `read_only` leave room for this check."""
        return (check.shape or self.profile is Profile.FULL) and (check.read_only or not self.read_only)
