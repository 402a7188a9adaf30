"""Several implementations side by side."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.report.files import FORMATS
from partially_conformance.report.matrix import as_markdown, as_text
from partially_conformance.report.side_by_side import side_by_side
from partially_conformance.report.to_json import _NEW_IN_2
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.results import ObservedChoice, Report, RuleResult, Selection, Status, Verdict
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.rules.search import Search

RULES = load_catalogue().rules[:3]
CHOICE = load_catalogue().choices[0]


def report(
    name: str, *statuses: Status, exit_code: int = 0, form: str | None = None, reason: str | None = None
) -> Report:
    verdict = {0: Verdict.CONFORMS, 1: Verdict.VIOLATES, 3: Verdict.NO_VERDICT}[exit_code]
    return Report(
        suite_version="0.1.0",
        spec_version="1.0",
        target_name=name,
        base_url="http://127.0.0.1:1/api",
        seed=0,
        effort="standard",
        started_at=datetime(2026, 1, 31, tzinfo=UTC),
        seconds=1.0,
        requests=1,
        selection=Selection(),
        verdict=verdict,
        exit_code=exit_code,
        reason=reason,
        rules=tuple(RuleResult(rule, status) for rule, status in zip(RULES, statuses, strict=False)),
        choices=(ObservedChoice(CHOICE, form),) if form else (),
    )


PASSED, FAILED, NOT_TESTED = Status.PASSED, Status.FAILED, Status.NOT_TESTED


@pytest.mark.parametrize(
    ("codes", "worst"), [((0, 0), 0), ((0, 3), 3), ((3, 1), 1), ((1, 0, 3), 1), ((3, 3), 3)]
)
def test_the_worst_exit_code_counts(codes: tuple[int, ...], worst: int) -> None:
    assert side_by_side([report("acme", PASSED, exit_code=code) for code in codes]).exit_code == worst


def test_only_rows_that_differ_or_fail_are_shown_unless_all_are_asked_for() -> None:
    matrix = side_by_side(
        [
            report("acme", PASSED, FAILED, NOT_TESTED, exit_code=1, form="200"),
            report("other", PASSED, PASSED, NOT_TESTED, form="201"),
            report("other", PASSED, PASSED, exit_code=3, reason="it | died\x1b[31m"),
        ]
    )
    first, second, third = (rule.id for rule in RULES)
    lines = [line.split() for line in as_text(matrix).splitlines()]
    assert lines[0] == ["rule", "level", "acme", "other", "other", "2"]
    shown = [line[0] for line in lines if line and line[0] in (first, second, third)]
    assert shown == [second, third]
    assert ["passed", "1", "2", "2"] in lines
    assert ["verdict", "conforms"] not in lines
    assert "200" in as_text(matrix)
    assert "other 2: it | died\\x1b[31m" in as_text(matrix)
    assert first in as_text(matrix, verbose=True)
    assert "it \\| died" in as_markdown(matrix)


def test_choices_that_are_alike_or_seen_once_are_not_shown() -> None:
    alike = side_by_side([report("acme", PASSED, form="200"), report("other", PASSED, form="200")])
    once = side_by_side([report("acme", PASSED, form="200"), report("other", PASSED)])
    for matrix in (alike, once):
        assert CHOICE.title not in as_text(matrix) + as_markdown(matrix)
        assert CHOICE.title in as_text(matrix, verbose=True)


@fault("SEARCH-4", says="Nobody is found by a first name.")
class NoFirstNames(Search):
    """Looks at last names only."""

    def name_columns(self) -> Any:
        return tuple(column for column in super().name_columns() if "last" in column.name)


def test_two_servers_are_checked_one_after_the_other(commands: Any, reference: Any, tmp_path: Path) -> None:
    good = dataclasses.replace(reference(), name="good")
    bad = dataclasses.replace(reference(NoFirstNames.conformance_overlay), name="bad")
    outputs = tmp_path / "out.json", tmp_path / "out.md"
    ended = commands(
        "matrix", commands.target_file(good), "--json", outputs[0], "--markdown", outputs[1],
        "--rules", "SEARCH-1", "SEARCH-4", commands.target_file(bad),
    )  # fmt: skip
    assert ended.code == 1
    lines = [re.split(" {2,}", line) for line in ended.out.splitlines() if line.strip()]
    rows = {line[0]: line[1:] for line in lines}
    assert rows["SEARCH-4"] == ["must", "passed", "failed"]
    assert "SEARCH-1" not in rows
    of = "for SEARCH-1, SEARCH-4 (2 of 163 rules)"
    assert rows["verdict"] == [f"conforms {of}", f"violates {of}"]
    data = json.loads(outputs[0].read_text())
    assert data["targets"] == [
        {"name": "good", "verdict": "conforms", "exit_code": 0},
        {"name": "bad", "verdict": "violates", "exit_code": 1},
    ]
    assert [row["statuses"] for row in data["rules"]] == [
        {"good": "passed", "bad": "passed"},
        {"good": "passed", "bad": "failed"},
    ]
    assert [one["target"]["name"] for one in data["reports"]] == ["good", "bad"]
    assert "| SEARCH-4 | must | passed | failed |" in outputs[1].read_text()


def test_reports_stand_beside_each_other_without_a_new_run(commands: Any, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(FORMATS["json"](report("acme", PASSED, PASSED, form="200")))
    new.write_text(
        FORMATS["json"](report("acme", PASSED, FAILED, exit_code=1, form="201", reason="failed: x"))
    )
    out = tmp_path / "out.json"
    ended = commands("matrix", old, new, "--json", out)
    assert (ended.code, ended.err) == (1, "")
    rows = [line.split() for line in ended.out.splitlines() if line]
    assert [RULES[1].id, RULES[1].level.value, "passed", "failed"] in rows
    assert "acme 2: failed: x" in ended.out
    data = json.loads(out.read_text())
    assert [one["name"] for one in data["targets"]] == ["acme", "acme 2"]
    assert data["reports"] == [json.loads(path.read_text()) for path in (old, new)]


def test_a_report_that_does_not_say_what_it_covers_is_refused(commands: Any, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    data = json.loads(FORMATS["json"](report("acme", PASSED)))
    for key in _NEW_IN_2:
        del data[key]
    for entry in data["rules"]:
        del entry["seconds"]
    path.write_text(json.dumps(data | {"schema_version": 1}))
    ended = commands("matrix", path, path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"partially-conformance matrix: {path}: schema_version 1 does not say what the verdict covers;"
        " write the report again with this version of the suite (2)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected at least two target files or reports, got 0"),
        (["one.toml"], "expected at least two target files or reports, got 1"),
        (["--rules", "one.toml", "two.toml"], "--rules: expected a pattern such as 'GDPR-*', got none"),
        (["one.toml", "two.toml", "--json", "two.toml"], "--json: two.toml is read by the same run"),
        (["one.toml", "none.toml"], "none.toml: cannot be read"),
        (["one.toml", "two.toml", "--strict"], "unknown option '--strict'"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_one_line(
    commands: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one.toml", "two.toml"):
        Path(name).write_text('base_url = "http://127.0.0.1:1/api"\napi_key = "some-key"\n')
    ended = commands("matrix", *arguments)
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert message in ended.err
