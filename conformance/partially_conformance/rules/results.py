"""The results of a run, independent of how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from partially_conformance.rules.catalogue import Choice, Level, Rule
from partially_conformance.traffic.records import Failure


class Status(StrEnum):
    """The result of one rule."""

    PASSED = "passed"
    FAILED = "failed"
    KNOWN_FAILURE = "known_failure"
    NOT_TESTED = "not_tested"
    INCONCLUSIVE = "inconclusive"


class Verdict(StrEnum):
    """The result of a run."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    NO_VERDICT = "no_verdict"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of one rule, with its failures.

    Attributes:
        rule: The rule.
        status: Its result.
        reason: Why it did not pass; None if it did. For a known failure, the reason in its entry.
        exchanges: How many exchanges its checks made.
        failures: The failures that show how it is broken.
    """

    rule: Rule
    status: Status
    reason: str | None = None
    exchanges: int = 0
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedChoice:
    """What a target does at a point that the text leaves open."""

    choice: Choice
    observed: str


@dataclass(frozen=True, slots=True)
class Report:
    """All results of a run.

    Attributes:
        base_url: Where the API of the target is; empty if the embedded reference server did not start.
        seconds: How long the run took. In seconds.
        requests: How many requests were sent to the target, without those to its harness.
        reason: Why there is no verdict, or what decided it; None if the results of the rules decide it.
        errors: Findings about the run itself: entries to remove from the list of known failures, and
            customers that could not be removed.
        interrupted: Whether the user stopped the run.
        run_tag: The letters that only the emails of this run have; None if a client alone was checked.
        coverage: For a client, how many of its requests went to each operation; None for a server.
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
    run_tag: str | None = None
    coverage: Mapping[str, int] | None = None

    def count(self, status: Status, level: Level | None = None) -> int:
        """How many rules have this status, of all levels or of one."""
        return Counter(result.status for result in self.rules if level in (None, result.rule.level))[status]
