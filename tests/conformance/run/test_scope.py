"""Which rules a run looks at, and what it says of those it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.check import Check
from partially_conformance.run import runner
from partially_conformance.run.options import Profile, RunOptions
from partially_conformance.run.runner import NO_CHECK, rules_in_scope
from partially_conformance.target.configuration import ConfigurationError

RULES = load_catalogue().rules
PLAIN, SHAPE, READS, BARE = RULES[:4]


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite in which one rule has a check of each kind, and one has none."""
    found = [Check(PLAIN.id), Check(SHAPE.id, shape=True), Check(READS.id, read_only=True), Check(READS.id)]
    monkeypatch.setattr(runner, "all_checks", lambda: [(one, lambda: None) for one in found])


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        ({}, [PLAIN, SHAPE, READS, BARE]),
        ({"profile": Profile.SHAPE}, [SHAPE, BARE]),
        ({"read_only": True}, [READS, BARE]),
        ({"profile": Profile.SHAPE, "read_only": True}, [BARE]),
    ],
)
def test_what_a_profile_has_no_room_for_is_left_out_and_what_has_no_check_is_not(
    checks: None, options: dict[str, Any], rules: list[Any]
) -> None:
    asked = RunOptions(target=None, rules=RULES[:4], **options)
    assert list(rules_in_scope(asked)) == rules


def test_a_selection_that_leaves_nothing_is_an_error(checks: None) -> None:
    options = RunOptions(target=None, rules=(PLAIN,), profile=Profile.SHAPE, read_only=True)
    with pytest.raises(
        ConfigurationError, match="no selected rule can be checked with --profile shape and --read-only"
    ):
        rules_in_scope(options)


def test_such_an_error_comes_before_anything_is_started(
    commands: Any, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "all_checks", lambda: [(Check("GDPR-1"), lambda: None)])
    path = commands.target_file(base_url=f"http://127.0.0.1:{closed_port}/api")
    started = path.parent / "started"
    path.write_text(path.read_text() + f'[start]\ncommand = ["touch", "{started}"]\n')
    ended = commands.run(path, "--rules", "GDPR-1", "--read-only")
    assert (ended.code, ended.out, ended.report) == (2, "", {})
    assert ended.err.count("\n") == 1
    assert "run: no selected rule can be checked with --read-only" in ended.err
    assert not started.exists()


def test_a_rule_without_a_check_is_not_tested_and_says_so(
    commands: Any, reference: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "all_checks", list)
    path = commands.target_file(reference())
    monkeypatch.setattr("partially_conformance.run.engine.MODULES", ())
    ended = commands.run(path, "--rules", "READ-1")
    assert ended.code == 3
    assert [(rule["status"], rule["reason"]) for rule in ended.report["rules"]] == [("not_tested", NO_CHECK)]
    assert "reason: no rule could be tested" in ended.out
