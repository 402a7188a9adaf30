"""All forms of a report say the same: verdict, what it covers, counts, causes, reason and exit code."""

from __future__ import annotations

import html
import io
import itertools
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from partially_conformance.report.console import print_report
from partially_conformance.report.files import FORMATS
from partially_conformance.report.text import verdict_words
from partially_conformance.rules.catalogue import Level, Rule, load_catalogue
from partially_conformance.rules.causes import causes_of
from partially_conformance.rules.results import Report, RuleResult, Selection, Status, Verdict
from partially_conformance.run.attempt import OutcomeKind
from partially_conformance.run.verdict import decide
from partially_conformance.traffic.records import ExchangeRecord, Failure, RequestRecord, ResponseRecord

CATALOGUE = load_catalogue()
MUST, OTHER_MUST = [rule for rule in CATALOGUE.of_servers if rule.level is Level.MUST][:2]
SHOULD = next(rule for rule in CATALOGUE.of_servers if rule.level is Level.SHOULD)
STOPPED = "the target stopped answering"
OUTDATED = f'known.toml:2: {MUST.id} passes now; remove the entry with the line: rule = "{MUST.id}"'
SELECTIONS = [
    Selection(),
    Selection(profile="shape", level=Level.MUST, rules=("GDPR-*",), read_only=True, left_out=12),
]
EXIT_CODES = {Verdict.CONFORMS: 0, Verdict.VIOLATES: 1, Verdict.NO_VERDICT: 3}


def failure(rule: Rule) -> Failure:
    request = RequestRecord("GET", "http://127.0.0.1:1/api/customer/1", {}, None)
    exchange = ExchangeRecord(request, ResponseRecord(500, {}, "no"), "curl x")
    return Failure(f"a sound answer for {rule.id}", "status 500", (exchange,))


def result(rule: Rule, status: Status) -> RuleResult:
    failed = status in (Status.FAILED, Status.KNOWN_FAILURE)
    reason = None if status in (Status.PASSED, Status.FAILED) else f"why it is {status}"
    return RuleResult(rule, status, reason, 3, (failure(rule),) if failed else (), 0.5)


def built(
    must: Status, should: Status, selection: Selection, *, strict: bool, outdated: bool, stopped: bool
) -> Report:
    """A report as a run makes it from such results."""
    results = (result(MUST, must), result(OTHER_MUST, Status.PASSED), result(SHOULD, should))
    kinds = {
        one.rule.id: next(kind for kind in reversed(OutcomeKind) if kind.status is one.status)
        for one in results
        if one.status is not Status.KNOWN_FAILURE
    }
    decision = decide(
        results,
        kinds,
        stopped=STOPPED if stopped else None,
        list_errors=[OUTDATED] * outdated,
        strict=strict,
    )
    return Report(
        suite_version="0.1.0",
        spec_version="1.0",
        target_name="acme",
        base_url="http://127.0.0.1:1/api",
        seed=0,
        effort="standard",
        started_at=datetime(2026, 1, 31, 23, 59, 58, tzinfo=UTC),
        seconds=2.5,
        requests=9,
        selection=Selection(
            selection.profile,
            selection.level,
            selection.rules,
            selection.read_only,
            strict,
            selection.left_out,
        ),
        verdict=decision.verdict,
        exit_code=decision.exit_code,
        reason=decision.reason,
        rules=results,
        causes=causes_of(results),
        warnings=(OUTDATED,) if outdated else (),
        broken_off=stopped,
    )


REPORTS = [
    built(must, should, selection, strict=strict, outdated=outdated, stopped=stopped)
    for must, should, selection, strict, outdated, stopped in itertools.product(
        Status, Status, SELECTIONS, (False, True), (False, True), (False, True)
    )
]


class Text(HTMLParser):
    """The text of a page, without style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        self.parts += [] if self._hidden else [data]


def forms(of: Report) -> dict[str, str]:
    """The text of each form that is for people."""
    console = io.StringIO()
    print_report(of, console)
    return {
        "console": console.getvalue(),
        "markdown": re.sub(r"\\([^\w\s])", r"\1", FORMATS["markdown"](of)),
        "html": "".join(Text(FORMATS["html"](of)).parts),
        "junit": html.unescape(FORMATS["junit"](of)),
    }


def junit(of: Report) -> ET.Element:
    suite = ET.fromstring(FORMATS["junit"](of)).find("testsuite")
    assert suite is not None
    return suite


def named(of: Report) -> str:
    return f"{of.verdict}-{of.exit_code}-{'-'.join(one.status for one in of.rules)}"


@pytest.mark.parametrize("of", REPORTS, ids=named)
def test_all_forms_of_a_report_agree(of: Report) -> None:
    data = json.loads(FORMATS["json"](of))
    assert (data["verdict"], data["exit_code"]) == (of.verdict.value, EXIT_CODES[of.verdict])

    words = verdict_words(of)
    covers_all = data["selection"]["left_out"] == 0
    if words == "conforms":
        assert covers_all
        assert of.exit_code == 0
    if not covers_all:
        assert "in shape, read-only, for GDPR-* (must rules only: 3 of 15 rules" in words
    for form, text in forms(of).items():
        assert words in text, form
        assert ("conforms" in text) is (of.exit_code == 0), form
        assert of.reason is None or form == "junit" or of.reason in text, form
        for warning in of.warnings:
            assert form == "junit" or warning in text, form
        for one in of.rules:
            assert one.rule.id in text or one.status is Status.PASSED, form
        if of.causes:
            assert f"{len(data['causes'])} cause" in text, form
    assert forms(of)["console"].splitlines()[-1].startswith(f"verdict: {words} — ")

    suite = junit(of)
    red = suite.findall("testcase/failure") + suite.findall("testcase/error")
    assert bool(red) is (of.exit_code != 0)
    assert int(suite.get("failures", "")) + int(suite.get("errors", "")) == len(red)
    assert (suite.get("timestamp"), suite.get("time")) == (data["started_at"], "2.500")
    assert all(case.get("time") for case in suite.iter("testcase") if case.get("classname") != "RUN")
    if of.verdict is Verdict.NO_VERDICT:
        assert [one.get("message") for one in suite.findall("testcase[@classname='RUN']/error")]
    for one in of.rules:
        if one.status is Status.FAILED:
            case = next(case for case in suite.iter("testcase") if one.rule.id in case.get("name", ""))
            message = case[0].get("message", "")
            assert f"expected {one.failures[0].expected}; observed {one.failures[0].observed}" in message


def test_the_reports_have_every_verdict_with_every_exit_code() -> None:
    assert {(of.verdict, of.exit_code) for of in REPORTS} == set(EXIT_CODES.items())


@pytest.mark.parametrize(
    ("selection", "checked", "words"),
    [
        (Selection(), 163, "conforms"),
        (
            Selection(rules=("*",), level=Level.MUST, left_out=43),
            120,
            "conforms (must rules only: 120 of 163 rules)",
        ),
        (Selection(profile="shape", left_out=152), 11, "conforms in shape (11 of 163 rules)"),
        (Selection(rules=("GDPR-*",), left_out=138), 25, "conforms for GDPR-* (25 of 163 rules)"),
        (Selection(read_only=True, left_out=133), 30, "conforms read-only (30 of 163 rules)"),
        (Selection(strict=True), 163, "conforms (strict)"),
        (
            Selection(rules=tuple(f"READ-{n}" for n in range(1, 7)), left_out=157),
            6,
            "conforms for READ-1, READ-2, READ-3, READ-4 and 2 more (6 of 163 rules)",
        ),
    ],
)
def test_the_verdict_names_what_it_covers(selection: Selection, checked: int, words: str) -> None:
    passed = (RuleResult(MUST, Status.PASSED),) * checked
    changes: dict[str, Any] = {"rules": passed, "selection": selection}
    base = built(Status.PASSED, Status.PASSED, Selection(), strict=False, outdated=False, stopped=False)
    values = {name: getattr(base, name) for name in base.__dataclass_fields__}
    assert verdict_words(Report(**(values | changes))) == words
