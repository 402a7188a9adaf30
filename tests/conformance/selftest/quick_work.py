"""Work that is done at once, for processes that a test starts."""

from __future__ import annotations

import os
from collections.abc import Sequence

from partially_conformance.selftest.cases import Examined, Role, Subject, Trial


def see_at_once(subject: Subject, seeds: Sequence[int]) -> Examined:
    """Catch it by all its rules."""
    return Examined(
        subject, tuple(Trial(seed, 1, "violates", None, subject.about, (), 0.0) for seed in seeds)
    )


def die_of_a_fault(subject: Subject, seeds: Sequence[int]) -> Examined:
    """Take the process along with a fault."""
    if subject.role is Role.FAULT:
        os._exit(1)
    return see_at_once(subject, seeds)
