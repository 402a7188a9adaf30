"""Trying many generated examples with Hypothesis, and reporting the smallest that fails."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
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
from partially_conformance.traffic.check_end import Inconclusive, Violation
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.recorder import Recorder

Value = TypeVar("Value")

_SHARE = {Effort.QUICK: 0.2, Effort.STANDARD: 1.0, Effort.DEEP: 10.0}
"""How many times the examples of `standard` each effort tries."""

_SHRINK_LIMIT = {Effort.QUICK: 300, Effort.STANDARD: 600, Effort.DEEP: 6_000}
"""How many requests are spent on finding a smaller example of a failure, by effort. A limit in seconds would
send more or fewer requests from run to run."""

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
    """No request is left for a smaller example. Not an `Exception`, because Hypothesis catches those."""


class _Smallest:
    """The failure with the fewest exchanges so far.

    Args:
        limit: How many requests are spent on looking for smaller failures after the first.
        recorder: Holds the exchanges of the current example.
    """

    def __init__(self, limit: int, recorder: Recorder) -> None:
        self._limit = limit
        self._recorder = recorder
        self._end: int | None = None
        self._failure: Violation | None = None
        self._exchanges: list[Exchange] = []

    def begin(self) -> None:
        """Begin another example.

        Raises:
            _ShrinkLimitError: So many requests have been sent.
        """
        if self._end is not None and self._recorder.total > self._end:
            raise _ShrinkLimitError
        self._recorder.new_attempt()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note a violation that the block raises."""
        try:
            yield
        except Violation as violation:
            self.note(violation)
            raise

    def note(self, violation: Violation) -> None:
        """Keep the violation of the current example if none is known with fewer exchanges."""
        exchanges = self._recorder.exchanges()
        if self._failure is None or len(exchanges) <= len(self._exchanges):
            self._failure, self._exchanges = violation, exchanges
        if self._end is None:
            self._end = self._recorder.total + self._limit

    def restored(self) -> Violation | None:
        """The smallest violation, with its exchanges in the recorder again; None if there was none."""
        self._recorder.restore(self._exchanges)
        return self._failure


class Fuzz:
    """Runs Hypothesis against a target: without a database and deadlines, and one failure at a time.

    Its explain phase is left out: it triples the requests and explains Python code, not a server. Smaller
    examples are looked for with a limited number of requests only.

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

        def fresh() -> RuleBasedStateMachine:
            smallest.begin()
            machine = make()
            compare_at_the_end = machine.teardown

            def teardown() -> None:
                match sys.exception():
                    case None:
                        with smallest.watching():
                            compare_at_the_end()
                    case Violation() as violation:
                        smallest.note(violation)

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
        except (_ShrinkLimitError, Flaky) as end:
            if (failure := smallest.restored()) is None:
                raise Inconclusive(inconclusive) from end
            raise failure from None

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
