"""Running one check as often as it takes to believe what it says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.check import check_of
from partially_conformance.rules.results import Status
from partially_conformance.run.subject import Finding, Subject
from partially_conformance.run.suite_fault import suite_fault
from partially_conformance.traffic.check_end import (
    Blocked,
    CheckEnd,
    ConnectionLost,
    HarnessFault,
    Inconclusive,
    NotObservable,
    TargetGone,
    Violation,
)
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.records import Failure
from partially_conformance.traffic.story import failure_with_story

ATTEMPTS = 3
"""How often a check runs, on fresh data, before its failure is believed."""


class Kind(StrEnum):
    """What became of one check, in the order in which it decides about its rule."""

    FAILED = "failed"
    SUITE_FAULT = "suite_fault"
    INCONCLUSIVE = "inconclusive"
    HARNESS_FAULT = "harness_fault"
    BLOCKED = "blocked"
    NOT_OBSERVABLE = "not_observable"
    PASSED = "passed"

    @property
    def status(self) -> Status:
        """The status of a rule whose checks ended so."""
        match self:
            case Kind.FAILED:
                return Status.FAILED
            case Kind.PASSED:
                return Status.PASSED
            case Kind.SUITE_FAULT | Kind.INCONCLUSIVE:
                return Status.INCONCLUSIVE
            case _:
                return Status.NOT_TESTED


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check.

    Attributes:
        failure: What shows it, with its story, for a failure and for what is inconclusive.
        unsteady: The same failure together with the response to the same steps when they were sent again.
        stopped: Why nothing more can be checked, because the target does not answer after this check.
        broken: Id of another rule that is broken, as `failure` shows, so that this one cannot be observed.
    """

    kind: Kind
    reason: str | None = None
    failure: Failure | None = None
    exchanges: int = 0
    unsteady: Failure | None = None
    stopped: str | None = None
    broken: str | None = None


def run_check(subject: Subject, rule: Rule, function: Callable[..., None]) -> Outcome:
    """Run a check; if it fails, again on fresh data. Only a failure that stays is one.

    Raises:
        TargetGone: The target has stopped answering, and this check is not the reason.
    """
    bench = subject.bench
    if lacking := rule.needs - bench.offered:
        return Outcome(Kind.NOT_OBSERVABLE, f"needs {', '.join(sorted(lacking))}")
    before = bench.recorder.total
    outcomes = [_attempt(subject, function)]
    while _is_in_doubt(outcomes):
        outcomes.append(_attempt(subject, function))
    exchanges = bench.recorder.total - before
    return replace(_concluded(outcomes), exchanges=exchanges)


def _is_in_doubt(outcomes: Sequence[Outcome]) -> bool:
    """Whether a failure was seen, and not yet often enough. What blocked a try says nothing about it."""
    failures = sum(outcome.kind is Kind.FAILED for outcome in outcomes)
    return (
        0 < failures < ATTEMPTS
        and outcomes[-1].kind in {Kind.FAILED, Kind.BLOCKED}
        and outcomes[-1].stopped is None
        and len(outcomes) < 2 * ATTEMPTS
    )


def _concluded(outcomes: Sequence[Outcome]) -> Outcome:
    """What several tries of one check say together."""
    last = outcomes[-1]
    failures = [outcome for outcome in outcomes if outcome.kind is Kind.FAILED]
    if not failures or last.stopped is not None or last.broken is not None:
        return last
    if last.kind in {Kind.FAILED, Kind.BLOCKED} and len(failures) > 1:
        return failures[-1]
    first = failures[0].failure
    seen = f"expected {first.expected}; observed {first.observed}" if first else ""
    why = f" ({last.reason})" if last.reason else ""
    times = f"{len(failures)} time{'s' if len(failures) > 1 else ''}"
    reason = f"failed {times}, then {last.kind}{why}: {seen}"
    return Outcome(Kind.INCONCLUSIVE, reason, failures[0].unsteady or first)


def _attempt(subject: Subject, function: Callable[..., None]) -> Outcome:
    try:
        return _tried(subject, function)
    except ConnectionLost:
        pass
    with subject.new_connections():  # so it cannot happen again
        return _tried(subject, function)


def _tried(subject: Subject, function: Callable[..., None]) -> Outcome:
    """Try a check once.

    Raises:
        TargetGone: The target has stopped answering, and this check is not the reason.
        ConnectionLost: A connection was closed, so that nothing can be said.
    """
    subject.bench.recorder.new_attempt()
    try:
        return _judged(subject, function)
    except (TargetGone, ConnectionLost):
        raise
    except Exception as error:  # a fault of a check must not be taken for one of the target
        return Outcome(Kind.SUITE_FAULT, subject.bench.secrets.hide(suite_fault(error)))


def _judged(subject: Subject, function: Callable[..., None]) -> Outcome:
    bench = subject.bench
    try:
        subject.before_attempt()
        bench.recorder.new_attempt()
        function(**{name: getattr(bench, name) for name in inspect.signature(function).parameters})
    except Violation as violation:
        recorded = bench.recorder.exchanges()
        finding = subject.look_again(violation, exhausting=_is_exhausting(function))
        return _failed(subject, finding, recorded)
    except ConnectionLost:
        raise
    except CheckEnd as end:
        return _stopped(subject) or _ended(subject, end)
    return _stopped(subject) or Outcome(Kind.PASSED)


def _stopped(subject: Subject) -> Outcome | None:
    """The failure of an attempt after which the subject does not answer; None if it answers."""
    recorded = subject.bench.recorder.exchanges()
    finding = subject.stopped_by()
    return None if finding is None else _failed(subject, finding, recorded)


def _failed(subject: Subject, finding: Finding, recorded: Sequence[Exchange]) -> Outcome:
    def shown(violation: Violation) -> Failure:
        return failure_with_story(violation, recorded, subject.bench.secrets)

    violation, unsteady = finding.violation, None
    if finding.rule is not None:
        reason = f"because {finding.rule} fails: expected {violation.expected}; observed {violation.observed}"
        reason = subject.bench.secrets.hide(reason)
        return Outcome(Kind.NOT_OBSERVABLE, reason, shown(violation), broken=finding.rule)
    if (again := violation.sent_again) is not None:
        observed = f"{violation.observed}; sent again, the same steps got {again.outcome}"
        both = Violation(violation.expected, observed, [*violation.exchanges, again])
        unsteady = shown(both)
    kind = Kind.FAILED if finding.doubt is None else Kind.INCONCLUSIVE
    return Outcome(
        kind,
        finding.doubt,
        shown(violation),
        unsteady=unsteady,
        stopped=finding.stopped,
    )


def _ended(subject: Subject, end: CheckEnd) -> Outcome:
    """What became of a check that ended without a violation.

    Raises:
        TargetGone: That is why it ended.
    """
    if isinstance(end, TargetGone):
        raise end
    bench = subject.bench
    reason, failure = bench.secrets.hide(str(end)), None
    if isinstance(end, Inconclusive) and end.exchanges:
        seen = Violation("the same steps to get the same responses", reason, end.exchanges)
        failure = failure_with_story(seen, bench.recorder.exchanges(), bench.secrets)
    return Outcome(_kind_of(end), reason, failure)


def _is_exhausting(function: Callable[..., None]) -> bool:
    found = check_of(function)
    return found is not None and found.exhausting


def _kind_of(end: CheckEnd) -> Kind:
    match end:
        case NotObservable():
            return Kind.NOT_OBSERVABLE
        case Blocked():
            return Kind.BLOCKED
        case HarnessFault():
            return Kind.HARNESS_FAULT
        case _:
            return Kind.INCONCLUSIVE
