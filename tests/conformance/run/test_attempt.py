"""What several tries of one check say together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.run import attempt
from partially_conformance.run.attempt import CheckOutcome, OutcomeKind, run_check
from partially_conformance.traffic.records import Failure

RULE = load_catalogue().select(["HTTP-3"])[0]
SUBJECT: Any = SimpleNamespace(bench=SimpleNamespace(offered=RULE.needs, recorder=SimpleNamespace(total=0)))
PASSED, FAILED, BLOCKED = OutcomeKind.PASSED, OutcomeKind.FAILED, OutcomeKind.BLOCKED


def outcome_of(kind: OutcomeKind) -> CheckOutcome:
    if kind is FAILED:
        return CheckOutcome(kind, failure=Failure("a refusal", "status 500", ()))
    return CheckOutcome(kind, reason="no customer could be made" if kind is BLOCKED else None)


@pytest.mark.parametrize(
    ("tries", "kind"),
    [
        ([PASSED], PASSED),
        ([BLOCKED], BLOCKED),
        ([FAILED, FAILED, FAILED], FAILED),
        ([FAILED, PASSED], OutcomeKind.INCONCLUSIVE),
        ([FAILED, FAILED, PASSED], OutcomeKind.INCONCLUSIVE),
        ([FAILED, BLOCKED, PASSED], OutcomeKind.INCONCLUSIVE),
        ([FAILED, BLOCKED, FAILED, FAILED], FAILED),
        ([FAILED, FAILED, BLOCKED, BLOCKED, BLOCKED, BLOCKED], FAILED),
        ([FAILED, BLOCKED, BLOCKED, BLOCKED, BLOCKED, BLOCKED], OutcomeKind.INCONCLUSIVE),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_a_failure_is_believed_when_it_comes_again_and_never_goes(
    monkeypatch: pytest.MonkeyPatch, tries: list[OutcomeKind], kind: OutcomeKind
) -> None:
    left = [outcome_of(one) for one in tries]
    monkeypatch.setattr(attempt, "_attempt", lambda _subject, _function: left.pop(0))
    assert run_check(SUBJECT, RULE, lambda: None).kind is kind
    assert not left


def test_what_came_and_went_is_told_with_what_stood_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [outcome_of(one) for one in [FAILED, *[BLOCKED] * 5]]
    monkeypatch.setattr(attempt, "_attempt", lambda _subject, _function: left.pop(0))
    assert run_check(SUBJECT, RULE, lambda: None).reason == (
        "failed 1 time, then blocked (no customer could be made): expected a refusal; observed status 500"
    )
