"""Running one check as often as it takes to believe what it says."""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.check import check_of
from partially_conformance.rules.results import Status
from partially_conformance.run.subject import Subject
from partially_conformance.stories.story import failure_with_story
from partially_conformance.traffic.check_end import (
    Blocked,
    CheckEnd,
    HarnessFault,
    NotObservable,
    TargetGone,
    Violation,
)
from partially_conformance.traffic.records import Failure

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
    """What became of one check."""

    kind: Kind
    reason: str | None = None
    failure: Failure | None = None
    exchanges: int = 0


def run_check(subject: Subject, rule: Rule, function: Callable[..., None]) -> Outcome:
    """Run a check; if it fails, again on fresh data. Only a failure that stays is one.

    Raises:
        TargetGone: The target has stopped answering.
    """
    bench = subject.bench
    if lacking := rule.needs - bench.offered:
        return Outcome(Kind.NOT_OBSERVABLE, f"needs {', '.join(sorted(lacking))}")
    before = bench.recorder.total
    name = f"{rule.id}/{function.__name__}"
    outcomes = [_attempt(subject, function, f"{name}/1")]
    while _is_in_doubt(outcomes):
        outcomes.append(_attempt(subject, function, f"{name}/{len(outcomes) + 1}"))
    exchanges = bench.recorder.total - before
    return replace(_concluded(outcomes), exchanges=exchanges)


def _is_in_doubt(outcomes: Sequence[Outcome]) -> bool:
    """Whether a failure was seen, and not yet often enough. What blocked a try says nothing about it."""
    failures = sum(outcome.kind is Kind.FAILED for outcome in outcomes)
    return (
        0 < failures < ATTEMPTS
        and outcomes[-1].kind in {Kind.FAILED, Kind.BLOCKED}
        and len(outcomes) < 2 * ATTEMPTS
    )


def _concluded(outcomes: Sequence[Outcome]) -> Outcome:
    """What several tries of one check say together."""
    last = outcomes[-1]
    failures = [outcome for outcome in outcomes if outcome.kind is Kind.FAILED]
    if not failures:
        return last
    if last.kind in {Kind.FAILED, Kind.BLOCKED} and len(failures) > 1:
        return failures[-1]
    first = failures[0].failure
    seen = f"expected {first.expected}; observed {first.observed}" if first else ""
    why = f" ({last.reason})" if last.reason else ""
    times = f"{len(failures)} time{'s' if len(failures) > 1 else ''}"
    return Outcome(Kind.INCONCLUSIVE, f"failed {times}, then {last.kind}{why}: {seen}", first)


def _attempt(subject: Subject, function: Callable[..., None], scope: str) -> Outcome:
    subject.bench.recorder.new_attempt()
    try:
        return _tried(subject, function, scope)
    except TargetGone:
        raise
    except Exception as error:  # a fault of a check must not be taken for one of the target
        if os.environ.get("PARTIALLY_DEBUG"):
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"fault of the suite: {type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        return Outcome(Kind.SUITE_FAULT, subject.bench.secrets.hide(text))


def _tried(subject: Subject, function: Callable[..., None], scope: str) -> Outcome:
    bench = subject.bench
    try:
        subject.before_attempt(scope)
        bench.recorder.new_attempt()
        function(**{name: getattr(bench, name) for name in inspect.signature(function).parameters})
    except Violation as violation:
        failure = failure_with_story(violation, bench.recorder.exchanges(), bench.secrets)
        doubt = subject.doubt(violation, exhausting=_is_exhausting(function))
        return Outcome(Kind.FAILED if doubt is None else Kind.INCONCLUSIVE, doubt, failure)
    except TargetGone:
        raise
    except CheckEnd as end:
        return Outcome(_kind_of(end), bench.secrets.hide(str(end)))
    return Outcome(Kind.PASSED)


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
