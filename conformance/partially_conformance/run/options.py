"""The options of a run."""

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


class Profile(StrEnum):
    """How much of the documented behaviour is checked."""

    SHAPE = "shape"
    """Only what a single exchange can show, for mocks that keep no state."""
    FULL = "full"
    """Everything."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of a run. Every value has been validated.

    Attributes:
        target: The target; None is the embedded reference server.
        rules: The rules to check, at least one, in the order of the catalogue.
        level: `must` or, for both levels, `should`. `rules` was already selected by it.
        profile: How much of the behaviour is checked.
        read_only: Whether to send only requests that create, change and remove nothing.
        effort: How many requests the checks generate.
        seed: The seed of the generated data and of the generated requests.
        known_failures: The rules that may fail; None if no list was given.
        strict: Whether a failed should rule, or a rule that is not tested, counts as a failed must rule.
        record: The folder that every exchange is written to; None records nothing.
        disposable: Whether the target ends with the run, so that no customer has to be removed. The embedded
            reference server always does.
        client: The client that the rules about clients are checked on; None without such rules.
    """

    target: Target | None
    rules: tuple[Rule, ...]
    level: Level = Level.SHOULD
    profile: Profile = Profile.FULL
    read_only: bool = False
    effort: Effort = Effort.STANDARD
    seed: int = 0
    known_failures: KnownFailures | None = None
    strict: bool = False
    record: Path | None = None
    disposable: bool = False
    client: ClientChoice | None = None

    def allow(self, check: Check) -> bool:
        """Whether the profile and `read_only` allow a check."""
        return (check.shape or self.profile is Profile.FULL) and (check.read_only or not self.read_only)
