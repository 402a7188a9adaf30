"""Trying many generated examples with Hypothesis, and reporting the smallest that fails."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, Verbosity, assume, core, given, seed, settings, stateful
from hypothesis.errors import Flaky
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import DataObject, SearchStrategy, sampled_from

from partially_conformance.generation.effort import Effort
from partially_conformance.traffic.check_end import CheckEnd, Inconclusive, Violation
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.recorder import Recorder

Value = TypeVar("Value")

_SHARE = {Effort.QUICK: 0.2, Effort.STANDARD: 1.0, Effort.DEEP: 10.0}
"""How many times the examples of `standard` each effort tries."""

_SHRINK_LIMIT = {Effort.QUICK: 1.0, Effort.STANDARD: 3.0, Effort.DEEP: 30.0}
"""How long a smaller example of a failure is looked for, by effort. In seconds."""

_CONSTANTS: LRUCache[Any, Any] = LRUCache(1024)
"""What Hypothesis has computed from constants while it had only its own."""


_SIMPLEST_FIRST = sampled_from(range(100))


def reject_simplest_example(data: DataObject) -> None:
    """Reject the example in which every choice is the simplest one, before a request is sent for it."""
    assume(data.draw(_SIMPLEST_FIRST) != 0)


@contextmanager
def _only_seed_decides() -> Iterator[None]:
    """Let only the seed decide which examples are tried. Hypothesis has no settings for this.

    It uses constants from the source of loaded modules that are not installed, which differ with how and
    where the suite runs. It also computes a digest of the source of the function that it runs, to look for
    examples in a database, which the suite does not have.
    """
    with (
        patch.object(providers, "_get_local_constants", Constants),
        patch.object(providers, "CONSTANTS_CACHE", _CONSTANTS),
        patch.object(core, "function_digest", _no_digest),
        patch.object(stateful, "function_digest", _no_digest),
    ):
        yield


def _no_digest(_function: object) -> bytes:
    return b""


class _ShrinkLimitError(BaseException):
    """The time for finding a smaller example is up. Not an `Exception`, because Hypothesis catches those."""


class _EndedError(BaseException):
    """A check has ended without a result. Not an `Exception`, so that Hypothesis does not try it again.

    Args:
        end: How the check ended.
    """

    def __init__(self, end: CheckEnd) -> None:
        super().__init__(str(end))
        self.end = end


class _Smallest:
    """The failure with the fewest exchanges so far.

    Args:
        limit: How long after the first failure smaller ones are looked for. In seconds.
        recorder: Holds the exchanges of the current example.
    """

    def __init__(self, limit: float, recorder: Recorder) -> None:
        self._limit = limit
        self._recorder = recorder
        self._end: float | None = None
        self._failure: Violation | None = None
        self._exchanges: list[Exchange] = []
        self._former: list[Exchange] = []

    def begin(self) -> None:
        """Begin another example.

        Raises:
            _ShrinkLimitError: The time is up.
        """
        if self._end is not None and time.monotonic() > self._end:
            raise _ShrinkLimitError
        self._former = self._recorder.exchanges()
        self._recorder.new_attempt()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note a violation that the block raises, and let no other end of a check be tried again."""
        try:
            yield
        except Violation as violation:
            self.note(violation)
            raise
        except CheckEnd as end:
            raise _EndedError(end) from end

    def note(self, violation: Violation) -> None:
        """Keep the violation of the current example if none is known with fewer exchanges."""
        exchanges = self._recorder.exchanges()
        if self._failure is None or len(exchanges) <= len(self._exchanges):
            self._failure, self._exchanges = violation, exchanges
        if self._end is None:
            waiting = any(one.timed_out for one in exchanges)  # each further example would wait as long
            self._end = time.monotonic() + (0.0 if waiting else self._limit)

    def restored(self) -> Violation | None:
        """The smallest violation, with its exchanges in the recorder again; None if there was none."""
        if self._failure is not None:
            self._recorder.restore(self._exchanges)
        return self._failure

    def not_repeated(self, what: str) -> CheckEnd:
        """How a check ends if its last example got other responses when it was tried again.

        Args:
            what: A sentence that says so.
        """
        now = self._recorder.exchanges()
        if self._failure is not None:
            other = _first_difference(self._exchanges, now)
            self._failure.sent_again = None if other is None else now[other]
            return self._failure
        number = _first_difference(self._former, now)
        if number is None:
            return Inconclusive(what, now)
        return Inconclusive(what, [*now[: number + 1], self._former[number]])


def _first_difference(one: Sequence[Exchange], other: Sequence[Exchange]) -> int | None:
    """The number of the first exchange that is alike but for its response; None if there is none."""
    for number, (first, second) in enumerate(zip(one, other, strict=False)):
        if first.request.method != second.request.method:
            return None
        if first.outcome != second.outcome:
            return number
    return None


class Fuzz:
    """Runs Hypothesis against a target: without a database and deadlines, and one failure at a time.

    Its explain phase is left out: it triples the requests and explains Python code, not a server. Smaller
    examples are looked for during a limited time only, since each costs requests.

    A failure that does not occur again when its example is repeated is raised all the same: it may need what
    an earlier example left in the target. The engine repeats the check to see whether the failure stays.

    Args:
        seed: The same seed gives the same examples.
        effort: How many examples are tried.
        recorder: Holds the exchanges of the current example.
    """

    def __init__(self, *, seed: int, effort: Effort, recorder: Recorder) -> None:
        self.seed = seed
        self.effort = effort
        self._recorder = recorder

    def examples(self, standard: int, least: int = 1) -> int:
        """How many examples this effort tries where `standard` tries so many, but at least `least`."""
        return max(least, round(standard * _SHARE[self.effort]))

    def first_failure(self, values: Iterable[Value], try_one: Callable[[Value], None]) -> Violation | None:
        """Call `try_one` with these values until one fails; returns the failure, None if none fails."""
        for value in values:
            self._recorder.new_attempt()
            try:
                try_one(value)
            except Violation as violation:
                return violation
        return None

    def each(
        self,
        values: SearchStrategy[Value],
        try_one: Callable[[Value], None],
        *,
        standard: int,
        least: int = 1,
    ) -> None:
        """Call `try_one` with many generated values, and raise the failure of the smallest value that fails.

        Args:
            values: Generates the values.
            try_one: Raises a `Violation` if a value fails.
            standard: How many values `standard` effort tries.
            least: How many values each effort tries at least.

        Raises:
            Violation: A value failed.
            Inconclusive: The same value gave different results, none of them a violation.
        """
        smallest = self._smallest()

        @seed(self.seed)
        @self._settings(standard, least)
        @given(values)
        def run(value: Value) -> None:
            smallest.begin()
            with smallest.watching():
                try_one(value)

        with self._ending(smallest, "the same generated request got different responses"):
            run()

    def run_stateful(
        self, make: Callable[[], RuleBasedStateMachine], *, standard: int, steps: int, least: int = 1
    ) -> None:
        """Run stateful tests, and raise the failure with the fewest steps.

        Each test is a separate run of Hypothesis. Within one run, Hypothesis builds most examples from parts
        of earlier ones, which with few examples repeats the same few steps. Each run starts with the
        simplest example of all; a test rejects it by calling `reject_simplest_example`.

        The `teardown` of a test is called only if no step failed, and may fail itself.

        Args:
            make: Creates a state machine.
            standard: How many tests `standard` effort runs.
            steps: How many steps a test has at most.
            least: How many tests each effort runs at least.

        Raises:
            Violation: A step or a teardown failed.
            Inconclusive: The same steps gave different results, none of them a violation.
        """
        smallest = self._smallest()
        outside = sys.exception()  # perhaps this is called while an exception is handled

        def fresh() -> RuleBasedStateMachine:
            smallest.begin()
            machine = make()
            compare_at_the_end = machine.teardown

            def teardown() -> None:
                failed = sys.exception()
                match None if failed is outside else failed:
                    case None:
                        with smallest.watching():
                            compare_at_the_end()
                    case Violation() as violation:
                        smallest.note(violation)
                    case CheckEnd() as end:
                        raise _EndedError(end)

            machine.teardown = teardown  # type: ignore[method-assign] # no other hook sees a failed step
            return machine

        one = settings(self._settings(1), max_examples=1, stateful_step_count=steps)
        with self._ending(smallest, "the same sequence of requests got different responses"):
            for number in range(self.examples(standard, least)):
                seeded = seed(f"{self.seed}/{number}")(fresh)
                # Its documentation allows a function instead of a class.
                run_state_machine_as_test(seeded, settings=one)  # type: ignore[arg-type]

    def _smallest(self) -> _Smallest:
        return _Smallest(_SHRINK_LIMIT[self.effort], self._recorder)

    @contextmanager
    def _ending(self, smallest: _Smallest, inconclusive: str) -> Iterator[None]:
        try:
            with _only_seed_decides():
                yield
        except _ShrinkLimitError:
            failure = smallest.restored()
            assert failure is not None, "the time is limited once there is a failure"
            raise failure from None
        except _EndedError as ended:
            raise (smallest.restored() or ended.end) from None
        except Flaky:
            unsteady = smallest.not_repeated(inconclusive)
            raise (smallest.restored() or unsteady) from None

    def _settings(self, standard: int, least: int = 1) -> settings:
        return settings(
            max_examples=self.examples(standard, least),
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.target, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
