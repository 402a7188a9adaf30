"""`replay` sends the stories of a report again and says whether each still fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.overlays.servers import Overlay


def fault_of(rule: str) -> Overlay:
    return next(fault for fault in all_faults() if fault.about == (rule,))


@pytest.fixture
def report(commands: Any, reference: Any, tmp_path: Path) -> Path:
    """The report of a run on a server with two faults."""
    target = reference(fault_of("SEARCH-1"), fault_of("UPDATE-1"))
    commands.run(commands.target_file(target), "--rules", "SEARCH-1", "UPDATE-1", "READ-1")
    path = tmp_path / "of-the-broken.json"
    (tmp_path / "report.json").rename(path)
    return path


def customers(target: Any) -> int:
    answer = httpx2.get(f"{target.base_url}/customer", headers={"Authorization": f"Bearer {target.api_key}"})
    return int(answer.json()["total_entries"])


def test_a_story_still_fails_on_the_same_server(commands: Any, reference: Any, report: Path) -> None:
    target = reference(fault_of("SEARCH-1"), fault_of("UPDATE-1"))
    ended = commands("replay", report, commands.target_file(target))
    assert ended.code == 1
    *lines, count = ended.out.splitlines()
    assert {line.split()[0] for line in lines} == {"SEARCH-1", "UPDATE-1"}
    assert all(" still fails: " in line for line in lines)
    assert count == f"{len(lines)} stories: {len(lines)} still fail, 0 no longer fail, 0 cannot be told"
    assert customers(target) == 0


def test_no_story_fails_on_a_conforming_server(commands: Any, reference: Any, report: Path) -> None:
    target = reference()
    ended = commands("replay", report, commands.target_file(target))
    assert ended.code == 0
    assert " no longer fails: " in ended.out
    assert customers(target) == 0


def test_only_the_stories_of_the_named_rules_are_sent(commands: Any, reference: Any, report: Path) -> None:
    target = reference(fault_of("UPDATE-1"))
    path = commands.target_file(target)
    assert commands("replay", report, "SEARCH-*", path).code == 0
    assert commands("replay", report, path, "update-1").code == 1


def test_the_target_may_be_given_by_options(commands: Any, reference: Any, report: Path) -> None:
    target = reference()
    options = ["--base-url", target.base_url, "--api-key", target.api_key]
    assert commands("replay", report, *options).code == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "expected a target file or --api-key"),
        (["READ-1", "--api-key", "k"], "no rule with a story matches 'READ-1'"),
        (["a.toml", "b.toml"], "expected one target file"),
    ],
)
def test_wrong_usage_is_told(commands: Any, report: Path, words: list[str], complaint: str) -> None:
    ended = commands("replay", report, *words)
    assert ended.code == 2
    assert complaint in ended.err


def test_a_file_that_is_no_report_is_refused(commands: Any, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"some": "thing"}))
    ended = commands("replay", path, "--api-key", "k")
    assert (ended.code, "not a report" in ended.err) == (2, True)


def test_a_target_that_does_not_respond_is_no_verdict(commands: Any, report: Path, closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}/api"
    ended = commands("replay", report, "--base-url", url, "--api-key", "k")
    assert ended.code == 3
    assert "does not respond" in ended.err
