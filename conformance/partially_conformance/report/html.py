"""The report as one HTML file, which loads nothing from the network.

The page is built as a tree and written by the standard library, which escapes every text in it. So nothing
in a response can become markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from partially_conformance.report.text import (
    STATUS_WORDS,
    by_area,
    by_reason,
    coverage_line,
    cut,
    summary,
    verdict_words,
    with_status,
    xml_text,
)
from partially_conformance.rules.results import Report, RuleResult, Status
from partially_conformance.traffic.records import ExchangeRecord, Failure

Node = ET.Element
BODY_LIMIT = 4000
"""How many characters of a body are shown. The JSON report holds the whole body."""

_HERE = Path(__file__).parent


def render(report: Report) -> str:
    """The report as an HTML page."""
    style, script = (_HERE / name for name in ("page.css", "page.js"))
    page = _node("html", _head(report, style.read_text("utf-8"), script.read_text("utf-8")), lang="en")
    body = _node("body", _header(report), _node("main", *_sections(report)))
    page.append(body)
    # Last, since it works on the elements before it.
    body.append(_raw("script", script.read_text("utf-8")))
    return "<!DOCTYPE html>\n" + ET.tostring(page, encoding="unicode", method="html") + "\n"


def _node(tag: str, *children: Node | str, **attributes: str) -> Node:
    """An element with its texts and elements. `class_` is the attribute `class`."""
    attributes = {name.rstrip("_").replace("_", "-"): xml_text(value) for name, value in attributes.items()}
    node = ET.Element(tag, attributes)
    last: Node | None = None
    for child in children:
        if isinstance(child, ET.Element):
            node.append(child)
            last = child
        elif last is None:
            node.text = (node.text or "") + xml_text(child)
        else:
            last.tail = (last.tail or "") + xml_text(child)
    return node


def _raw(tag: str, text: str) -> Node:
    """A script or a style of this package: HTML does not escape them."""
    node = ET.Element(tag)
    node.text = text
    return node


def _head(report: Report, style: str, script: str) -> Node:
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'"
    policy_meta = _node("meta", content=policy)
    policy_meta.set("http-equiv", "Content-Security-Policy")
    return _node(
        "head",
        _node("meta", charset="utf-8"),
        policy_meta,
        _node("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _node("meta", name="color-scheme", content="light dark"),
        _node("title", f"{report.target_name}: {verdict_words(report)}"),
        _raw("style", style),
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _header(report: Report) -> Node:
    facts = {
        "Target": report.base_url,
        "Suite": report.suite_version,
        "Spec": report.spec_version,
        "Effort": str(report.effort),
        "Seed": str(report.seed),
    }
    header = _node(
        "header",
        _node("p", "Conformance to the Partial.ly customers API", class_="kicker"),
        _node("h1", f"{report.target_name}: ", _node("strong", verdict_words(report))),
        _node("p", summary(report)),
        class_=report.verdict.value,
    )
    if report.reason:
        header.append(_node("p", report.reason, class_="reason"))
    if report.errors:
        header.append(_list(_node("li", error) for error in report.errors))
    if covered := coverage_line(report):
        header.append(_node("p", covered))
    header.append(_pairs(facts.items()))
    return header


def _sections(report: Report) -> Iterable[Node]:
    if not report.rules:
        yield _section("Rules", "No rule was checked.")
        return
    yield _section("Numbers", _numbers(report))
    failed = with_status(report, Status.FAILED)
    if failed:
        yield _section("Failures", *(_story_of(result) for result in failed))
    for status, title in ((Status.INCONCLUSIVE, "Inconclusive"), (Status.KNOWN_FAILURE, "Known failures")):
        if results := with_status(report, status):
            yield _section(title, *(_story_of(result) for result in results))
    if untested := with_status(report, Status.NOT_TESTED):
        yield _section("Not tested, and why", *_untested(untested))
    yield _section("All rules", *_all_rules(report))
    if report.choices:
        rows = ((seen.choice.title, seen.observed) for seen in report.choices)
        note = "The documentation leaves these points open: every form conforms."
        yield _section("Choices", _node("p", note), _table(("Point", "Form of the target"), rows))


def _section(title: str, *children: Node | str) -> Node:
    return _node("section", _node("h2", title), *children)


def _numbers(report: Report) -> Node:
    def counts(results: Iterable[RuleResult]) -> list[str]:
        statuses = [result.status for result in results]
        return [str(statuses.count(status)) for status in STATUS_WORDS]

    rows = [[area, *counts(results)] for area, results in by_area(report.rules).items()]
    return _table(("Area", *STATUS_WORDS.values()), [*rows, ["all", *counts(report.rules)]], class_="numbers")


def _untested(results: Iterable[RuleResult]) -> Iterable[Node]:
    for reason, group in by_reason(results).items():
        yield _node("h3", reason)
        yield _list(_node("li", _rule_link(result), f" {result.rule.title}") for result in group)


def _all_rules(report: Report) -> Iterable[Node]:
    for area, results in by_area(report.rules).items():
        yield _node("h3", area)
        for result in results:
            rule = result.rule
            line = _node(
                "summary",
                _node("span", STATUS_WORDS[result.status], class_=f"status {result.status.value}"),
                _node("b", f" {rule.id} "),
                rule.title,
            )
            facts = [("Statement", rule.statement), ("Level", rule.level.value), ("Source", rule.source)]
            if rule.needs:
                facts.append(
                    ("Needs", ", ".join(sorted(need.value.replace("_", " ") for need in rule.needs)))
                )
            if result.reason:
                facts.append(("Reason", result.reason))
            facts.append(("Exchanges", str(result.exchanges)))
            yield _node("details", line, _pairs(facts), id=rule.id)


def _story_of(result: RuleResult) -> Node:
    rule = result.rule
    article = _node(
        "article",
        _node("h3", _rule_link(result), f" {rule.title} ", _node("span", rule.level.value, class_="level")),
        _node("p", rule.statement, " ", _node("cite", rule.source)),
    )
    if result.reason and not (result.status is Status.FAILED and result.failures):  # the failures say it
        article.append(_node("p", result.reason, class_="reason"))
    for failure in result.failures:
        article.extend(
            (_pairs((("Expected", failure.expected), ("Observed", failure.observed))), _steps(failure))
        )
    return article


def _steps(failure: Failure) -> Node:
    return _node("ol", *(_step(exchange) for exchange in failure.exchanges))


def _step(exchange: ExchangeRecord) -> Node:
    response = exchange.response
    status = f"Response {response.status}" if response.status else "No response"
    return _node(
        "li",
        _node("button", "copy", type="button", class_="copy", hidden="hidden"),
        _node("pre", exchange.curl, class_="curl"),
        _node("p", status, class_="answer"),
        _node("pre", cut(response.body, BODY_LIMIT) or "(empty body)"),
    )


def _rule_link(result: RuleResult) -> Node:
    return _node("a", result.rule.id, href=f"#{result.rule.id}")


def _list(items: Iterable[Node]) -> Node:
    return _node("ul", *items)


def _pairs(pairs: Iterable[tuple[str, str]]) -> Node:
    return _node("dl", *(_node("div", _node("dt", name), _node("dd", value)) for name, value in pairs))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], **attributes: str) -> Node:
    return _node(
        "table",
        _node("thead", _node("tr", *(_node("th", cell, scope="col") for cell in head))),
        _node("tbody", *(_node("tr", *(_node("td", cell) for cell in row)) for row in rows)),
        **attributes,
    )
