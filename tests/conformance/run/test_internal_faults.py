"""Faults of the suite itself: every report that was asked for is written, and the exit code is 3."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.cli import main
from partially_conformance.report import files
from partially_conformance.run import engine, runner
from partially_conformance.run.attempt import run_check
from partially_conformance.run.target_subject import TargetSubject

FORMS = ("json", "junit", "html", "markdown")


def fails(*_arguments: Any, **_keywords: Any) -> Any:
    raise OverflowError("too large")


def fails_at_the_third(*arguments: Any) -> Any:
    fails_at_the_third.calls += 1  # type: ignore[attr-defined]
    return run_check(*arguments) if fails_at_the_third.calls < 3 else fails()  # type: ignore[attr-defined]


@pytest.fixture
def ended(commands: Any, reference: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> tuple[int, dict[str, Any], str, str]:
        path = commands.target_file(reference())
        outputs = {form: tmp_path / f"report.{form}" for form in FORMS}
        options = [word for form, file in outputs.items() for word in (f"--{form}", str(file))]
        rules = ("--rules", "LIST-1", "CREATE-1", "UPDATE-1", "SEARCH-1")
        code = main(["run", str(path), *rules, *options, *arguments])
        captured = capsys.readouterr()
        missing = [form for form, file in outputs.items() if not file.exists() or not file.stat().st_size]
        assert missing == []
        return code, json.loads(outputs["json"].read_text()), captured.out, captured.err

    return run


@pytest.mark.parametrize(
    ("where", "name", "tested"),
    [
        (TargetSubject, "pass_gate", False),
        (TargetSubject, "missing", True),
        (TargetSubject, "clean_up", True),
        (TargetSubject, "remarks", True),
        (runner, "run_checks", False),
    ],
)
def test_a_fault_anywhere_in_a_run_costs_no_report(
    ended: Any, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, tested: bool
) -> None:
    monkeypatch.setattr(where, name, fails)
    code, report, out, err = ended()
    assert (code, report["verdict"]) == (3, "no_verdict")
    assert "reason: error in the suite: OverflowError: too large (fails, line " in out
    assert "Traceback" not in out + err
    if name != "remarks":
        assert {rule["status"] for rule in report["rules"]} == {"passed" if tested else "not_tested"}


def test_what_was_seen_before_the_fault_is_in_the_report(ended: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fails_at_the_third.calls = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(engine, "run_check", fails_at_the_third)
    code, report, _, _ = ended()
    assert code == 3
    statuses = [rule["status"] for rule in report["rules"]]
    assert statuses.count("passed") >= 1
    assert statuses.count("not_tested") >= 1
    assert {rule["reason"] for rule in report["rules"] if rule["status"] == "not_tested"} == {
        next(line for line in [report["rules"][-1]["reason"]])
    }


def test_a_fault_after_the_run_costs_no_report(ended: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partially_conformance.bench.run_folder.RunFolder.close", fails)
    code, report, out, _ = ended()
    assert code == 3
    assert {rule["status"] for rule in report["rules"]} == {"passed"}
    assert "reason: error in the suite: " in out


@pytest.mark.parametrize("form", FORMS)
def test_a_fault_in_one_form_costs_no_other(
    commands: Any,
    reference: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    monkeypatch.setattr(files, "FORMATS", {**files.FORMATS, form: fails})
    path = commands.target_file(reference())
    options = [word for one in FORMS for word in (f"--{one}", str(tmp_path / f"report.{one}"))]
    assert main(["run", str(path), "--rules", "LIST-1", *options]) == 3
    written = {one for one in FORMS if (tmp_path / f"report.{one}").exists()}
    assert written == set(FORMS) - {form}
    assert f"report.{form}: error in the suite: OverflowError: too large" in capsys.readouterr().err


def test_the_traceback_is_shown_only_on_request(ended: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTIALLY_DEBUG", "1")
    monkeypatch.setattr(TargetSubject, "missing", fails)
    assert "Traceback" in ended()[3]


@pytest.mark.parametrize(
    "retry_after", ["99999999999999999999", "Wed, 21 Oct 99999999999999999999 07:28:00 GMT"]
)
def test_no_retry_after_ends_a_run_without_a_report(tiny: Any, bounded_run: Any, retry_after: str) -> None:
    server = tiny(lambda _seen, line: line.json(429, {"message": "no"}, retry_after=retry_after))
    ended = bounded_run(server.url)
    assert ended.code == 3
    assert "the target kept answering with status 429" in ended.out
