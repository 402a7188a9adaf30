"""Functions that examine a case without a run, for processes that a test starts."""

from __future__ import annotations

import os
from collections.abc import Sequence

from partially_conformance.selftest.cases import Case, CaseResult, Role, Trial


def catch_at_once(case: Case, seeds: Sequence[int]) -> CaseResult:
    """Return that all its rules catch the case."""
    return CaseResult(case, tuple(Trial(seed, 1, "violates", None, case.about, (), 0.0) for seed in seeds))


def die_of_a_fault(case: Case, seeds: Sequence[int]) -> CaseResult:
    """End the process if the case is a fault."""
    if case.role is Role.FAULT:
        os._exit(1)
    return catch_at_once(case, seeds)
