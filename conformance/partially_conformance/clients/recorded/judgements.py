"""The rules about clients that recorded traffic can show, one function for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partially_conformance.clients.recorded.upsets import Upset, is_harmful_twice, should_be_repeated
from partially_conformance.clients.requests.keys import carries, key_problems
from partially_conformance.clients.requests.placeholders import placeholder_problems
from partially_conformance.clients.requests.sent_request import Problem

if TYPE_CHECKING:
    from partially_conformance.clients.recorded.process import Ended
    from partially_conformance.clients.recorded.recording import Recorded
    from partially_conformance.clients.requests.validation import Described, Validation

MOST_FAILURES = 20
"""Different failures of one rule that are told; more of them say nothing new."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

EARLY = 0.05
"""How much sooner than asked a repetition may come, for clocks that do not run alike. In seconds."""

TOGETHER = 0.5
"""How far apart equal requests may arrive that a client sends at the same time. In seconds.

It is less than every Retry-After.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A recorded request and what the document says of it."""

    recorded: Recorded
    validation: Validation

    @property
    def operation(self) -> Described | None:
        """The operation it asks for."""
        return self.validation.operation

    @property
    def same(self) -> tuple[str, str, bytes]:
        """What two requests have in common of which one may repeat the other."""
        sent = self.recorded.sent
        return sent.method, sent.target, sent.body


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command.

    Attributes:
        upset: What went wrong in it; None for the undisturbed run.
        key: The key the client was given.
        steps: What it sent to the API.
        elsewhere: What it sent to the other host.
    """

    upset: Upset | None
    key: str
    ended: Ended
    steps: tuple[Step, ...]
    elsewhere: tuple[Recorded, ...] = ()

    @property
    def upset_steps(self) -> list[Step]:
        """The requests that the upset happened to."""
        return [step for step in self.steps if step.recorded.upset is not None]

    def most_alike(self, operation: str) -> int:
        """How often one and the same request of an operation was sent, at most."""
        counts = Counter(
            step.same for step in self.steps if step.operation and step.operation.id == operation
        )
        return max(counts.values(), default=0)

    def repetitions(self, step: Step, usual: int) -> list[Step]:
        """The requests that can only be repetitions of one.

        Args:
            usual: How often the command sends one and the same request when nothing goes wrong.
        """
        alike = [one for one in self.steps if one.same == step.same]
        later = [one for one in alike if one.recorded.number > step.recorded.number]
        return later if len(alike) > max(usual, 1) else []

    def next_alike(self, step: Step) -> list[Step]:
        """The request right after one, if it is the same: most likely a repetition."""
        following = [one for one in self.steps if one.recorded.number > step.recorded.number][:1]
        return [one for one in following if one.same == step.same]

    def most_together(self, operation: str) -> int:
        """How many equal requests of an operation arrived at the same time, at most."""
        own = [step for step in self.steps if step.operation and step.operation.id == operation]
        return max((len(_together_with(step, own)) + 1 for step in own), default=1)

    def without_twins(self, step: Step, later: Sequence[Step], together: int) -> list[Step]:
        """The later requests without those that were sent at the same time as `step`, and do not repeat it.

        Args:
            together: How many equal requests the command sends at the same time when nothing goes wrong.
        """
        twins = _together_with(step, later)[: together - 1]
        return [one for one in later if one not in twins]


@dataclass(frozen=True, slots=True)
class Broken:
    """One way in which a rule is broken.

    Attributes:
        shown: The recorded requests that show it, in order, with the key that the client had then.
    """

    expected: str
    observed: str
    shown: tuple[tuple[Recorded, str], ...]


@dataclass
class Judgement:
    """What the traffic says of a rule.

    Attributes:
        seen: How many requests it rests on.
        unseen: Why it could not be seen, where nothing it is about was sent.
    """

    seen: int = 0
    broken: list[Broken] = field(default_factory=list)
    unseen: str = ""


def described(runs: Sequence[Run]) -> Judgement:
    """Every request has a path, a method, a query and a body that the document describes."""
    found = Judgement(unseen="the client sent no request")
    collected = _Collected()
    for run, step in _steps(runs):
        found.seen += 1
        if step.recorded.malformed is not None:
            collected.add(step, run.key, "an HTTP/1.1 request", step.recorded.malformed)
        for problem in (*step.validation.undescribed, *placeholder_problems(step.validation.path_values)):
            collected.add(step, run.key, *_words(problem), alike=_alike(step, problem))
    found.broken = collected.broken()
    return found


def bearer(runs: Sequence[Run]) -> Judgement:
    """Every request to the API carries the key as a bearer token, and nowhere else."""
    found = Judgement(unseen="the client sent no request")
    collected = _Collected()
    for run, step in _steps(runs):
        if step.recorded.malformed is not None:
            continue
        found.seen += 1
        for problem in key_problems(step.recorded.sent, run.key):
            collected.add(step, run.key, *_words(problem), alike=(problem.place, problem.observed))
    found.broken = collected.broken()
    return found


def labelled(runs: Sequence[Run]) -> Judgement:
    """Every body is labelled as JSON, and every request asks for JSON."""
    found = Judgement(unseen="the client sent no request that the document describes")
    collected = _Collected()
    for run, step in _steps(runs):
        if step.operation is None:
            continue
        found.seen += 1
        for problem in step.validation.problems:
            if problem not in step.validation.undescribed:
                collected.add(step, run.key, *_words(problem), alike=(problem.place, problem.observed))
    found.broken = collected.broken()
    return found


def not_repeated(runs: Sequence[Run]) -> Judgement:
    """A create or a login is not sent again where it may have been carried out."""
    found = Judgement(unseen="the client sent no create and no login")
    for run, step in _upset_steps(runs):
        operation, upset = step.operation, run.upset
        if operation is None or upset is None or not is_harmful_twice(operation) or not upset.uncertain:
            continue
        found.seen += 1
        repeated = run.repetitions(step, runs[0].most_alike(operation.id))
        if repeated:
            found.broken.append(
                Broken(
                    f"{operation.id} once: it may have been carried out ({upset.says})",
                    f"it was sent again {_after(step, repeated[0])}",
                    _shown(run, [step, repeated[0]]),
                )
            )
    return found


def repeated(runs: Sequence[Run]) -> Judgement:
    """A read or an update is sent again when something went wrong, and not before it is time."""
    found = Judgement(unseen="the client sent no read and no update")
    for run, step in _upset_steps(runs):
        operation, upset = step.operation, run.upset
        if operation is None or upset is None or not should_be_repeated(operation) or upset.by_method:
            continue
        found.seen += 1
        usual, together = runs[0].most_alike(operation.id), runs[0].most_together(operation.id)
        later = run.repetitions(step, usual) or run.next_alike(step)
        again = run.without_twins(step, later, together)
        if not again:
            expected = f"{operation.id} sent again ({upset.says})"
            found.broken.append(Broken(expected, "it was not", _shown(run, [step])))
            continue
        pause = _pause(step, again[0])
        if upset.retry_after is not None and pause < upset.retry_after - EARLY:
            found.broken.append(
                Broken(
                    f"{operation.id} sent again after {upset.retry_after} s or more, as Retry-After asks",
                    f"it was sent again {_after(step, again[0])}",
                    _shown(run, [step, again[0]]),
                )
            )
    return found


def stays_home(runs: Sequence[Run]) -> Judgement:
    """A redirect to another host is not followed with the key."""
    found = Judgement(unseen="no request of the client was redirected")
    for run in runs:
        redirected = [step for step in run.upset_steps if run.upset is not None and run.upset.by_method]
        found.seen += len(redirected)
        for gone in run.elsewhere:
            places = carries(gone.sent, run.key)
            if places:
                led = [step.recorded for step in redirected if step.recorded.sent.target == gone.sent.target]
                shown = tuple((one, run.key) for one in (*led[-1:], gone))
                found.broken.append(
                    Broken("no key at another host", f"the key, in {', '.join(places)}", shown)
                )
    found.broken = found.broken[:MOST_FAILURES]
    return found


CHECKS: Mapping[str, Callable[[Sequence[Run]], Judgement]] = {
    "CLIENT-1": described,
    "CLIENT-2": bearer,
    "CLIENT-5": labelled,
    "CLIENT-6": not_repeated,
    "CLIENT-7": repeated,
    "CLIENT-15": stays_home,
}
"""What judges a rule, by the id of the rule. All take the runs in their order, the undisturbed one first."""

UPSET_RULES: Mapping[str, Callable[[Upset], bool]] = {
    "CLIENT-6": lambda upset: upset.uncertain,
    "CLIENT-7": lambda upset: upset.safe_too and not upset.by_method,
    "CLIENT-15": lambda upset: upset.by_method,
}
"""The rules that only an upset shows, and whether a certain one does."""


def _together_with(step: Step, others: Iterable[Step]) -> list[Step]:
    """The equal requests that arrived right after one."""
    return [
        one
        for one in others
        if one.same == step.same
        and one.recorded.number > step.recorded.number
        and one.recorded.arrived - step.recorded.arrived < TOGETHER
    ]


def _steps(runs: Iterable[Run]) -> Iterator[tuple[Run, Step]]:
    for run in runs:
        for step in run.steps:
            yield run, step


def _upset_steps(runs: Iterable[Run]) -> Iterator[tuple[Run, Step]]:
    for run in runs:
        for step in run.upset_steps:
            yield run, step


class _Collected:
    """Failures of one rule, alike ones told once."""

    def __init__(self) -> None:
        self._firsts: dict[object, tuple[str, str, tuple[Recorded, str]]] = {}
        self._counts: Counter[object] = Counter()

    def add(self, step: Step, key: str, expected: str, observed: str, *, alike: object = None) -> None:
        what = alike if alike is not None else observed
        self._firsts.setdefault(what, (expected, observed, (step.recorded, key)))
        self._counts[what] += 1

    def broken(self) -> list[Broken]:
        told = []
        for what, (expected, observed, shown) in list(self._firsts.items())[:MOST_FAILURES]:
            more = self._counts[what] - 1
            others = f" (and in {more} more request{'s' if more > 1 else ''})" if more else ""
            told.append(Broken(expected, observed + others, (shown,)))
        return told


def _words(problem: Problem) -> tuple[str, str]:
    return f"{problem.expected} at {problem.place}", f"{problem.observed} at {problem.place}"


def _alike(step: Step, problem: Problem) -> object:
    """What problems have in common of which one is told: the operation, or the path but for the ids in it."""
    if step.operation is not None:
        return step.operation.id, problem.place, problem.expected
    return step.recorded.sent.method, _ID.sub("…", step.recorded.sent.path)


def _shown(run: Run, steps: Iterable[Step]) -> tuple[tuple[Recorded, str], ...]:
    return tuple((step.recorded, run.key) for step in steps)


def _pause(step: Step, again: Step) -> float:
    """Seconds from the answer to one request to the arrival of another."""
    return again.recorded.arrived - (step.recorded.ended or step.recorded.arrived)


def _after(step: Step, again: Step) -> str:
    pause = _pause(step, again)
    return f"{pause:.2f} s later" if pause >= 0 else "before it was answered"
