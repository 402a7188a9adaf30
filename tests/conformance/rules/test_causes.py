"""Failures that several rules have in common are one cause."""

from __future__ import annotations

import dataclasses

import pytest

from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.causes import causes_of, without_values
from partially_conformance.rules.results import RuleResult, Status
from partially_conformance.traffic.records import ExchangeRecord, Failure, RequestRecord, ResponseRecord

RULES = {rule.id: rule for rule in load_catalogue().rules}
OWNER = next(
    rule for rule in RULES.values() if "CustomerPage" in rule.relied_on or "listCustomers" in rule.relied_on
)


def failure(
    expected: str = "page_number to be an integer",
    observed: str = "page_number is '1'",
    *,
    method: str = "GET",
    url: str = "http://127.0.0.1:1/api/customer?q=a",
    status: int = 200,
    topic: str | None = None,
) -> Failure:
    exchange = ExchangeRecord(RequestRecord(method, url, {}, None), ResponseRecord(status, {}, ""), "curl")
    return Failure(expected, observed, (exchange,), topic)


def result(rule_id: str, *failures: Failure, status: Status = Status.FAILED) -> RuleResult:
    return RuleResult(RULES[rule_id], status, None, 1, failures)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (failure(), failure(url="http://127.0.0.1:1/api/customer?q=b&page=2")),
        (failure("a search for 'x' to find a@b.co"), failure("a search for 'it\\'s' to find c@d.co")),
        (failure(observed='2 of "3"'), failure(observed='17 of "40"')),
        (
            failure(url="http://127.0.0.1:1/api/customer/596737ec-e529-455e-a198-d510cfc4fa00"),
            failure(url="http://127.0.0.1:1/api/customer/17"),
        ),
    ],
)
def test_failures_that_differ_in_values_have_one_cause(one: Failure, other: Failure) -> None:
    found = causes_of([result("READ-1", one), result("SEARCH-1", other)])
    assert [cause.rules for cause in found] == [("READ-1", "SEARCH-1")]
    assert (found[0].expected, found[0].observed) == (one.expected, one.observed)


@pytest.mark.parametrize(
    "other",
    [
        failure(expected="page_size to be an integer"),
        failure(observed="page_number is missing"),
        failure(method="PUT"),
        failure(url="http://127.0.0.1:1/api/customer/17"),
        failure(status=500),
        Failure("page_number to be an integer", "page_number is '1'", ()),
    ],
)
def test_another_expectation_place_operation_or_status_is_another_cause(other: Failure) -> None:
    found = causes_of([result("READ-1", failure()), result("SEARCH-1", other)])
    assert [cause.rules for cause in found] == [("READ-1",), ("SEARCH-1",)]


def test_the_rule_that_is_about_a_cause_comes_first() -> None:
    topic = next(iter(OWNER.relied_on))
    about = dataclasses.replace(failure("page_number to be 7"), topic=topic)
    others = [
        result("AUTH-1", failure("page_number to be 1")),
        result("AUTH-2", failure("page_number to be 2")),
    ]
    (cause,) = causes_of([*others, result(OWNER.id, about)])
    assert cause.rules == (OWNER.id, "AUTH-1", "AUTH-2")
    assert cause.expected == "page_number to be 7"
    (alone,) = causes_of([others[0], result("AUTH-2", about)])  # the owner did not fail
    assert alone.rules == ("AUTH-1", "AUTH-2")


def test_only_failed_rules_have_causes_and_each_is_in_a_cause_once() -> None:
    several = result("READ-1", failure(), failure(observed="page_number is '2'"), failure(status=500))
    others = [result("READ-2", failure(), status=one) for one in Status if one is not Status.FAILED]
    assert [cause.rules for cause in causes_of([several, *others])] == [("READ-1",), ("READ-1",)]


def test_values_are_left_out_and_names_are_not() -> None:
    text = "customers[3].email 'a\\'b' of x@y.co, \"z\", 596737ec-e529-455e-a198-d510cfc4fa00, 12.5"
    assert without_values(text) == "customers[…].email … of …, …, …, ….…"
