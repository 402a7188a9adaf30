"""A check with several cases tells each that fails, as far as each fails every time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.run.attempt import CheckOutcome, OutcomeKind, run_check
from partially_conformance.selftest.overlays.servers import Overlay
from partially_conformance.traffic.cases import Cases
from partially_conformance.traffic.check_end import Blocked, NoAnswer, Violation
from partially_conformance.traffic.recorder import Recorder
from partially_conformance.traffic.redaction import Secrets
from partially_reference.http.routing import Reader

RULE = load_catalogue().rule("HTTP-3")


class Subject:
    """A subject on which checks run without any request."""

    def __init__(self, excused: str = "", doubtful: str = "") -> None:
        self.bench = SimpleNamespace(
            offered=RULE.needs, recorder=Recorder(), secrets=Secrets(), cases=Cases()
        )
        self._excused, self._doubtful = excused, doubtful

    def checking(self, _rule: object) -> Any:
        return nullcontext()

    def before_attempt(self) -> None:
        """Nothing to undo."""

    def excuse(self, end: Any) -> str | None:
        return "because READ-1 fails" if getattr(end, "observed", None) == self._excused else None

    def doubt(self, violation: Violation, *, exhausting: bool) -> str | None:
        assert not exhausting
        return "it may be locked out" if violation.observed == self._doubtful else None


def outcome_of(function: Callable[[Cases], None], **subject: str) -> CheckOutcome:
    fake: Any = Subject(**subject)

    def check(cases: Cases) -> None:
        function(cases)

    return run_check(fake, RULE, check)


def observed(outcome: CheckOutcome) -> list[str]:
    return [failure.observed for failure in outcome.failures]


def failing(*names: str, of: str = "abcd") -> Callable[[Cases], None]:
    def check(cases: Cases) -> None:
        for name in of:
            with cases.next():
                if name in names:
                    raise Violation("it to be refused", name)

    return check


def test_each_case_that_fails_is_a_failure() -> None:
    outcome = outcome_of(failing("b", "d"))
    assert (outcome.kind, observed(outcome)) == (OutcomeKind.FAILED, ["b", "d"])
    assert outcome.failure == outcome.failures[0]
    assert outcome_of(failing()).kind is OutcomeKind.PASSED


def test_what_fails_outside_of_the_cases_ends_the_check_and_joins_them() -> None:
    def check(cases: Cases) -> None:
        failing("b")(cases)
        raise Violation("a page", "none")

    assert observed(outcome_of(check)) == ["b", "none"]


def test_no_case_follows_one_without_a_response() -> None:
    begun: list[str] = []

    def check(cases: Cases) -> None:
        for name in "abc":
            with cases.next():
                begun.append(name)
                if name == "a":
                    raise Violation("it to be refused", name)
                raise NoAnswer("a response", name)

    assert observed(outcome_of(check)) == ["a", "b"]
    assert "c" not in begun


def test_a_failed_case_counts_where_a_later_step_is_blocked() -> None:
    def check(cases: Cases) -> None:
        failing("a")(cases)
        raise Blocked("no customer could be created")

    outcome = outcome_of(check)
    assert (outcome.kind, observed(outcome)) == (OutcomeKind.FAILED, ["a"])


def changing(*attempts: str) -> Callable[[Cases], None]:
    """A check that fails in other cases in each attempt."""
    left = iter(attempts)

    def check(cases: Cases) -> None:
        failing(*next(left))(cases)

    return check


def test_only_cases_that_fail_in_every_attempt_are_told() -> None:
    outcome = outcome_of(changing("abd", "bd", "bcd"))
    assert (outcome.kind, observed(outcome)) == (OutcomeKind.FAILED, ["b", "d"])


def test_a_check_that_fails_each_time_in_another_case_has_failed_with_one_failure() -> None:
    outcome = outcome_of(changing("a", "b", "c"))
    assert (outcome.kind, observed(outcome)) == (OutcomeKind.FAILED, ["c"])


def test_a_check_whose_cases_pass_later_is_inconclusive() -> None:
    assert outcome_of(changing("ab", "")).kind is OutcomeKind.INCONCLUSIVE


def test_cases_that_another_rule_is_about_or_that_are_in_doubt_do_not_count_beside_others() -> None:
    outcome = outcome_of(failing("a", "b", "c"), excused="a", doubtful="b")
    assert (outcome.kind, observed(outcome)) == (OutcomeKind.FAILED, ["c"])
    blocked = outcome_of(failing("a"), excused="a")
    assert (blocked.kind, blocked.reason) == (OutcomeKind.BLOCKED, "because READ-1 fails")
    doubtful = outcome_of(failing("a", "b"), excused="a", doubtful="b")
    assert (doubtful.kind, doubtful.reason) == (OutcomeKind.INCONCLUSIVE, "it may be locked out")


class TwoQueriesBreakIt(Reader):
    """Fails at two kinds of malformed queries."""

    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        query = request.scope["query_string"]
        if b"%ff" in query or query == b"q[]=a":
            raise RuntimeError("out of order")
        return super().sent_query(request)


@pytest.mark.parametrize("read_only", [[], ["--read-only"]])
def test_a_run_tells_all_queries_that_break_a_target(
    commands: Any, reference: Any, read_only: list[str]
) -> None:
    target = reference(Overlay("broken", "It is broken.", (), (TwoQueriesBreakIt,)))
    ended = commands.run(commands.target_file(target), "--rules", "SEARCH-16", "-v", *read_only)
    assert ended.code == 1, ended.out
    (rule,) = ended.report["rules"]
    asked = [failure["exchanges"][-1]["request"]["url"].partition("?")[2] for failure in rule["failures"]]
    assert asked == ["q=%ff", "q[]=a"]
    assert {cause["rules"][0] for cause in ended.report["causes"]} == {"SEARCH-16"}
