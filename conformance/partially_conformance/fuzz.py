"""Trying many examples, and ending on the smallest that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from partially_conformance.options import Effort
from partially_conformance.outcome import Unsteady
from partially_conformance.recorder import Recorder

Value = TypeVar("Value")

_SHARE = {Effort.QUICK: 0.2, Effort.STANDARD: 1.0, Effort.DEEP: 10.0}
"""How many examples each effort tries, for each that `standard` tries."""


class Fuzz:
    """Runs Hypothesis over the wire: no database, no deadline, one failure at a time.

    The explain phase is left out: it triples the requests and explains Python, not a server.
    """

    def __init__(self, *, seed: int, effort: Effort, recorder: Recorder) -> None:
        self._seed = seed
        self._effort = effort
        self._recorder = recorder

    def examples(self, standard: int) -> int:
        """How many examples to try where `standard` effort tries so many. At least one."""
        return max(1, round(standard * _SHARE[self._effort]))

    def each(self, values: SearchStrategy[Value], try_one: Callable[[Value], None], *, standard: int) -> None:
        """Call `try_one` with many values. The failure that remains is that of the smallest value.

        Raises:
            Unsteady: The same value failed once and passed once.
        """

        @seed(self._seed)
        @self._settings(standard)
        @given(values)
        def run(value: Value) -> None:
            self._recorder.new_scene()
            try_one(value)

        try:
            run()
        except Flaky as error:
            raise Unsteady("the same generated request was answered in two ways") from error

    def machine(self, make: Callable[[], RuleBasedStateMachine], *, standard: int, steps: int) -> None:
        """Run state machines of up to so many steps. A failure is shrunk to the fewest.

        Raises:
            Unsteady: The same steps failed once and passed once.
        """

        def fresh() -> RuleBasedStateMachine:
            self._recorder.new_scene()
            return make()

        try:
            run_state_machine_as_test(
                seed(self._seed)(fresh),  # type: ignore[arg-type] # a function will do, says its documentation
                settings=settings(self._settings(standard), stateful_step_count=steps),
            )
        except Flaky as error:
            raise Unsteady("the same course of events was answered in two ways") from error

    def _settings(self, standard: int) -> settings:
        return settings(
            max_examples=self.examples(standard),
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.target, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
