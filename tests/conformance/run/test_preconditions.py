"""A rule whose precondition fails is not tested: another rule is about that, and fails alone."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response

from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.results import Report, Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.selftest.overlays.servers import Overlay, serving
from partially_reference.http.answers import Answers
from partially_reference.http.customers import CustomersApi


class NumbersAsTexts(Answers):
    """Writes the numbers of the envelope as JSON strings."""

    def page(self, page: dict[str, Any]) -> Response:
        texts = {name: str(value) for name, value in page.items() if name != "customers"}
        return self.json({**texts, "customers": [self.shown(one) for one in page["customers"]]})


class NullForAnEmptyList(Answers):
    """Writes null for an empty list."""

    def page(self, page: dict[str, Any]) -> Response:
        return self.json({**page, "customers": [self.shown(one) for one in page["customers"]] or None})


class TimesWithAZone(Answers):
    """Writes creation times with a time zone."""

    def shown(self, customer: dict[str, Any]) -> dict[str, Any]:
        shown = super().shown(customer)
        return {**shown, "inserted_at": f"{shown['inserted_at']}Z"}


class NoUpdate(CustomersApi):
    """Fails at every update."""

    def update_customer(self, *arguments: Any, **keywords: Any) -> Any:
        return self.answers.json({"message": "out of order"}, 500)


def report_on(component: type, *patterns: str) -> Report:
    rules = load_catalogue().select(patterns)
    rules = tuple(rule for rule in rules if rule.area != "CLIENT")
    with serving(Overlay("broken", "It is broken.", (), (component,))) as target:
        return run(RunOptions(target=target, rules=rules, effort=Effort.QUICK, disposable=True), Silent())


def ids(report: Report, status: Status) -> list[str]:
    return [result.rule.id for result in report.rules if result.status is status]


@pytest.mark.parametrize(
    ("component", "failed"),
    [
        (NumbersAsTexts, ["LIST-1"]),
        (NullForAnEmptyList, ["LIST-1"]),
        (TimesWithAZone, ["READ-4"]),
        (NoUpdate, ["UPDATE-1"]),
    ],
)
def test_one_cause_fails_one_rule(component: type, failed: list[str]) -> None:
    report = report_on(component)
    assert ids(report, Status.FAILED) == failed
    assert report.exit_code == 1
