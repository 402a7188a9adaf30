"""The results of a run, independent of how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from partially_conformance.rules.catalogue import Choice, Level, Rule
from partially_conformance.traffic.records import Failure

OUTDATED_LIST = "the list of known failures has entries to remove"
"""Why a run violates in which nothing fails, because a known failure does not fail any more."""

ALL_RULES = ("*",)
"""The patterns of a selection that leaves no rule out."""


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
        seconds: How long its checks took. In seconds.
    """

    rule: Rule
    status: Status
    reason: str | None = None
    exchanges: int = 0
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run was asked to check, of everything that it can check.

    Attributes:
        profile: `shape` or `full`.
        level: `must` or, for both levels, `should`.
        rules: The patterns of the selected ids.
        read_only: Whether only requests were sent that create, change and remove nothing.
        strict: Whether a failed should rule, or a rule that is not tested, counts as a failed must rule.
        left_out: How many rules about the same subject were not selected.
    """

    profile: str = "full"
    level: Level = Level.SHOULD
    rules: tuple[str, ...] = ALL_RULES
    read_only: bool = False
    strict: bool = False
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """What one or more rules fail for.

    Attributes:
        expected: What was expected, as the first rule says it.
        observed: What was observed, as the first rule says it.
        rules: The ids of the rules, that which is about it first.
    """

    expected: str
    observed: str
    rules: tuple[str, ...]


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
        started_at: When the run began, in UTC.
        seconds: How long the run took. In seconds.
        requests: How many requests were sent to the target, without those to its harness.
        reason: Why there is no verdict, or what decided it; None if the results of the rules decide it.
        causes: What the failed rules fail for, each once.
        warnings: Findings about the run itself: entries to remove from the list of known failures, and
            customers that could not be removed.
        interrupted: Whether the user stopped the run.
        broken_off: Whether the run ended before all its checks had run, for whatever reason.
        workers: How many checks ran at the same time.
        coverage: For a client, how many of its requests went to each operation; None for a server.
    """

    suite_version: str
    spec_version: str
    target_name: str
    base_url: str
    seed: int
    effort: str
    started_at: datetime
    seconds: float
    requests: int
    selection: Selection
    verdict: Verdict
    exit_code: int
    reason: str | None = None
    rules: tuple[RuleResult, ...] = ()
    causes: tuple[Cause, ...] = ()
    choices: tuple[ObservedChoice, ...] = ()
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    broken_off: bool = False
    workers: int = 1
    coverage: Mapping[str, int] | None = None

    def decides(self, result: RuleResult) -> bool:
        """Whether the exit code rests on the result of a rule, if it does not pass."""
        if result.status is Status.NOT_TESTED:
            return self.selection.strict
        return self.selection.strict or result.rule.level is Level.MUST

    def count(self, status: Status, level: Level | None = None) -> int:
        """How many rules have this status, of all levels or of one."""
        return Counter(result.status for result in self.rules if level in (None, result.rule.level))[status]
