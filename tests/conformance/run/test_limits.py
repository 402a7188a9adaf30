"""A run ends early at its limits, in good order, and gives no verdict on what it has not seen."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from starlette.responses import Response

from partially_conformance.rules.catalogue import Level, load_catalogue
from partially_conformance.rules.results import RuleResult, Status
from partially_conformance.run.known_failures import KnownFailure, KnownFailures
from partially_conformance.run.limits import Limits
from partially_conformance.run.options import RunOptions
from partially_conformance.selftest.overlays.servers import Overlay
from partially_conformance.traffic.check_end import TimeIsUp
from partially_conformance.traffic.exchange import Request
from partially_conformance.traffic.transport import Transport
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.rules.search import Search

RULES = load_catalogue().of_servers
MUST = [rule for rule in RULES if rule.level is Level.MUST]
SHOULD = [rule for rule in RULES if rule.level is Level.SHOULD]


def overlay(component: type) -> Overlay:
    return Overlay("broken", "It is broken.", (), (component,))


def limits(**options: Any) -> Limits:
    return Limits(RunOptions(target=None, rules=RULES, **options))


def failed(*rules: Any, status: Status = Status.FAILED) -> list[RuleResult]:
    return [RuleResult(rule, status) for rule in rules]


def test_only_failures_that_decide_the_verdict_count() -> None:
    known = KnownFailures((KnownFailure(MUST[0].id, "bug", None, None, "known.toml"),))
    assert limits(max_failures=2).reached(failed(*MUST[:2])) == "2 rules failed (--max-failures 2)"
    assert limits(max_failures=1).reached(failed(MUST[0])) == "1 rule failed (--max-failures 1)"
    assert limits(max_failures=1).reached(failed(SHOULD[0])) is None
    assert limits(max_failures=1, strict=True).reached(failed(SHOULD[0])) is not None
    assert limits(max_failures=1, known_failures=known).reached(failed(MUST[0])) is None
    assert limits(max_failures=1, known_failures=known).reached(failed(*MUST[:2])) is not None
    for status in set(Status) - {Status.FAILED}:
        assert limits(max_failures=1).reached(failed(*MUST, status=status)) is None
    assert limits().reached(failed(*MUST)) is None


def test_no_request_is_sent_after_the_deadline(tiny: Any) -> None:
    server = tiny(lambda _seen, line: line.answer(200))
    request = Request("GET", f"{server.url}/", "/")
    with Transport(timeout=5) as transport:
        transport.deadline = time.monotonic() + 60
        assert transport.send(request).response is not None
        transport.deadline = time.monotonic()
        with pytest.raises(TimeIsUp):
            transport.send(request)
        transport.deadline = None
        transport.send(request)
    assert len(server.seen) == 2


class NoFirstNames(Search):
    """Looks at last names only."""

    def name_columns(self) -> Any:
        return tuple(column for column in super().name_columns() if "last" in column.name)


def test_a_run_ends_after_so_many_failures_and_says_so(commands: Any, reference: Any) -> None:
    path = commands.target_file(reference(overlay(NoFirstNames)))
    ended = commands.run(path, "--rules", "SEARCH-*", "--effort", "quick", "--max-failures", "1")
    assert ended.code == 1, ended.out
    statuses = [rule["status"] for rule in ended.report["rules"]]
    assert statuses.count("failed") == 1
    assert "not_tested" in statuses
    early = "1 rule failed (--max-failures 1)"
    assert ended.report["reason"].endswith(f"; the run ended early: {early}")
    assert ended.report["broken_off"] is True
    assert {rule["reason"] for rule in ended.report["rules"] if rule["status"] == "not_tested"} >= {early}
    assert "could not be removed" not in ended.out


class Slow(CustomersApi):
    """Takes its time for each list."""

    def list_customers(self, call: Call) -> Response:
        time.sleep(0.5)
        return super().list_customers(call)


def test_a_run_ends_when_its_time_is_over_in_the_middle_of_a_check(commands: Any, reference: Any) -> None:
    target = reference(overlay(Slow))
    path = commands.target_file(target)
    begun = time.monotonic()
    ended = commands.run(path, "--rules", "LIST-3", "LIST-4", "READ-1", "--max-time", "6")
    assert time.monotonic() - begun < 20  # LIST-3 alone takes longer
    assert (ended.code, ended.report["verdict"]) == (3, "no_verdict"), ended.out
    assert ended.report["reason"] == "the time of the run is over (--max-time 6)"
    assert ended.report["broken_off"] is True
    assert "passed" not in [rule["status"] for rule in ended.report["rules"] if rule["id"] == "READ-1"]
    assert "could not be removed" not in ended.out


def test_the_time_may_be_over_before_the_first_check(commands: Any, reference: Any) -> None:
    ended = commands.run(commands.target_file(reference()), "--rules", "READ-1", "--max-time", "0.000001")
    assert (ended.code, ended.report["requests"]) == (3, 0)
    assert "reason: the time of the run is over (--max-time 1e-06)" in ended.out


def test_what_failed_or_was_inconclusive_is_checked_again(commands: Any, reference: Any) -> None:
    broken = commands.target_file(reference(overlay(NoFirstNames)), name="broken")
    first = commands.run(broken, "--rules", "SEARCH-1", "SEARCH-4", "READ-1", "--effort", "quick")
    assert first.code == 1
    report = commands.folder / "first.json"
    data = first.report
    data["rules"][-1]["status"] = "inconclusive"
    report.write_text(json.dumps(data))
    again = [rule["id"] for rule in data["rules"] if rule["status"] in ("failed", "inconclusive")]
    second = commands.run(commands.target_file(reference(), name="good"), "--rerun", report)
    assert second.code == 0, second.out
    assert [rule["id"] for rule in second.report["rules"]] == again
    assert second.report["selection"]["rules"] == again
    assert f"verdict: conforms for {', '.join(again)} ({len(again)} of " in second.out
    third = commands.run(broken, "--rerun", commands.folder / "report.json")
    assert (third.code, third.out) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rerun", "REPORT", "--rules", "READ-1"], "--rerun: not together with --rules"),
        (["--rerun", "GOOD"], "--rerun: no rule failed or was inconclusive in GOOD"),
        (["--rerun", "REPORT"], "--rerun: REPORT: this suite has no rule READ-999"),
        (["--rerun", "none.json"], "none.json: cannot be read: No such file or directory"),
        (["--max-failures", "0"], "--max-failures: expected a whole number of 1 or above, got '0'"),
        (["--max-time", "0"], "--max-time: expected a number of seconds above 0, got '0'"),
        (["--max-time", "soon"], "--max-time: expected a number of seconds above 0, got 'soon'"),
    ],
)
def test_a_limit_that_cannot_be_used_is_told(
    commands: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(commands.folder)
    rule: dict[str, Any] = {
        "id": "READ-999", "area": "READ", "level": "must", "title": "x", "reason": None,
        "exchanges": 1, "failures": [],
    }  # fmt: skip
    report = {
        "schema_version": 1, "suite_version": "0.1.0", "spec_version": "1.0", "seed": 0, "effort": "quick",
        "target": {"name": "acme", "base_url": ""}, "seconds": 1.0, "requests": 1, "verdict": "conforms",
        "choices": [],
    }  # fmt: skip
    for name, status in (("REPORT", "failed"), ("GOOD", "passed")):
        (commands.folder / name).write_text(json.dumps(report | {"rules": [rule | {"status": status}]}))
    ended = commands("run", *arguments)
    assert (ended.code, ended.out, ended.err) == (2, "", f"partially-conformance run: {message}\n")
