"""What a verdict rests on besides the rules that were selected."""

from __future__ import annotations

from typing import Any

import pytest

from partially_conformance.bench.bench import bench_for
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.results import Verdict
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.selftest.overlays.servers import Overlay, serving
from partially_reference.http.customers import CustomersApi
from partially_reference.rules.refusals import NotFound


class NoRemoval(CustomersApi):
    """Refuses every removal."""

    def gdpr_remove_customer(self, *arguments: Any, **keywords: Any) -> Any:
        raise NotFound("Not found")


def verdict_on(rule: str, *overlaid: Overlay) -> tuple[Verdict, str | None]:
    with serving(*overlaid) as target:
        rules = load_catalogue().select([rule])
        report = run(RunOptions(target=target, rules=rules, effort=Effort.QUICK), Silent())
    return report.verdict, report.reason


@pytest.mark.parametrize("rule", ["AUTH-12", "HTTP-2", "PASSWORD-12", "TOKEN-9"])
def test_a_rule_whose_checks_call_little_can_be_checked_alone(rule: str) -> None:
    assert verdict_on(rule) == (Verdict.CONFORMS, None)


def test_an_operation_that_never_works_leaves_no_verdict() -> None:
    broken = Overlay("no-removal", "Every removal is refused.", (), (NoRemoval,))
    assert verdict_on("HTTP-2", broken) == (Verdict.NO_VERDICT, "gdprRemoveCustomer never succeeded")


def test_a_target_without_customers_gets_no_verdict_from_reading_alone() -> None:
    """Whether a customer can be read is not to be seen, and the report says what to do about it."""
    rules = load_catalogue().select(["READ-4", "LIST-1"])
    with serving() as target:
        empty = run(RunOptions(target=target, rules=rules, read_only=True), Silent())
        with bench_for(target) as bench:
            bench.given.customer()
        filled = run(RunOptions(target=target, rules=rules, read_only=True), Silent())
    assert (empty.exit_code, filled.exit_code) == (3, 0)
    assert empty.reason == (
        "getCustomer never succeeded: the target may have no customers, and --read-only creates none"
    )
