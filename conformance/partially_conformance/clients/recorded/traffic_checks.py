"""The checks of recorded traffic, one function for each rule about clients that traffic can show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partially_conformance.clients.recorded.upsets import Upset, may_be_repeated
from partially_conformance.clients.requests.keys import key_problems, places_with_key
from partially_conformance.clients.requests.sent_request import Problem

if TYPE_CHECKING:
    from partially_conformance.clients.recorded.process import CommandEnd
    from partially_conformance.clients.recorded.recording import RecordedRequest
    from partially_conformance.clients.requests.validation import Described, Validation

FAILURE_LIMIT = 20
"""How many different failures of one rule are reported. Further ones add nothing."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

CLOCK_TOLERANCE = 0.05
"""Seconds by which a retry may come too early, since two clocks never run exactly alike."""


@dataclass(frozen=True, slots=True)
class Step:
    """A recorded request and how it compares with the document."""

    recorded: RecordedRequest
    validation: Validation

    @property
    def operation(self) -> Described | None:
        """The operation it asks for; None if the document describes none such."""
        return self.validation.operation

    @property
    def identity(self) -> tuple[str, str, bytes]:
        """Method, target and body: a request that repeats this one has the same."""
        sent = self.recorded.sent
        return sent.method, sent.target, sent.body


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command.

    Attributes:
        upset: The upset that was applied; None in the undisturbed run.
        key: The key that the client was given.
        ended: How the command ended.
        steps: The requests to the API, in order.
        elsewhere: The requests to the other host, in order.
    """

    upset: Upset | None
    key: str
    ended: CommandEnd
    steps: tuple[Step, ...]
    elsewhere: tuple[RecordedRequest, ...] = ()

    @property
    def disturbed_steps(self) -> list[Step]:
        """The requests that the upset affected."""
        return [step for step in self.steps if step.recorded.upset is not None]

    def most_identical(self, operation: str) -> int:
        """How often the most frequent identical request of an operation was sent.

        Args:
            operation: The id of the operation.
        """
        counts = Counter(
            step.identity for step in self.steps if step.operation and step.operation.id == operation
        )
        return max(counts.values(), default=0)

    def retries(self, step: Step, usual: int) -> list[Step]:
        """The later requests that must be retries of a request.

        Args:
            step: The request.
            usual: How often the command sends identical requests when nothing goes wrong.
        """
        identical = [one for one in self.steps if one.identity == step.identity]
        later = [one for one in identical if one.recorded.number > step.recorded.number]
        return later if len(identical) > max(usual, 1) else []

    def identical_next(self, step: Step) -> list[Step]:
        """The next request, if it is identical with this one: most likely a retry."""
        following = [one for one in self.steps if one.recorded.number > step.recorded.number][:1]
        return [one for one in following if one.identity == step.identity]


@dataclass(frozen=True, slots=True)
class TrafficViolation:
    """One violation of a rule.

    Attributes:
        expected: What the rule asks for.
        observed: What was recorded.
        shown: The recorded requests that show it, in order, each with the key that the client had then.
    """

    expected: str
    observed: str
    shown: tuple[tuple[RecordedRequest, str], ...]


@dataclass
class TrafficResult:
    """The result of one check of the recorded traffic.

    Attributes:
        seen: How many requests the rule was checked on.
        violations: The violations that were found.
        why_unseen: Why the rule is not tested if no request was seen.
    """

    seen: int = 0
    violations: list[TrafficViolation] = field(default_factory=list)
    why_unseen: str = ""


def check_described(runs: Sequence[Run]) -> TrafficResult:
    """Every request has a path, a method, a query and a body that the document describes."""
    result = TrafficResult(why_unseen="the client sent no request")
    collected = _Collected()
    for run, step in _steps(runs):
        result.seen += 1
        if step.recorded.malformed is not None:
            collected.add(step, run.key, "an HTTP/1.1 request", step.recorded.malformed)
        for problem in step.validation.undescribed:
            collected.add(step, run.key, *_words(problem), group=_group(step, problem))
    result.violations = collected.violations()
    return result


def check_key(runs: Sequence[Run]) -> TrafficResult:
    """Every request to the API carries the key as a bearer token, and nowhere else."""
    result = TrafficResult(why_unseen="the client sent no request")
    collected = _Collected()
    for run, step in _steps(runs):
        if step.recorded.malformed is not None:
            continue
        result.seen += 1
        for problem in key_problems(step.recorded.sent, run.key):
            collected.add(step, run.key, *_words(problem), group=(problem.place, problem.observed))
    result.violations = collected.violations()
    return result


def check_labels(runs: Sequence[Run]) -> TrafficResult:
    """Every body is labelled as JSON, and every request asks for JSON."""
    result = TrafficResult(why_unseen="the client sent no request that the document describes")
    collected = _Collected()
    for run, step in _steps(runs):
        if step.operation is None:
            continue
        result.seen += 1
        for problem in step.validation.problems:
            if problem not in step.validation.undescribed:
                collected.add(step, run.key, *_words(problem), group=(problem.place, problem.observed))
    result.violations = collected.violations()
    return result


def check_unsafe_not_retried(runs: Sequence[Run]) -> TrafficResult:
    """A create, a login or a removal is not sent again if it may have been carried out."""
    result = TrafficResult(why_unseen="the client sent no create, login or removal")
    for run, step in _disturbed_steps(runs):
        operation, upset = step.operation, run.upset
        if operation is None or upset is None or may_be_repeated(operation) or not upset.may_be_carried_out:
            continue
        result.seen += 1
        retries = run.retries(step, runs[0].most_identical(operation.id))
        if retries:
            result.violations.append(
                TrafficViolation(
                    f"{operation.id} is sent once: it may have been carried out ({upset.description})",
                    f"it was sent again {_after(step, retries[0])}",
                    _shown(run, [step, retries[0]]),
                )
            )
    return result


def check_safe_retried(runs: Sequence[Run]) -> TrafficResult:
    """A read or an update is sent again after a failure, and not earlier than Retry-After asks."""
    result = TrafficResult(why_unseen="the client sent no read and no update")
    for run, step in _disturbed_steps(runs):
        operation, upset = step.operation, run.upset
        if operation is None or upset is None or not may_be_repeated(operation) or upset.once_per_method:
            continue
        result.seen += 1
        usual = runs[0].most_identical(operation.id)
        retries = run.retries(step, usual) or run.identical_next(step)
        if not retries:
            expected = f"{operation.id} is sent again ({upset.description})"
            result.violations.append(TrafficViolation(expected, "it was not sent again", _shown(run, [step])))
            continue
        pause = _pause(step, retries[0])
        if upset.retry_after is not None and pause < upset.retry_after - CLOCK_TOLERANCE:
            result.violations.append(
                TrafficViolation(
                    f"{operation.id} is sent again after {upset.retry_after} s or more, as Retry-After asks",
                    f"it was sent again {_after(step, retries[0])}",
                    _shown(run, [step, retries[0]]),
                )
            )
    return result


def check_key_stays_with_host(runs: Sequence[Run]) -> TrafficResult:
    """A redirect to another host is not followed with the key."""
    result = TrafficResult(why_unseen="no request of the client was redirected")
    for run in runs:
        redirected = [
            step for step in run.disturbed_steps if run.upset is not None and run.upset.once_per_method
        ]
        result.seen += len(redirected)
        for request in run.elsewhere:
            places = places_with_key(request.sent, run.key)
            if places:
                target = request.sent.target
                before = [step.recorded for step in redirected if step.recorded.sent.target == target]
                shown = tuple((one, run.key) for one in (*before[-1:], request))
                observed = f"the key, in {', '.join(places)}"
                result.violations.append(TrafficViolation("no key at another host", observed, shown))
    result.violations = result.violations[:FAILURE_LIMIT]
    return result


TRAFFIC_CHECKS: Mapping[str, Callable[[Sequence[Run]], TrafficResult]] = {
    "CLIENT-1": check_described,
    "CLIENT-2": check_key,
    "CLIENT-5": check_labels,
    "CLIENT-6": check_unsafe_not_retried,
    "CLIENT-7": check_safe_retried,
    "CLIENT-15": check_key_stays_with_host,
}
"""The check of each rule, by the id of the rule. It takes the runs in order, the undisturbed one first."""

NEEDED_UPSETS: Mapping[str, Callable[[Upset], bool]] = {
    "CLIENT-6": lambda upset: upset.may_be_carried_out,
    "CLIENT-7": lambda upset: upset.affects_safe and not upset.once_per_method,
    "CLIENT-15": lambda upset: upset.once_per_method,
}
"""The rules that only an upset can show, each with whether a given upset does."""


def _steps(runs: Iterable[Run]) -> Iterator[tuple[Run, Step]]:
    for run in runs:
        for step in run.steps:
            yield run, step


def _disturbed_steps(runs: Iterable[Run]) -> Iterator[tuple[Run, Step]]:
    for run in runs:
        for step in run.disturbed_steps:
            yield run, step


class _Collected:
    """The violations of one rule. Of each group the first is kept, and the others are counted."""

    def __init__(self) -> None:
        self._firsts: dict[object, tuple[str, str, tuple[RecordedRequest, str]]] = {}
        self._counts: Counter[object] = Counter()

    def add(self, step: Step, key: str, expected: str, observed: str, *, group: object = None) -> None:
        chosen = group if group is not None else observed
        self._firsts.setdefault(chosen, (expected, observed, (step.recorded, key)))
        self._counts[chosen] += 1

    def violations(self) -> list[TrafficViolation]:
        found = []
        for group, (expected, observed, shown) in list(self._firsts.items())[:FAILURE_LIMIT]:
            more = self._counts[group] - 1
            others = f" (and in {more} more request{'s' if more > 1 else ''})" if more else ""
            found.append(TrafficViolation(expected, observed + others, (shown,)))
        return found


def _words(problem: Problem) -> tuple[str, str]:
    return f"{problem.expected} at {problem.place}", f"{problem.observed} at {problem.place}"


def _group(step: Step, problem: Problem) -> object:
    """Problems of one group are reported once: those of one operation, or of one path without its ids."""
    if step.operation is not None:
        return step.operation.id, problem.place, problem.expected
    return step.recorded.sent.method, _ID.sub("…", step.recorded.sent.path)


def _shown(run: Run, steps: Iterable[Step]) -> tuple[tuple[RecordedRequest, str], ...]:
    return tuple((step.recorded, run.key) for step in steps)


def _pause(step: Step, retry: Step) -> float:
    """Seconds from the response to a request until its retry arrived."""
    return retry.recorded.arrived - (step.recorded.ended or step.recorded.arrived)


def _after(step: Step, retry: Step) -> str:
    pause = _pause(step, retry)
    return f"{pause:.2f} s later" if pause >= 0 else "before it was answered"
