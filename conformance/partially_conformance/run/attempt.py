"""Running one check, and repeating it until its failure is confirmed or in doubt."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.check import check_of
from partially_conformance.rules.needs import needs_in_words
from partially_conformance.rules.results import Status
from partially_conformance.run.subject import Review, Subject
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
        failure: The story of the failure, if the check failed or is inconclusive.
        exchanges: How many exchanges the check took.
        unsteady: The same failure, with the response to the same steps when they were sent again.
        stopped: Why nothing more can be checked, because the target does not respond after this check.
        broken: Id of another rule that is broken, as `failure` shows, so that this one cannot be observed.
    """

    kind: OutcomeKind
    reason: str | None = None
    failure: Failure | None = None
    exchanges: int = 0
    unsteady: Failure | None = None
    stopped: str | None = None
    broken: str | None = None


def run_check(subject: Subject, rule: Rule, function: Callable[..., None]) -> CheckOutcome:
    """Run a check. If it fails, run it again on fresh data: only a repeated failure counts.

    Args:
        subject: The target or client.
        rule: The rule of the check.
        function: The check.

    Raises:
        TargetGone: The target has stopped answering, and this check is not the reason.
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
        and outcomes[-1].stopped is None
        and len(outcomes) < 2 * ATTEMPTS
    )


def _combined(outcomes: Sequence[CheckOutcome]) -> CheckOutcome:
    """The outcome of several attempts of one check."""
    last = outcomes[-1]
    failures = [outcome for outcome in outcomes if outcome.kind is OutcomeKind.FAILED]
    if not failures or last.stopped is not None or last.broken is not None:
        return last
    if last.kind in {OutcomeKind.FAILED, OutcomeKind.BLOCKED} and len(failures) > 1:
        return failures[-1]
    first = failures[0].failure
    seen = f"expected {first.expected}; observed {first.observed}" if first else ""
    why = f" ({last.reason})" if last.reason else ""
    times = f"{len(failures)} time{'s' if len(failures) > 1 else ''}"
    reason = f"failed {times}, then {last.kind.words}{why}: {seen}"
    return CheckOutcome(OutcomeKind.INCONCLUSIVE, reason, failures[0].unsteady or first)


def _attempt(subject: Subject, function: Callable[..., None]) -> CheckOutcome:
    try:
        return _tried(subject, function)
    except ConnectionLost:
        pass
    if (stopped := _stopped(subject)) is not None:
        return stopped
    with subject.new_connections():  # so it cannot happen again
        return _tried(subject, function)


def _tried(subject: Subject, function: Callable[..., None]) -> CheckOutcome:
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
        return CheckOutcome(OutcomeKind.SUITE_FAULT, subject.bench.secrets.hide(suite_fault(error)))


def _judged(subject: Subject, function: Callable[..., None]) -> CheckOutcome:
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
    return _stopped(subject) or CheckOutcome(OutcomeKind.PASSED)


def _stopped(subject: Subject) -> CheckOutcome | None:
    """The failure of an attempt after which the subject does not answer; None if it answers."""
    recorded = subject.bench.recorder.exchanges()
    finding = subject.stopped_by()
    return None if finding is None else _failed(subject, finding, recorded)


def _failed(subject: Subject, finding: Review, recorded: Sequence[Exchange]) -> CheckOutcome:
    def shown(violation: Violation) -> Failure:
        return failure_with_story(violation, recorded, subject.bench.secrets)

    violation, unsteady = finding.violation, None
    if finding.rule is not None:
        reason = f"because {finding.rule} fails: expected {violation.expected}; observed {violation.observed}"
        reason = subject.bench.secrets.hide(reason)
        return CheckOutcome(OutcomeKind.NOT_OBSERVABLE, reason, shown(violation), broken=finding.rule)
    if (again := violation.sent_again) is not None:
        observed = f"{violation.observed}; sent again, the same steps got {again.outcome}"
        both = Violation(violation.expected, observed, [*violation.exchanges, again])
        unsteady = shown(both)
    kind = OutcomeKind.FAILED if finding.doubt is None else OutcomeKind.INCONCLUSIVE
    return CheckOutcome(
        kind,
        finding.doubt,
        shown(violation),
        unsteady=unsteady,
        stopped=finding.stopped,
    )


def _ended(subject: Subject, end: CheckEnd) -> CheckOutcome:
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
    return CheckOutcome(_kind_of(end), reason, failure)


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
