"""Running one check as often as it takes to believe what it says."""

from __future__ import annotations

import inspect
import os
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from partially_conformance.bench import Bench, Stage
from partially_conformance.catalogue import Rule
from partially_conformance.check import check_of
from partially_conformance.outcome import (
    Blocked,
    CheckEnd,
    HarnessFault,
    NoAnswer,
    NotObservable,
    TargetGone,
    Unsteady,
    Violation,
)
from partially_conformance.results import Failure, Status
from partially_conformance.story import tell

ATTEMPTS = 3
"""How often a check runs, on fresh data, before its failure is believed."""

REVIVAL_LIMIT = 3.0
"""How long a target that did not answer is given to answer something else. In seconds."""


_TURNED_AWAY = (
    "the target refuses logins in another way than at first, as if there were too many;"
    " where a harness moves the clock, limits are let pass"
)


class Kind(StrEnum):
    """What became of one check, in the order in which it decides about its rule."""

    FAILED = "failed"
    SUITE_FAULT = "suite_fault"
    UNSTEADY = "unsteady"
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
            case Kind.SUITE_FAULT | Kind.UNSTEADY:
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


def run_check(bench: Stage, rule: Rule, function: Callable[..., None]) -> Outcome:
    """Run a check; if it fails, again on fresh data. Only a failure that stays is one.

    Raises:
        TargetGone: The target has stopped answering.
    """
    if lacking := rule.needs - bench.offered:
        return Outcome(Kind.NOT_OBSERVABLE, f"needs {', '.join(sorted(lacking))}")
    before = bench.recorder.total
    outcomes = [_attempt(bench, function)]
    while _is_in_doubt(outcomes):
        outcomes.append(_attempt(bench, function))
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
    return Outcome(Kind.UNSTEADY, f"failed {times}, then {last.kind}{why}: {seen}", first)


def _attempt(bench: Stage, function: Callable[..., None]) -> Outcome:
    bench.recorder.new_scene()
    try:
        return _tried(bench, function)
    except TargetGone:
        raise
    except Exception as error:  # a fault of a check must not be taken for one of the target
        if os.environ.get("PARTIALLY_DEBUG"):
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"fault of the suite: {type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        return Outcome(Kind.SUITE_FAULT, bench.secrets.hide(text))


def _tried(bench: Stage, function: Callable[..., None]) -> Outcome:
    try:
        if isinstance(bench, Bench):
            bench.rest()  # what earlier checks guessed is not held against this one
            bench.recorder.new_scene()
        function(**{name: getattr(bench, name) for name in inspect.signature(function).parameters})
    except Violation as violation:
        failure = tell(violation, bench.recorder.scene(), bench.secrets)
        if isinstance(violation, NoAnswer) and isinstance(bench, Bench):
            _see_that_it_lives(bench, violation)
        if (
            isinstance(bench, Bench)
            and not _is_exhausting(function)
            and bench.stranger.is_turned_away(violation.exchanges)
        ):
            return Outcome(Kind.UNSTEADY, _TURNED_AWAY, failure)
        return Outcome(Kind.FAILED, None, failure)
    except TargetGone:
        raise
    except CheckEnd as end:
        return Outcome(_kind_of(end), bench.secrets.hide(str(end)))
    return Outcome(Kind.PASSED)


def _see_that_it_lives(bench: Bench, violation: NoAnswer) -> None:
    """Tell a target that dropped one request from one that is not there any more."""
    end = time.monotonic() + REVIVAL_LIMIT
    while time.monotonic() < end:
        try:
            if bench.api.list().exchange.response is not None:
                return
        except Unsteady:
            return  # a refusal to answer any more requests is an answer
        time.sleep(REVIVAL_LIMIT / 10)
    raise TargetGone(f"the target stopped answering: {violation.observed}")


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
            return Kind.UNSTEADY
