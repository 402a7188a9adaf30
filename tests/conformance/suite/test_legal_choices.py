"""Choices that the text leaves open are accepted by every rule about them, and recorded."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest

from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import Level, Need, load_catalogue
from partially_conformance.rules.results import Report, Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.selftest.overlays.servers import Overlay, serving
from partially_conformance.selftest.variants.servers import all_variants
from partially_conformance.suite import all_checks
from partially_reference.http.harness import HarnessApi

CATALOGUE = load_catalogue()


def checked(rules: tuple[str, ...], *overlaid: Overlay) -> Report:
    with serving(*overlaid) as target:
        options = RunOptions(target=target, rules=CATALOGUE.select(rules), effort=Effort.QUICK)
        return run(options, Silent())


def variant(name: str) -> Overlay:
    return next(one for one in all_variants() if one.name == name)


LEGAL: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "every-word-searched": (
        ("SEARCH-*", "READ-9", "GDPR-6"),
        {"blank-in-query": "all of its words, with a comma: the whole query"},
    ),
    "any-word-searched": (
        ("SEARCH-*", "READ-9", "GDPR-6"),
        {"blank-in-query": "any of its words, with a comma: the whole query"},
    ),
    "words-and-phrases-searched": (
        ("SEARCH-*", "READ-9"),
        {
            "blank-in-query": "all of its words, with a comma: all of its words",
            "double-quotes": "the marks of a phrase",
        },
    ),
    "quotes-around-the-query-removed": (("SEARCH-*",), {"double-quotes": "the marks of a phrase"}),
    "last-page-repeated": (
        ("LIST-*", "SEARCH-13", "AUTH-6", "HTTP-7"),
        {"page-past-end": "the last page"},
    ),
    "newest-first": (("LIST-*",), {"list-order": "newest first"}),
    "limit50-bytes": (
        ("AUTH-*", "SEARCH-*", "CREATE-*", "UPDATE-*", "TOKEN-2", "HTTP-*"),
        {"long-values": "45 characters or more"},
    ),
    "lists-with-one-value-taken": (
        ("CREATE-9", "UPDATE-15", "UPDATE-19", "PASSWORD-9", "PASSWORD-13", "TOKEN-*", "HTTP-7"),
        {"list-for-text": "the text in it"},
    ),
    "any-json-is-an-object": (("CREATE-10", "UPDATE-8", "UPDATE-12", "HTTP-4", "HTTP-7"), {}),
    "blank-emails-keep-the-old": (
        ("UPDATE-1*", "READ-9"),
        {"blank-email-on-update": "accepted"},
    ),
    "deep-values-are-null": (("HTTP-4", "HTTP-7"), {"deep-body": "accepted"}),
    "empty-json-removal-refused": (
        ("GDPR-22", "GDPR-27", "HTTP-12"),
        {"labelled-removal": "refused with 400", "removal-body": "accepted"},
    ),
    "removal-body-refused": (
        ("GDPR-22", "GDPR-27", "HTTP-12"),
        {"labelled-removal": "accepted", "removal-body": "refused with 400"},
    ),
    "deleted410": (
        ("GDPR-1", "GDPR-2", "GDPR-12", "GDPR-15", "GDPR-21", "GDPR-23", "GDPR-27", "READ-2", "READ-9"),
        {"deleted-read": "410"},
    ),
    "bcrypt-passwords": (("PASSWORD-*",), {"long-passwords": "it is cut"}),
    "long-passwords-refused": (("PASSWORD-*", "HTTP-5"), {"long-passwords": "refused"}),
}
"""The rules that each variant is tried on, and the form that is recorded."""


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_choice_breaks_no_must_rule_and_is_recorded(name: str) -> None:
    rules, forms = LEGAL[name]
    report = checked(rules, variant(name))
    musts = [one for one in report.rules if one.rule.level is Level.MUST]
    assert [(one.rule.id, one.reason) for one in musts if one.status is not Status.PASSED] == []
    seen = {one.choice.id: one.observed for one in report.choices}
    assert {choice: seen.get(choice) for choice in forms} == forms


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("bcrypt-passwords", "PASSWORD-17"),
        ("empty-json-removal-refused", "GDPR-26"),
        ("blank-emails-keep-the-old", "UPDATE-20"),
    ],
)
def test_what_is_only_advised_is_told_as_such(name: str, rule: str) -> None:
    report = checked((rule,), variant(name))
    assert [(one.rule.level, one.status) for one in report.rules] == [(Level.SHOULD, Status.FAILED)]
    assert report.exit_code == 0


class _Bare(HarnessApi):
    capabilities = ()


def test_what_cannot_be_seen_without_a_harness_is_not_tested() -> None:
    bare = Overlay("bare", "The harness offers nothing.", (), (_Bare,))
    capabilities = frozenset(Need) - {Need.SECOND_MERCHANT}
    needing = tuple(rule.id for rule in CATALOGUE.of_servers if rule.needs & capabilities)
    report = checked(needing, bare)
    assert {one.status for one in report.rules} == {Status.NOT_TESTED}
    assert {"AUTH-17", "GDPR-28", "GDPR-29", "GDPR-30", "CREATE-24", "UPDATE-21"} <= set(needing)


def test_no_check_passes_in_silence_where_a_need_is_not_met() -> None:
    """Such a check belongs to a rule with that need, which is then reported as not tested."""

    def leaves_at_once(function: Any) -> bool:
        body = ast.parse(inspect.getsource(function)).body[0]
        assert isinstance(body, ast.FunctionDef)
        tests = (node for node in ast.walk(body) if isinstance(node, ast.If))
        return any(
            "not in offered" in ast.unparse(node.test) and isinstance(node.body[0], ast.Return)
            for node in tests
        )

    assert [function.__name__ for _, function in all_checks() if leaves_at_once(function)] == []
