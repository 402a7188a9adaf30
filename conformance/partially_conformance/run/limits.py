"""Limits at which a run ends early, in good order."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from partially_conformance.rules.catalogue import Level
from partially_conformance.rules.results import RuleResult, Status
from partially_conformance.run.options import RunOptions


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one run.

    Attributes:
        options: The options of the run, with the limits.
        started: When the run began, as `time.monotonic` tells it.
    """

    options: RunOptions
    started: float = field(default_factory=time.monotonic)

    @property
    def deadline(self) -> float | None:
        """When the time of the run is over, as `time.monotonic` tells it; None without such a limit."""
        return None if self.options.max_time is None else self.started + self.options.max_time

    @property
    def time_is_up(self) -> str:
        """Why a run ends at its deadline."""
        return f"the time of the run is over (--max-time {self.options.max_time:g})"

    def reached(self, results: Iterable[RuleResult]) -> str | None:
        """Why the run ends here; None if it goes on.

        Args:
            results: The results so far. Only failed rules that decide the verdict count.
        """
        if self.deadline is not None and time.monotonic() >= self.deadline:
            return self.time_is_up
        failed = sum(map(self._counts, results))
        most = self.options.max_failures
        if most is None or failed < most:
            return None
        return f"{failed} rule{'' if failed == 1 else 's'} failed (--max-failures {most})"

    def _counts(self, result: RuleResult) -> bool:
        known = self.options.known_failures
        return (
            result.status is Status.FAILED
            and (self.options.strict or result.rule.level is Level.MUST)
            and (known is None or known.entry(result.rule.id) is None)
        )
