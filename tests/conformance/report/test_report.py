"""Each form of the report, over one run that has everything in it, hostile answers too."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from partially_conformance.report.console import STORIES, Progress, print_report
from partially_conformance.report.files import FORMATS, OutputError, check_writable, write_report
from partially_conformance.report.text import BODY_LIMIT
from partially_conformance.report.to_json import SCHEMA, ReportError, read_report
from partially_conformance.rules.catalogue import Choice, Level, Need, Rule, load_catalogue
from partially_conformance.rules.results import ObservedChoice, Report, RuleResult, Status, Verdict
from partially_conformance.traffic.records import ExchangeRecord, Failure, RequestRecord, ResponseRecord

HOSTILE = "</pre><script>alert(1)</script>]]>\x1b[31m\x00\r\n```\n| a | <b>&amp;\u202e\ud800\ufffe"
LONG = "y" * (BODY_LIMIT + 400)


def rule(rule_id: str, level: Level = Level.MUST, *needs: Need) -> Rule:
    return Rule(
        rule_id, level, f"Title of {rule_id}", f"Statement of {rule_id}.", "Customers, List", frozenset(needs)
    )


def failure(body: str = '{"id": 1}', status: int = 200) -> Failure:
    request = RequestRecord("GET", "http://localhost/api/customers?q=a%40b", {"Accept": "*/*"}, None)
    response = ResponseRecord(status, {"Content-Type": "application/json"}, body)
    curl = "curl -H 'Authorization: Bearer <key>' 'http://localhost/api/customers?q=a%40b'"
    return Failure(f"expected {body}", f"observed {body}", (ExchangeRecord(request, response, curl),))


def report(**changes: Any) -> Report:
    values: dict[str, Any] = {
        "suite_version": "0.1.0",
        "spec_version": "1.0",
        "target_name": "acme <b>",
        "base_url": "http://localhost/api",
        "seed": 7,
        "effort": "standard",
        "seconds": 12.345678,
        "requests": 3412,
        "verdict": Verdict.VIOLATES,
        "exit_code": 1,
        "reason": "failed: SEARCH-2",
        "rules": (
            RuleResult(rule("AUTH-1"), Status.PASSED, exchanges=4),
            RuleResult(rule("AUTH-6", Level.MUST, Need.SECOND_MERCHANT), Status.NOT_TESTED, "no second key"),
            RuleResult(rule("AUTH-7", Level.MUST, Need.SECOND_MERCHANT), Status.NOT_TESTED, "no second key"),
            RuleResult(rule("SEARCH-2"), Status.FAILED, None, 41, (failure(HOSTILE), failure("", 0))),
            RuleResult(rule("SEARCH-3", Level.SHOULD), Status.FAILED, None, 2, (failure(LONG),)),
            RuleResult(rule("READ-1"), Status.INCONCLUSIVE, "failed 1 time, then passed", 9, (failure(),)),
            RuleResult(rule("GDPR-8"), Status.KNOWN_FAILURE, "bug 12", 3, (failure(),)),
            RuleResult(rule("GDPR-9", Level.MUST, Need.CLOCK), Status.NOT_TESTED, "no harness"),
        ),
        "choices": (ObservedChoice(Choice("create-status", "Status of a create"), "201 <i>"),),
        "errors": ("known.toml:3: AUTH-1 passes now",),
    }
    return Report(**(values | changes))


def good() -> Report:
    passed = (RuleResult(rule("AUTH-1"), Status.PASSED, exchanges=4),)
    return report(verdict=Verdict.CONFORMS, exit_code=0, reason=None, rules=passed, errors=())


# --------------------------------------------------------------------------------------------- JSON


def test_json_has_the_documented_keys_and_no_others() -> None:
    data = json.loads(FORMATS["json"](report()))
    assert list(data) == [
        "schema_version",
        "suite_version",
        "spec_version",
        "target",
        "seed",
        "effort",
        "seconds",
        "requests",
        "verdict",
        "rules",
        "choices",
    ]
    assert (data["schema_version"], data["verdict"], data["seconds"]) == (1, "violates", 12.346)
    assert data["target"] == {"name": "acme <b>", "base_url": "http://localhost/api"}
    assert data["choices"] == [{"id": "create-status", "title": "Status of a create", "observed": "201 <i>"}]
    assert data["rules"][4] == {
        "id": "SEARCH-3",
        "area": "SEARCH",
        "level": "should",
        "title": "Title of SEARCH-3",
        "status": "failed",
        "reason": None,
        "exchanges": 2,
        "failures": [
            {
                "expected": f"expected {LONG}",
                "observed": f"observed {LONG}",
                "exchanges": [
                    {
                        "request": {
                            "method": "GET",
                            "url": "http://localhost/api/customers?q=a%40b",
                            "headers": {"Accept": "*/*"},
                            "body": None,
                        },
                        "response": {
                            "status": 200,
                            "headers": {"Content-Type": "application/json"},
                            "body": LONG,
                        },
                        "curl": "curl -H 'Authorization: Bearer <key>' 'http://localhost/api/customers?q=a%40b'",
                    }
                ],
            }
        ],
    }


def test_json_holds_every_body_as_it_was_recorded_and_is_what_its_schema_says(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_report(report(), "json", path)
    jsonschema_rs.validate(json.loads(SCHEMA.read_text()), json.loads(path.read_bytes()))
    data = read_report(path)
    assert data["rules"][3]["failures"][0]["exchanges"][0]["response"]["body"] == HOSTILE


def test_the_schema_leaves_no_room_for_other_keys_or_missing_ones() -> None:
    schema = json.loads(SCHEMA.read_text())
    objects = [schema, schema["properties"]["target"], schema["properties"]["choices"]["items"]]
    exchange = schema["$defs"]["exchange"]
    objects += [schema["$defs"]["rule"], schema["$defs"]["failure"], exchange]
    objects += [exchange["properties"]["request"], exchange["properties"]["response"]]
    optional = [set(entry["properties"]) - set(entry["required"]) for entry in objects]
    assert optional == [{"coverage"}, *[set()] * (len(objects) - 1)]  # what only reports on clients have
    for entry in objects:
        assert entry["additionalProperties"] is False
        assert set(entry["required"]) <= set(entry["properties"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (b"\xff\xfe\xfd", "not JSON: "),
        (b"[]", "not a report: expected an object with schema_version 1"),
        (b'{"verdict": "conforms"}', "not a report: expected an object with schema_version 1"),
        (b'{"schema_version": 2}', "expected schema_version 1, got 2"),
        (b'{"schema_version": 1}', 'not a report: "suite_version" is a required property - at the top'),
    ],
)
def test_what_is_no_report_is_refused_with_the_place(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "out.json"
    path.write_bytes(content)
    with pytest.raises(ReportError) as caught:
        read_report(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_damaged_report_is_refused_with_the_place(tmp_path: Path) -> None:
    data = json.loads(FORMATS["json"](report()))
    data["rules"][3]["status"] = "fine"
    path = tmp_path / "out.json"
    path.write_text(json.dumps(data))
    with pytest.raises(
        ReportError, match=r"not a report: \"fine\" is not one of .* - at rules\[3\]\.status$"
    ):
        read_report(path)


# -------------------------------------------------------------------------------------------- JUnit


def junit(of: Report, folder: Path) -> ET.Element:
    write_report(of, "junit", folder / "out.xml")
    suite = ET.parse(folder / "out.xml").getroot().find("testsuite")
    assert suite is not None
    return suite


def test_junit_has_one_test_case_for_each_rule_with_its_outcome(tmp_path: Path) -> None:
    suite = junit(report(), tmp_path)
    cases = [
        (case.get("classname"), case.get("name"), [child.tag for child in case])
        for case in suite.iter("testcase")
    ]
    assert cases == [
        ("AUTH", "AUTH-1 Title of AUTH-1", []),
        ("AUTH", "AUTH-6 Title of AUTH-6", ["skipped"]),
        ("AUTH", "AUTH-7 Title of AUTH-7", ["skipped"]),
        ("SEARCH", "SEARCH-2 Title of SEARCH-2", ["failure"]),
        ("SEARCH", "SEARCH-3 Title of SEARCH-3", ["failure"]),
        ("READ", "READ-1 Title of READ-1", ["error"]),
        ("GDPR", "GDPR-8 Title of GDPR-8", ["skipped"]),
        ("GDPR", "GDPR-9 Title of GDPR-9", ["skipped"]),
    ]
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "8", "failures": "2", "errors": "1", "skipped": "4", "time": "12.346"}
    reasons = [entry.get("message") for entry in suite.iter("skipped")]
    assert reasons == ["no second key", "no second key", "bug 12", "no harness"]


def test_junit_tells_the_story_and_survives_a_hostile_body(tmp_path: Path) -> None:
    text = junit(report(), tmp_path).findtext("testcase/failure") or ""
    assert "Statement of SEARCH-2." in text
    assert "1. curl -H" in text
    assert "</pre><script>alert(1)</script>]]>\\x1b[31m\\x00" in text
    assert "\\ud800\\ufffe" in text
    assert "no response" in text


@pytest.mark.parametrize("rules", [(), (RuleResult(rule("AUTH-1"), Status.NOT_TESTED, "unreachable"),)])
def test_junit_does_not_show_a_run_without_a_verdict_as_good(
    rules: tuple[RuleResult, ...], tmp_path: Path
) -> None:
    lost = report(verdict=Verdict.NO_VERDICT, exit_code=3, reason="unreachable", rules=rules, errors=())
    suite = junit(lost, tmp_path)
    assert [entry.get("message") for entry in suite.iter("error")] == ["no verdict: unreachable"]
    assert suite.get("errors") == "1"
    assert junit(good(), tmp_path).get("errors") == "0"


# ----------------------------------------------------------------------------------- HTML, Markdown


class Page(HTMLParser):
    """The elements of a page with their attributes, and its visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(of: Report) -> Page:
    page = Page()
    page.feed(FORMATS["html"](of))
    page.close()
    return page


def test_html_needs_nothing_from_elsewhere() -> None:
    page = page_of(report())
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"link", "img", "iframe", "object", "base", "form"})
    assert [attributes for tag, attributes in page.elements if tag == "script"] == [{}]
    urls = [value for _, found in page.elements for name, value in found.items() if name in ("src", "href")]
    assert urls
    assert all(value is not None and value.startswith("#") for value in urls)
    assert "url(" not in FORMATS["html"](report())
    policies = [found["content"] for _, found in page.elements if "http-equiv" in found]
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'; style-src 'sha256-")


def test_html_shows_a_hostile_body_as_text() -> None:
    page = page_of(report())
    assert "</pre><script>alert(1)</script>]]>\\x1b[31m\\x00" in page.text
    assert "acme <b>" in page.text
    assert "201 <i>" in page.text
    tags = [tag for tag, _ in page.elements]
    assert "i" not in tags
    assert tags.count("b") == len(report().rules)  # those of the page itself


def test_html_tells_everything_a_reader_needs() -> None:
    text = page_of(report()).text
    for wanted in (
        "acme <b>: violates",
        "1 passed, 1 must rule failed, 1 should rule failed, 1 inconclusive, 1 known failure,",
        "3 not tested (3412 requests, 12.3 s, seed 7)",
        "failed: SEARCH-2",
        "known.toml:3: AUTH-1 passes now",
        "Statement of AUTH-1.",
        "no second key",
        "failed 1 time, then passed",
        "bug 12",
        "second merchant",
        "Customers, List",
        "Response 200",
        "No response",
        "(empty body)",
        "Status of a create",
    ):
        assert wanted in text


def test_html_links_lead_to_rules_that_are_there() -> None:
    page = page_of(report())
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids)) == 8
    assert {f"#{name}" for name in ids} >= {found["href"] for tag, found in page.elements if tag == "a"}


def test_markdown_keeps_a_hostile_body_inside_its_fences() -> None:
    text = FORMATS["markdown"](report())
    assert "````\ncurl -H" in text  # longer than the fence in the body
    outside = re.sub(r"(?ms)^(`{3,})\n.*?^\1$", "", text)
    assert "alert" in outside
    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", outside)
    assert "\x1b" not in text
    assert "\x00" not in text


def test_markdown_tells_verdict_numbers_and_what_was_not_tested() -> None:
    text = FORMATS["markdown"](report())
    assert text.startswith("## acme \\<b\\>: violates — 1 passed, 1 must rule failed")
    assert "| SEARCH | 0 | 2 | 0 | 0 | 0 |" in text
    assert "- no second key: AUTH-6, AUTH-7\n- no harness: GDPR-9" in text
    assert "| Status of a create | 201 \\<i\\> |" in text


# ------------------------------------------------------------------------------------------- console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(of: Report, stream: io.StringIO | None = None, *, verbose: bool = False) -> str:
    stream = stream or io.StringIO()
    print_report(of, stream, verbose=verbose)
    return stream.getvalue()


def test_the_last_line_is_the_verdict() -> None:
    assert printed(report()).splitlines()[-1] == (
        "verdict: violates — 1 passed, 1 must rule failed, 1 should rule failed, 1 inconclusive,"
        " 1 known failure, 3 not tested (3412 requests, 12.3 s, seed 7)"
    )
    assert printed(good()).splitlines()[-1] == (
        "verdict: conforms — 1 passed, 0 failed, 0 not tested (3412 requests, 12.3 s, seed 7)"
    )


def test_a_failed_should_rule_does_not_contradict_the_verdict() -> None:
    rules = (*good().rules, *(report().rules[4:5] * 2))
    assert printed(report(verdict=Verdict.CONFORMS, exit_code=0, rules=rules)).splitlines()[-1] == (
        "verdict: conforms (must rules) — 1 passed, 2 should rules failed, 0 not tested"
        " (3412 requests, 12.3 s, seed 7)"
    )


def test_a_long_list_of_rules_is_short_and_wrapped() -> None:
    rules = tuple(RuleResult(rule, Status.NOT_TESTED, "it is gone") for rule in load_catalogue().rules)
    text = printed(report(rules=rules)).partition("not tested:\n")[2].partition("choices:")[0]
    assert text.startswith("  it is gone: AUTH-1 to AUTH-16, LIST-1 to ")
    assert max(map(len, text.splitlines())) <= 110
    assert len(text.splitlines()) <= 3


def test_the_console_tells_the_story_of_a_failure() -> None:
    lines = printed(report(rules=report().rules[4:5])).splitlines()
    assert lines[:3] == [
        "FAILED SEARCH-3 Title of SEARCH-3 (should)",
        "  rule      Statement of SEARCH-3.",
        "  source    Customers, List",
    ]
    note = f"… ({BODY_LIMIT} of {len(LONG)} characters)"
    assert (
        "  1.        curl -H 'Authorization: Bearer <key>' 'http://localhost/api/customers?q=a%40b'" in lines
    )
    assert f"            → 200 {'y' * BODY_LIMIT}{note}" in lines


def test_the_console_gives_each_reason_once() -> None:
    assert "not tested:\n  no second key: AUTH-6, AUTH-7\n  no harness: GDPR-9\n" in printed(report())


def test_the_console_counts_by_area() -> None:
    assert "SEARCH       -       2              -             -           -\n" in printed(report())


def test_a_hostile_body_cannot_act_on_the_terminal() -> None:
    text = printed(report(), verbose=True)
    assert "\\x1b[31m\\x00" in text
    assert "\\u202e\\ud800" in text
    assert all(sign.isprintable() or sign == "\n" for sign in text)


def test_colours_are_for_terminals_only_and_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[31mviolates" in printed(report(), Terminal())
    assert "\x1b" not in printed(report())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in printed(report(), Terminal())


def test_verbose_adds_what_passed_the_choices_and_all_failures() -> None:
    many = RuleResult(
        rule("READ-2"), Status.FAILED, None, 9, tuple(failure(f"n{n}") for n in range(STORIES + 2))
    )
    of = report(rules=(*report().rules, many))
    brief, full = printed(of), printed(of, verbose=True)
    assert "  and 2 more failures of this rule: -v and the JSON report show all" in brief
    assert "observed n4" not in brief
    assert "observed n4" in full
    assert "choices: 1 observed; -v shows them" in brief
    assert "  Status of a create: 201 <i>" in full
    assert "passed AUTH-1 Title of AUTH-1" in full


def show_progress(stream: io.StringIO) -> str:
    progress = Progress(stream)
    results = report().rules[:2]
    progress.start(len(results))
    for index, result in enumerate(results, 1):
        progress.rule(result.rule, index)
        progress.finished(result)
    progress.stop()
    return stream.getvalue()


def test_progress_is_plain_lines_where_there_is_no_terminal() -> None:
    assert show_progress(io.StringIO()) == "[1/2] AUTH-1 passed\n[2/2] AUTH-6 not tested\n"


def test_progress_keeps_to_one_line_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    text = show_progress(Terminal())
    assert "\n" not in text
    steps = text.split("\r\x1b[2K")
    assert steps == [
        "",
        "[1/2] AUTH-1 Title of AUTH-1 (0 request",
        "[2/2] AUTH-6 Title of AUTH-6 (4 request",
        "",
    ]


# --------------------------------------------------------------------------------------------- files


def test_files_that_cannot_be_written_are_found_before_the_run(tmp_path: Path) -> None:
    check_writable(tmp_path / "new.json")
    assert not (tmp_path / "new.json").exists()
    with pytest.raises(OutputError, match="there is no folder"):
        check_writable(tmp_path / "none" / "out.json")
    with pytest.raises(OutputError, match="expected a file, got a folder"):
        check_writable(tmp_path)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_form_can_tell_a_run_without_rules(format_: str, tmp_path: Path) -> None:
    empty = report(rules=(), choices=(), errors=(), verdict=Verdict.NO_VERDICT, exit_code=3, reason="gone")
    write_report(empty, format_, tmp_path / "out")
    assert (tmp_path / "out").stat().st_size
