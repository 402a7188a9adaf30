"""The self-test finds what is wrong with a suite, and writes the kill matrix."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.cli import main
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.selftest.cases import Case, CaseResult, Role, Trial, cases, kill_matrix
from partially_conformance.selftest.kill_matrix import as_json, as_markdown
from partially_conformance.selftest.workers import examine_all

FAULT = next(case for case in cases() if case.about == ("READ-2",))
VARIANT = next(case for case in cases() if case.role is Role.VARIANT)


def trial(*caught_by: str, seed: int = 0, exit_code: int = 1) -> Trial:
    return Trial(seed, exit_code, "conforms" if exit_code == 0 else "violates", None, caught_by, (), 1.0)


def problems(case: Case, *trials: Trial) -> tuple[str, ...]:
    return CaseResult(case, trials).problems


def test_a_fault_that_its_rule_catches_is_not_a_problem() -> None:
    assert problems(FAULT, trial("READ-2", "GDPR-1")) == ()


def test_a_fault_that_no_rule_catches_survives() -> None:
    assert problems(FAULT, trial()) == ("survives: READ-2 should have caught it",)


def test_a_fault_that_only_other_rules_catch_is_a_problem() -> None:
    assert problems(FAULT, trial("GDPR-1")) == ("READ-2 did not catch it, while GDPR-1 did",)


def test_a_fault_that_is_caught_only_with_some_seeds_is_a_problem() -> None:
    found = problems(FAULT, trial("READ-2", seed=0), trial(seed=1))
    assert "only with seed 1: the verdict depends on the seed" in found


def test_a_variant_must_conform() -> None:
    assert problems(VARIANT, trial("LIST-10", exit_code=0)) == ()
    assert problems(VARIANT, trial("LIST-1")) == ("conforms, but the verdict is violates: LIST-1",)


def test_a_rule_with_too_few_faults_is_a_problem() -> None:
    matrix = kill_matrix([CaseResult(FAULT, (trial("READ-2"),))], [0], all_cases=True)
    assert "rule READ-2: a must rule needs 2 faults, it catches 1" in matrix.problems
    assert len(matrix.proofs) == len(load_catalogue().rules)
    assert kill_matrix(matrix.results, [0], all_cases=False).problems == ()


def test_the_matrix_is_written_as_json_and_as_markdown() -> None:
    matrix = kill_matrix(
        [CaseResult(VARIANT, (trial(exit_code=0),)), CaseResult(FAULT, (trial(),))], [0], all_cases=True
    )
    written = json.loads(as_json(matrix))
    assert [one["name"] for one in written["faults"]] == [FAULT.name]
    assert [one["name"] for one in written["variants"]] == [VARIANT.name]
    assert written["problems"] == list(matrix.problems)
    assert f"| {FAULT.name} |" in as_markdown(matrix)
    assert "**not READ-2**" in as_markdown(matrix)
    assert "0 of 1 faults are caught" in as_markdown(matrix)


def test_the_command_tries_the_fault_that_matches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "matrix.json"
    assert main(["self-test", "--faults", "only-last-names", "--jobs", "1", "--json", str(path)]) == 0
    output = capsys.readouterr()
    assert "1 of 1 faults are caught" in output.out
    assert "fault only-last-names: caught" in output.err
    assert "SEARCH-4" in json.loads(path.read_text())["faults"][0]["trials"][0]["caught_by"]


def test_the_command_tries_the_variant_that_matches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["self-test", "--faults", "names-in-their-case", "--jobs", "1"]) == 0
    output = capsys.readouterr()
    assert "1 of 1 variants and stacks conform" in output.out
    assert "variant names-in-their-case: conforms" in output.err


def test_the_keys_of_the_cases_in_the_json_stay_as_published() -> None:
    keys = [role.json_key for role in Role]
    assert keys == ["faults", "variants", "profiles", "client_faults", "client_variants"]
    assert keys == list(json.loads(as_json(kill_matrix([], [0], all_cases=False))))[-len(keys) :]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--faults", "no-such-*"], "--faults: no fault, variant or stack matches 'no-such-*'"),
        (["--jobs", "0"], "--jobs: expected a whole number of 1 or above, got '0'"),
        (["--json", "/no/such/folder/x.json"], "there is no folder"),
    ],
)
def test_a_wrong_option_is_one_clear_line(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["self-test", *arguments]) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1


@pytest.fixture
def quick_work(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a module that other processes can import too, because its folder is on their path."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("quick_work")


def test_all_cases_are_examined_although_processes_are_replaced(quick_work: Any) -> None:
    many = cases()[:10]
    assert {result.case for result in examine_all(many, [0], 1, quick_work.catch_at_once)} == set(many)


def test_a_process_that_dies_affects_one_case(quick_work: Any) -> None:
    results = examine_all([FAULT, VARIANT], [0, 1], 1, quick_work.die_of_a_fault)
    by_case = {result.case: result for result in results}
    assert [trial.reason for trial in by_case[FAULT].trials] == ["the process in which it ran died"] * 2
    assert by_case[FAULT].problems == ("survives: READ-2 should have caught it",)
    assert by_case[VARIANT].trials[0].reason is None
