"""Work that is done at once, for processes that a test starts."""

from __future__ import annotations

import os
from collections.abc import Sequence

from partially_conformance.selftest.cases import Case, CaseResult, Role, Trial


def see_at_once(case: Case, seeds: Sequence[int]) -> CaseResult:
    """Catch it by all its rules."""
    return CaseResult(case, tuple(Trial(seed, 1, "violates", None, case.about, (), 0.0) for seed in seeds))


def die_of_a_fault(case: Case, seeds: Sequence[int]) -> CaseResult:
    """Take the process along with a fault."""
    if case.role is Role.FAULT:
        os._exit(1)
    return see_at_once(case, seeds)
