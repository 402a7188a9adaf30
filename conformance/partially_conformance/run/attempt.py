"""Running one check, and repeating it until its failure is confirmed or in doubt."""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
    """

    kind: OutcomeKind
    reason: str | None = None
    failure: Failure | None = None
    exchanges: int = 0


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
        return failures[-1]
    first = failures[0].failure
    seen = f"expected {first.expected}; observed {first.observed}" if first else ""
    why = f" ({last.reason})" if last.reason else ""
    times = f"{len(failures)} time{'s' if len(failures) > 1 else ''}"
    return CheckOutcome(
        OutcomeKind.INCONCLUSIVE, f"failed {times}, then {last.kind.words}{why}: {seen}", first
    )


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
    bench = subject.bench
    try:
        subject.before_attempt()
        bench.recorder.new_attempt()
        function(**{name: getattr(bench, name) for name in inspect.signature(function).parameters})
    except Violation as violation:
        failure = failure_with_story(violation, bench.recorder.exchanges(), bench.secrets)
        doubt = subject.doubt(violation, exhausting=_is_exhausting(function))
        return CheckOutcome(OutcomeKind.FAILED if doubt is None else OutcomeKind.INCONCLUSIVE, doubt, failure)
    except TargetGone:
        raise
    except CheckEnd as end:
        return CheckOutcome(_kind_of(end), bench.secrets.hide(str(end)))
    return CheckOutcome(OutcomeKind.PASSED)


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
