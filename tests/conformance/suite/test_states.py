"""What the checks of long lists, providers and framings need, and what they cannot observe."""

from __future__ import annotations

from dataclasses import replace

import pytest

from partially_conformance.bench.bench import Bench, bench_for
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.results import RuleResult, Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.selftest.overlays.servers import serving
from partially_conformance.suite import all_checks
from partially_conformance.suite.servers.shared.lists import LONG_LIST, customers_of_run, make_list_long
from partially_conformance.target.target import Target
from partially_reference.app import API_PATH, create_app
from partially_reference.serving import running
from partially_reference.settings import Settings

CATALOGUE = load_catalogue()


def _only(target: Target, *rules: str) -> dict[str, RuleResult]:
    options = RunOptions(target=target, rules=CATALOGUE.select(rules), effort=Effort.QUICK, disposable=True)
    return {result.rule.id: result for result in run(options, Silent()).rules}


@pytest.mark.parametrize("rule", ["CREATE-25", "HTTP-19"])
def test_a_live_target_is_not_asked_for_what_may_concern_others(rule: str) -> None:
    with serving() as target:
        result = _only(replace(target, live=True), rule)[rule]
    assert (result.status, result.exchanges) == (Status.NOT_TESTED, 0)


def test_the_case_of_a_key_without_letters_cannot_be_observed() -> None:
    with running(create_app(Settings(api_keys=("1234567890123456",)))) as address:
        target = Target(name="digits", base_url=address + API_PATH, api_key="1234567890123456")
        results = _only(target, "AUTH-3", "AUTH-18")
    assert results["AUTH-3"].status is Status.PASSED
    assert (results["AUTH-18"].status, results["AUTH-18"].reason) == (
        Status.NOT_TESTED,
        "the key has no letters",
    )


@pytest.mark.parametrize("key", ["0a1b2c3d4e5f0a1b2c3d4e5f", "KEY-OF-CAPITALS-1234", "Mixed-Key-0123456789"])
def test_the_case_of_any_key_with_letters_is_changed(key: str) -> None:
    with running(create_app(Settings(api_keys=(key,)))) as address:
        target = Target(name="letters", base_url=address + API_PATH, api_key=key)
        result = _only(target, "AUTH-18")["AUTH-18"]
    assert (result.status, result.reason) == (Status.PASSED, None)


def _filled(bench: Bench) -> int:
    make_list_long(bench.api, bench.given, bench.journal, bench.target)
    return len(customers_of_run(bench.api, bench.journal))


def test_a_list_is_filled_once_and_only_on_this_machine() -> None:
    with serving() as target, bench_for(target) as bench:
        assert _filled(bench) == LONG_LIST
        before = bench.recorder.total
        assert _filled(bench) == LONG_LIST
        assert bench.recorder.total == before
    with serving() as target, bench_for(replace(target, live=True)) as bench:
        assert _filled(bench) == 0


def test_late_checks_come_after_those_that_create_customers() -> None:
    late = {found.rule for found, _ in all_checks() if found.late}
    assert late == {"AUTH-6", "LIST-2", "LIST-3", "READ-1"}
    with serving() as target:
        results = _only(target, "CREATE-1", *late)
    assert {result.status for result in results.values()} == {Status.PASSED}
    assert next(iter(results)) == "CREATE-1"
