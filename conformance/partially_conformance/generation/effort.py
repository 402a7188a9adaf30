"""The effort of a run."""

from __future__ import annotations

from enum import StrEnum


class Effort(StrEnum):
    """How many examples the generated checks try."""

    QUICK = "quick"
    STANDARD = "standard"
    DEEP = "deep"
