from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from partially_conformance.rules.catalogue import Catalogue, Level, Rule
from partially_conformance.rules.results import RuleResult, Status
from partially_conformance.run.known_failures import KnownFailuresError, apply, load_known_failures
from partially_conformance.traffic.records import Failure

TODAY = dt.date(2030, 1, 31)
LIST = """\
# not rule = "READ-1"
[[known]]
rule = "READ-1"
reason = "the clock is wrong"
link = "https://bugs.acme.test/1"

[[known]]
reason = "two searches"
rule = 'READ-2'
until = 2030-01-31
"""


def rule(rule_id: str) -> Rule:
    return Rule(rule_id, Level.MUST, "A title", "A statement.", "Customers", frozenset())


CATALOGUE = Catalogue(tuple(rule(f"READ-{number}") for number in range(1, 6)), ())


def write(folder: Path, text: str) -> Path:
    path = folder / "known.toml"
    path.write_text(text, encoding="utf-8")
    return path


def result(rule_id: str, status: Status, reason: str | None = None) -> RuleResult:
    failures = (Failure("this", "that", ()),) if status is Status.FAILED else ()
    return RuleResult(rule(rule_id), status, reason, 3, failures)


def test_a_listed_failure_is_forgiven_with_its_reason_and_keeps_its_story(tmp_path: Path) -> None:
    known = load_known_failures(write(tmp_path, LIST), CATALOGUE)
    before = [result(f"READ-{number}", Status.FAILED) for number in (1, 2, 3)]
    after, errors = apply(before, known, TODAY)
    assert [(entry.status, entry.reason) for entry in after] == [
        (Status.KNOWN_FAILURE, "the clock is wrong (https://bugs.acme.test/1)"),
        (Status.KNOWN_FAILURE, "two searches"),
        (Status.FAILED, None),
    ]
    assert after[0].failures == before[0].failures
    assert errors == ()


def test_a_listed_rule_that_passes_is_an_error_with_the_line_to_remove(tmp_path: Path) -> None:
    known = load_known_failures(write(tmp_path, LIST), CATALOGUE)
    passed = [result("READ-1", Status.PASSED), result("READ-2", Status.PASSED)]
    after, errors = apply(passed, known, TODAY)
    assert list(after) == passed
    assert errors == (
        f'{tmp_path}/known.toml:3: READ-1 passes now; remove the entry with the line: rule = "READ-1"',
        f'{tmp_path}/known.toml:9: READ-2 passes now; remove the entry with the line: rule = "READ-2"',
    )


def test_an_expired_entry_forgives_nothing(tmp_path: Path) -> None:
    known = load_known_failures(write(tmp_path, LIST), CATALOGUE)
    failed = [result("READ-2", Status.FAILED)]
    after, errors = apply(failed, known, TODAY + dt.timedelta(days=1))
    assert list(after) == failed
    assert errors == (
        (
            f"{tmp_path}/known.toml:9: READ-2 was allowed to fail until 2030-01-31;"
            ' remove the entry with the line: rule = "READ-2"'
        ),
    )


@pytest.mark.parametrize("status", [Status.NOT_TESTED, Status.INCONCLUSIVE])
def test_what_was_not_seen_clearly_is_not_forgiven(tmp_path: Path, status: Status) -> None:
    known = load_known_failures(write(tmp_path, LIST), CATALOGUE)
    unclear = [result("READ-1", status, "why")]
    assert apply(unclear, known, TODAY) == (tuple(unclear), ())


def test_entries_for_rules_that_were_not_run_are_left_alone(tmp_path: Path) -> None:
    known = load_known_failures(write(tmp_path, LIST), CATALOGUE)
    assert apply([result("READ-4", Status.PASSED)], known, dt.date(2040, 1, 1))[1] == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[known]]\nrule = "RAED-1"\nreason = "x"',
            (
                "known.toml:2: RAED-1 is not a rule (did you mean 'READ-1'?);"
                ' remove the entry with the line: rule = "RAED-1"'
            ),
        ),
        (
            '[[known]]\nrule = "READ-*"\nreason = "x"',
            "known.toml:2: READ-* is not a rule (did you mean",
        ),
        ('[[known]]\nrule = "READ-1"', "known.toml: reason is missing in [[known]] 1"),
        (
            '[[known]]\nrule = "READ-1"\nreason = " "',
            "known.toml: [[known]] 1.reason: expected a reason, got ' '",
        ),
        (
            '[[known]]\nrule = "READ-1"\nreason = "x"\nuntil = "2030-01-31"',
            "known.toml: [[known]] 1.until: expected a date, got a string ('2030-01-31')",
        ),
        (
            '[[known]]\nrule = "READ-1"\nreason = "x"\nuntil = 2030-01-31T10:00:00',
            "known.toml: [[known]] 1.until: expected a date, got a date and time (2030-01-31 10:00:00)",
        ),
        (
            '[[known]]\nrule = "READ-1"\nreason = "x"\n[[known]]\nrule = "READ-1"\nreason = "y"',
            "known.toml: READ-1 is listed twice",
        ),
        (
            '[[known]]\nrule = "READ-1"\nreasons = "x"',
            (
                "known.toml: unknown key 'reasons' in [[known]] 1 (did you mean 'reason'?);"
                " the keys are rule, reason, link, until"
            ),
        ),
        ('known = ["READ-1"]', "known.toml: known[0]: expected a table, got a string ('READ-1')"),
        ('[known]\nrule = "READ-1"', "known.toml: known: expected an array of tables, got a table"),
        ('[[rules]]\nrule = "READ-1"', "known.toml: unknown key 'rules'; the keys are known"),
    ],
)
def test_what_is_wrong_in_the_list_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KnownFailuresError) as caught:
        load_known_failures(write(tmp_path, text), CATALOGUE)
    assert str(caught.value).replace(f"{tmp_path}/", "").startswith(message)


def test_an_empty_list_knows_no_failure(tmp_path: Path) -> None:
    assert load_known_failures(write(tmp_path, "# none\n"), CATALOGUE).entries == ()
