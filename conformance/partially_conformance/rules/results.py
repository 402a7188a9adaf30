"""What a run found out, apart from how it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from partially_conformance.rules.catalogue import Choice, Level, Rule
from partially_conformance.traffic.records import Failure


class Status(StrEnum):
    """What became of one rule."""

    PASSED = "passed"
    FAILED = "failed"
    KNOWN_FAILURE = "known_failure"
    NOT_TESTED = "not_tested"
    INCONCLUSIVE = "inconclusive"


class Verdict(StrEnum):
    """What became of the run."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    NO_VERDICT = "no_verdict"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What became of a rule.

    Attributes:
        reason: Why, if it did not pass. For a known failure, the reason its entry gives.
        exchanges: How many exchanges the outcome rests on.
    """

    rule: Rule
    status: Status
    reason: str | None = None
    exchanges: int = 0
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedChoice:
    """The form a target gives to a point the text leaves open."""

    choice: Choice
    observed: str


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run.

    Attributes:
        seconds: How long it took. In seconds.
        requests: How many requests were sent to the target, those to its harness not counted.
        base_url: Where the API of the target is; empty if the embedded reference server did not start.
        reason: Why there is no verdict, or what else decided it; None where the rules speak for themselves.
        errors: Findings about the run itself: entries of the known-failures list that are to be removed, and
            customers that could not be removed.
        interrupted: Whether the user broke it off.
        coverage: For a client, how many of its requests asked for each operation; None for a server.
    """

    suite_version: str
    spec_version: str
    target_name: str
    base_url: str
    seed: int
    effort: str
    seconds: float
    requests: int
    verdict: Verdict
    exit_code: int
    reason: str | None = None
    rules: tuple[RuleResult, ...] = ()
    choices: tuple[ObservedChoice, ...] = ()
    errors: tuple[str, ...] = ()
    interrupted: bool = False
    coverage: Mapping[str, int] | None = None

    def count(self, status: Status, level: Level | None = None) -> int:
        """How many rules have this status, all levels unless one is given."""
        return Counter(result.status for result in self.rules if level in (None, result.rule.level))[status]
