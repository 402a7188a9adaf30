"""Comparing tiny documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partially_generator.diff.changes.findings import Change
from partially_generator.diff.comparing.documents import changes_between
from partially_spec import Document

Json = dict[str, Any]
Compare = Callable[[Json, Json], tuple[Change, ...]]


@pytest.fixture
def compare() -> Compare:
    """What changed from one document, given as data, to another."""

    def changes(old: Json, new: Json) -> tuple[Change, ...]:
        return changes_between(Document(old, Path("old.yaml")), Document(new, Path("new.yaml")))

    return changes
