"""Trying many examples, and ending on the smallest that fails."""

from __future__ import annotations

import sys
import time
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
"""How many examples each effort tries, for each that `standard` tries."""


_DULLEST = sampled_from(range(100))


def reject_simplest_example(data: DataObject) -> None:
    """Refuse the example in which every choice is the simplest one, before a request is sent for it."""
    assume(data.draw(_DULLEST) != 0)


_PATIENCE = {Effort.QUICK: 1.0, Effort.STANDARD: 3.0, Effort.DEEP: 30.0}
"""How long a failure is made smaller, by effort. In seconds."""


_CONSTANTS: LRUCache[Any, Any] = LRUCache(1024)
"""What Hypothesis has worked out of constants while it had none but its own."""


@contextmanager
def _by_seed_alone() -> Iterator[None]:
    """Let nothing but the seed decide which examples are tried. There are no settings for it.

    Hypothesis mixes in constants from the source of modules that are loaded and not installed, which differ
    with how and where the suite runs. It also takes a digest of the source of what it runs, to find examples
    again in a database, which the suite does not have.
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


class _EnoughError(BaseException):
    """The time for making a failure smaller is up. Hypothesis passes on what is no `Exception`."""


class _Smallest:
    """The failure with the fewest exchanges so far.

    Args:
        patience: Seconds after the first failure in which smaller ones are looked for.
    """

    def __init__(self, patience: float, recorder: Recorder) -> None:
        self._patience = patience
        self._recorder = recorder
        self._end: float | None = None
        self._failure: Violation | None = None
        self._scene: list[Exchange] = []

    def begin(self) -> None:
        """Another example begins, if there is time.

        Raises:
            _EnoughError: There is not.
        """
        if self._end is not None and time.monotonic() > self._end:
            raise _EnoughError
        self._recorder.new_attempt()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note the violation that the block raises."""
        try:
            yield
        except Violation as violation:
            self.note(violation)
            raise

    def note(self, violation: Violation) -> None:
        """A violation was seen in the present scene."""
        scene = self._recorder.exchanges()
        if self._failure is None or len(scene) <= len(self._scene):
            self._failure, self._scene = violation, scene
        if self._end is None:
            self._end = time.monotonic() + self._patience

    def told(self) -> Violation | None:
        """The smallest violation, its scene being the present one again; None if there was none."""
        self._recorder.restore(self._scene)
        return self._failure


class Fuzz:
    """Runs Hypothesis over the wire: no database, no deadline, one failure at a time.

    The explain phase is left out: it triples the requests and explains Python, not a server. A failure is
    made smaller for a while only, since each try costs as many requests as the example has.

    A failure that does not come back when its example is repeated, such as one that needs what an earlier
    example left behind, is raised all the same. The engine runs the check again and sees whether it stays.
    """

    def __init__(self, *, seed: int, effort: Effort, recorder: Recorder) -> None:
        self.seed = seed
        self.effort = effort
        self._recorder = recorder

    def examples(self, standard: int, least: int = 1) -> int:
        """How many examples to try where `standard` effort tries so many."""
        return max(least, round(standard * _SHARE[self.effort]))

    def first_failure(self, values: Iterable[Value], try_one: Callable[[Value], None]) -> Violation | None:
        """Call `try_one` with these values until one fails; returns that failure."""
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
        """Call `try_one` with many values. The failure that remains is that of the smallest value.

        Raises:
            Inconclusive: The same value was answered in two ways, neither a violation.
        """
        smallest = self._smallest()

        @seed(self.seed)
        @self._settings(standard, least)
        @given(values)
        def run(value: Value) -> None:
            smallest.begin()
            with smallest.noting():
                try_one(value)

        with self._ending(smallest, "the same generated request was answered in two ways"):
            run()

    def run_stateful(
        self, make: Callable[[], RuleBasedStateMachine], *, standard: int, steps: int, least: int = 1
    ) -> None:
        """Run state machines of up to so many steps. A failure is shrunk to the fewest.

        Each is a session of its own. Within one session Hypothesis builds most examples from parts of
        earlier ones, which with few examples means the same few steps again and again. What each session
        starts with is the dullest example of all; a machine refuses it by calling `reject_simplest_example`.

        The `teardown` of a machine is called only if no step failed, and may fail itself.

        Raises:
            Inconclusive: The same steps were answered in two ways, neither a violation.
        """
        smallest = self._smallest()

        def fresh() -> RuleBasedStateMachine:
            smallest.begin()
            machine = make()
            look_back = machine.teardown

            def teardown() -> None:
                match sys.exception():
                    case None:
                        with smallest.noting():
                            look_back()
                    case Violation() as violation:
                        smallest.note(violation)

            machine.teardown = teardown  # type: ignore[method-assign] # it has no other hook for a failed step
            return machine

        one = settings(self._settings(1), max_examples=1, stateful_step_count=steps)
        with self._ending(smallest, "the same course of events was answered in two ways"):
            for number in range(self.examples(standard, least)):
                seeded = seed(f"{self.seed}/{number}")(fresh)
                # A function will do as well as a class, says its documentation.
                run_state_machine_as_test(seeded, settings=one)  # type: ignore[arg-type]

    def _smallest(self) -> _Smallest:
        return _Smallest(_PATIENCE[self.effort], self._recorder)

    @contextmanager
    def _ending(self, smallest: _Smallest, two_ways: str) -> Iterator[None]:
        try:
            with _by_seed_alone():
                yield
        except (_EnoughError, Flaky) as end:
            if (failure := smallest.told()) is None:
                raise Inconclusive(two_ways) from end
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
