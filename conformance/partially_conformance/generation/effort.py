"""How much generated checks try."""

from __future__ import annotations

from enum import StrEnum


class Effort(StrEnum):
    """How many examples the generated checks try."""

    QUICK = "quick"
    STANDARD = "standard"
    DEEP = "deep"
