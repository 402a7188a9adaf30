"""Only the seed decides which examples are tried."""

from __future__ import annotations

import importlib
import random
import sys
from pathlib import Path

import pytest
from hypothesis import strategies as st

from partially_conformance.generation.effort import Effort
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.traffic.recorder import Recorder


def tried(seed: int) -> list[int]:
    values: list[int] = []
    fuzz = Fuzz(seed=seed, effort=Effort.STANDARD, recorder=Recorder())
    fuzz.each(st.integers(), values.append, standard=300)
    return values


def test_the_seed_decides() -> None:
    assert tried(1) == tried(1)
    assert tried(1) != tried(2)


def test_nothing_but_the_seed_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself, Hypothesis tries numbers from the source of loaded modules too."""
    before = tried(1)
    numbers = [random.Random(number).getrandbits(60) for number in range(200)]
    (tmp_path / "just_loaded.py").write_text(f"NUMBERS = {numbers}\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("just_loaded")
    try:
        assert tried(1) == before
    finally:
        del sys.modules["just_loaded"]
