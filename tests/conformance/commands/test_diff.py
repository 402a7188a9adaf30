from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.cli import main
from partially_conformance.report.comparison import compare

BASE: dict[str, Any] = {
    "schema_version": 1,
    "suite_version": "0.1.0",
    "spec_version": "1.0",
    "target": {"name": "acme", "base_url": "http://localhost/api"},
    "seed": 0,
    "effort": "standard",
    "seconds": 1.0,
    "requests": 10,
    "verdict": "conforms",
    "rules": [],
    "choices": [],
}


def report(statuses: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    rules = [
        {
            "id": rule_id,
            "area": rule_id.partition("-")[0],
            "level": "must",
            "title": f"Title of {rule_id}",
            "status": status,
            "reason": None if status in ("passed", "failed") else "a reason",
            "exchanges": 1,
            "failures": [],
        }
        for rule_id, status in (statuses or {}).items()
    ]
    return BASE | {"rules": rules} | changes


def choice(choice_id: str, observed: str) -> dict[str, str]:
    return {"id": choice_id, "title": f"Title of {choice_id}", "observed": observed}


def diff(folder: Path, before: dict[str, Any], after: dict[str, Any]) -> int:
    paths = [folder / "a.json", folder / "b.json"]
    for path, content in zip(paths, (before, after), strict=True):
        path.write_text(json.dumps(content))
    return main(["diff", *map(str, paths)])


@pytest.mark.parametrize(
    ("before", "after", "group"),
    [
        ("passed", "failed", "broken"),
        ("passed", "known_failure", "broken"),
        ("passed", "not_tested", "lost"),
        ("passed", "inconclusive", "lost"),
        ("failed", "passed", "repaired"),
        ("known_failure", "passed", "repaired"),
        ("not_tested", "failed", "found"),
        ("inconclusive", "known_failure", "found"),
        ("failed", "known_failure", "other"),
        ("failed", "not_tested", "other"),
        ("not_tested", "passed", "other"),
    ],
)
def test_each_change_of_a_status_is_in_its_group_alone(before: str, after: str, group: str) -> None:
    difference = compare(report({"READ-1": before}), report({"READ-1": after}))
    groups = {name: getattr(difference, name) for name in ("broken", "lost", "repaired", "found", "other")}
    assert [name for name, changes in groups.items() if changes] == [group]
    assert difference.regressed is (group in ("broken", "lost"))


def test_equal_reports_have_no_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same = report({"READ-1": "passed", "READ-2": "failed"}, choices=[choice("c", "201")])
    assert diff(tmp_path, same, same | {"seconds": 9.0, "requests": 11}) == 0
    assert capsys.readouterr().out == "0 regressions, 0 repaired\n"


def test_a_regression_is_told_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = report({"READ-1": "passed", "READ-2": "failed", "READ-3": "passed"})
    after = report({"READ-1": "failed", "READ-2": "passed", "READ-3": "not_tested"}, verdict="violates")
    assert diff(tmp_path, before, after) == 1
    assert capsys.readouterr().out.splitlines() == [
        "verdict: conforms → violates",
        "regressions: passed before, fail now:",
        "  READ-1 Title of READ-1: passed → failed",
        "regressions: passed before, not tested or inconclusive now:",
        "  READ-3 Title of READ-3: passed → not tested (a reason)",
        "repaired: failed before, pass now:",
        "  READ-2 Title of READ-2: failed → passed",
        "2 regressions, 1 repaired",
    ]


def test_a_change_of_suite_target_or_choice_is_told_and_is_no_regression(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = report(
        {"READ-1": "passed"}, choices=[choice("c", "201"), choice("gone", "x"), choice("same", "y")]
    )
    after = report(
        {"READ-2": "failed"},
        suite_version="0.2.0",
        spec_version="1.1",
        target={"name": "other", "base_url": "http://localhost/v2"},
        seed=3,
        effort="deep",
        choices=[choice("c", "200"), choice("same", "y"), choice("new", "z")],
    )
    assert diff(tmp_path, before, after) == 0
    assert capsys.readouterr().out.splitlines() == [
        "run:",
        "  target: acme → other",
        "  target address: http://localhost/api → http://localhost/v2",
        "  suite version: 0.1.0 → 0.2.0",
        "  spec version: 1.0 → 1.1",
        "  effort: standard → deep",
        "  seed: 0 → 3",
        "rules only in B:",
        "  READ-2 Title of READ-2: failed",
        "rules only in A:",
        "  READ-1 Title of READ-1: passed",
        "choices:",
        "  Title of c: 201 → 200",
        "  Title of new: not seen → z",
        "  Title of gone: x → not seen",
        "0 regressions, 0 repaired",
    ]


def test_a_file_that_is_no_report_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(tmp_path, report(), {"schema_version": 1}) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"partially-conformance diff: {tmp_path}/b.json: not a report: ")
    assert captured.err.count("\n") == 1
