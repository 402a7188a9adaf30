"""The published kill matrix has the faults, variants, stacks and rules of this version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.selftest.cases import Role, cases

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def published() -> Any:
    return json.loads((DOCS / "kill-matrix.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("role", Role)
def test_each_case_is_in_it(role: Role, published: Any) -> None:
    written = [(one["name"], tuple(one["about"])) for one in published[role.json_key]]
    assert written == [(case.name, case.about) for case in cases() if case.role is role]


def test_each_rule_is_in_it(published: Any) -> None:
    rules = [(one["id"], one["level"]) for one in published["rules"]]
    assert rules == [(rule.id, rule.level) for rule in load_catalogue().rules]


def test_it_has_no_problems(published: Any) -> None:
    assert published["problems"] == []


def test_the_page_is_of_the_same_run(published: Any) -> None:
    page = (DOCS / "kill-matrix.md").read_text(encoding="utf-8")
    assert "## Problems" not in page
    assert [one["name"] for one in published["faults"] if f"| {one['name']} |" not in page] == []
