"""Running one check, and repeating it until its failure is confirmed or in doubt."""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.check import check_of
from partially_conformance.rules.needs import needs_in_words
from partially_conformance.rules.results import Status
from partially_conformance.run.subject import Subject
from partially_conformance.traffic.check_end import (
    Blocked,
    CheckEnd,
    HarnessFault,
    NotObservable,
    TargetGone,
    Violation,
)
from partially_conformance.traffic.records import Failure
from partially_conformance.traffic.story import failure_with_story

ATTEMPTS = 3
"""How often a check must fail, each time on fresh data, before its rule counts as failed."""


class OutcomeKind(StrEnum):
    """How a check can end. Of several checks of a rule, the kind that comes first here decides."""

    FAILED = "failed"
    SUITE_FAULT = "suite_fault"
    INCONCLUSIVE = "inconclusive"
    HARNESS_FAULT = "harness_fault"
    BLOCKED = "blocked"
    NOT_OBSERVABLE = "not_observable"
    PASSED = "passed"

    @property
    def words(self) -> str:
        """The kind as a message names it."""
        return self.value.replace("_", " ")

    @property
    def status(self) -> Status:
        """The status of a rule with this outcome."""
        match self:
            case OutcomeKind.FAILED:
                return Status.FAILED
            case OutcomeKind.PASSED:
                return Status.PASSED
            case OutcomeKind.SUITE_FAULT | OutcomeKind.INCONCLUSIVE:
                return Status.INCONCLUSIVE
            case _:
                return Status.NOT_TESTED


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The outcome of one check.

    Attributes:
        kind: The kind of outcome.
        reason: Why the check did not pass; None if it passed, or if the failure says it.
        failure: The story of the failure, if the check failed.
        exchanges: How many exchanges the check took.
        cases: The failures by the number of their case, where a check has several; `failure` is the first.
    """

    kind: OutcomeKind
    reason: str | None = None
    failure: Failure | None = None
    exchanges: int = 0
    cases: Mapping[int, Failure] = field(default_factory=dict)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """All failures of the check."""
        return tuple(self.cases.values()) or (() if self.failure is None else (self.failure,))

    @property
    def failed_because(self) -> str:
        """What was expected and observed, where it failed."""
        return "" if self.failure is None else self.failure.summary


def run_check(subject: Subject, rule: Rule, function: Callable[..., None]) -> CheckOutcome:
    """Run a check. If it fails, run it again on fresh data: only a repeated failure counts.

    Args:
        subject: The target or client.
        rule: The rule of the check.
        function: The check.

    Raises:
        TargetGone: The target stopped answering.
    """
    bench = subject.bench
    if lacking := rule.needs - bench.offered:
        return CheckOutcome(OutcomeKind.NOT_OBSERVABLE, needs_in_words(lacking))
    before = bench.recorder.total
    with subject.checking(rule):
        outcomes = [_attempt(subject, function)]
        while _is_in_doubt(outcomes):
            outcomes.append(_attempt(subject, function))
    exchanges = bench.recorder.total - before
    return replace(_combined(outcomes), exchanges=exchanges)


def _is_in_doubt(outcomes: Sequence[CheckOutcome]) -> bool:
    """Whether the check failed, but not yet often enough. An attempt that was blocked does not count."""
    failures = sum(outcome.kind is OutcomeKind.FAILED for outcome in outcomes)
    return (
        0 < failures < ATTEMPTS
        and outcomes[-1].kind in {OutcomeKind.FAILED, OutcomeKind.BLOCKED}
        and len(outcomes) < 2 * ATTEMPTS
    )


def _combined(outcomes: Sequence[CheckOutcome]) -> CheckOutcome:
    """The outcome of several attempts of one check."""
    last = outcomes[-1]
    failures = [outcome for outcome in outcomes if outcome.kind is OutcomeKind.FAILED]
    if not failures:
        return last
    if last.kind in {OutcomeKind.FAILED, OutcomeKind.BLOCKED} and len(failures) > 1:
        return _repeated(failures)
    first = failures[0].failure
    seen = failures[0].failed_because
    why = f" ({last.reason})" if last.reason else ""
    times = f"{len(failures)} time{'s' if len(failures) > 1 else ''}"
    return CheckOutcome(
        OutcomeKind.INCONCLUSIVE, f"failed {times}, then {last.kind.words}{why}: {seen}", first
    )


def _repeated(failures: Sequence[CheckOutcome]) -> CheckOutcome:
    """The last failed attempt, with only those of its cases that failed in each of them.

    If no case did, the last attempt stands for all with its first failure.
    """
    last = failures[-1]
    cases = {
        number: one for number, one in last.cases.items() if all(number in each.cases for each in failures)
    }
    return replace(last, failure=next(iter(cases.values()), last.failure), cases=cases)


def _attempt(subject: Subject, function: Callable[..., None]) -> CheckOutcome:
    subject.bench.recorder.new_attempt()
    try:
        return _tried(subject, function)
    except TargetGone:
        raise
    except Exception as error:  # an error in a check must not count as a failure of the target
        if os.environ.get("PARTIALLY_DEBUG"):
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"error in the suite: {type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        return CheckOutcome(OutcomeKind.SUITE_FAULT, subject.bench.secrets.hide(text))


def _tried(subject: Subject, function: Callable[..., None]) -> CheckOutcome:
    bench, end = subject.bench, None
    bench.cases.begin()
    try:
        subject.before_attempt()
        bench.recorder.new_attempt()
        function(**{name: getattr(bench, name) for name in inspect.signature(function).parameters})
    except TargetGone:
        raise
    except CheckEnd as error:
        end = error
    violations = {**bench.cases.found, **({0: end} if isinstance(end, Violation) else {})}
    if violations:
        return _failed(subject, violations, exhausting=_is_exhausting(function))
    if end is None:
        return CheckOutcome(OutcomeKind.PASSED)
    excuse = subject.excuse(end) if isinstance(end, Blocked) else None
    return CheckOutcome(_kind_of(end), bench.secrets.hide(excuse or str(end)))


def _failed(subject: Subject, violations: Mapping[int, Violation], *, exhausting: bool) -> CheckOutcome:
    """The outcome of an attempt with violations, by the number of their case.

    Those that another rule is about, and those that are in doubt, do not count beside others.
    """
    bench = subject.bench
    excuses = {number: subject.excuse(violation) for number, violation in violations.items()}
    own = {number: violations[number] for number, excuse in excuses.items() if excuse is None}
    if not own:
        excuse = next(excuse for excuse in excuses.values() if excuse is not None)
        return CheckOutcome(OutcomeKind.BLOCKED, bench.secrets.hide(excuse))
    recorded = bench.recorder.exchanges()
    doubts = {number: subject.doubt(violation, exhausting=exhausting) for number, violation in own.items()}
    sure = {number: violation for number, violation in own.items() if doubts[number] is None}
    cases = {
        number: failure_with_story(violation, recorded, bench.secrets)
        for number, violation in (sure or own).items()
    }
    kind = OutcomeKind.FAILED if sure else OutcomeKind.INCONCLUSIVE
    doubt = None if sure else next(iter(doubts.values()))
    return CheckOutcome(kind, doubt, next(iter(cases.values())), cases=cases)


def _is_exhausting(function: Callable[..., None]) -> bool:
    found = check_of(function)
    return found is not None and found.exhausting


def _kind_of(end: CheckEnd) -> OutcomeKind:
    match end:
        case NotObservable():
            return OutcomeKind.NOT_OBSERVABLE
        case Blocked():
            return OutcomeKind.BLOCKED
        case HarnessFault():
            return OutcomeKind.HARNESS_FAULT
        case _:
            return OutcomeKind.INCONCLUSIVE
