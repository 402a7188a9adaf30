"""The report as JUnit XML, which most CI systems show."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from partially_conformance.report.text import (
    STATUS_WORDS,
    cause_counts,
    coverage_line,
    cut,
    in_short,
    one_line,
    selection_facts,
    started_at,
    summary,
    verdict_line,
    verdict_words,
    xml_text,
)
from partially_conformance.rules.results import Report, RuleResult, Status, Verdict
from partially_conformance.traffic.records import Failure


def render(report: Report) -> str:
    """The report as JUnit XML: one test case for each rule.

    A failure or an error is there exactly if the exit code is not 0. So what does not decide it, such as a
    failed should rule in a run that is not strict, is skipped. If the exit code is not 0 for another reason
    than a rule, one more test case has an error.
    """
    suite = ET.Element("testsuite", name=xml_text(f"partially-conformance: {report.target_name}"))
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("verdict", report.verdict.value),
        ("exit_code", str(report.exit_code)),
        ("covers", verdict_line(report)),
        ("selection", selection_facts(report.selection)),
        ("causes", cause_counts(report)),
        ("base_url", report.base_url),
        ("suite_version", report.suite_version),
        ("spec_version", report.spec_version),
        ("seed", str(report.seed)),
        ("effort", str(report.effort)),
        ("requests", str(report.requests)),
        *(("operations", line.removeprefix("operations: ")) for line in [coverage_line(report)] if line),
    ):
        ET.SubElement(properties, "property", name=name, value=xml_text(value))
    for result in report.rules:
        suite.append(_case(result, _child(report, result)))
    red = suite.findall("testcase/failure") + suite.findall("testcase/error")
    if report.verdict is Verdict.NO_VERDICT or (report.exit_code != 0 and not red):
        suite.append(_run(report))
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{child}"))))
    suite.set("time", f"{report.seconds:.3f}")
    suite.set("timestamp", started_at(report))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _child(report: Report, result: RuleResult) -> str | None:
    """The element for the status of a rule; None if it passed."""
    match result.status:
        case Status.PASSED:
            return None
        case Status.FAILED | Status.NOT_TESTED if report.decides(result):
            return "failure"
        case Status.INCONCLUSIVE if report.decides(result):
            return "error"
        case _:
            return "skipped"


def _case(result: RuleResult, child: str | None) -> ET.Element:
    rule = result.rule
    case = ET.Element(
        "testcase",
        classname=rule.area,
        name=xml_text(f"{rule.id} {rule.title}"),
        time=f"{result.seconds:.3f}",
    )
    if child is not None:
        failed = result.status is Status.FAILED
        message = (
            in_short(result.failures[0])
            if failed and result.failures
            else cut(result.reason or "no reason given")
        )
        if failed and child == "skipped":
            message = f"{STATUS_WORDS[result.status]} {rule.level} rule: {message}"
        entry = ET.SubElement(case, child, message=xml_text(one_line(message)))
        if child != "skipped":
            entry.set("type", rule.level.value)
        if result.failures:
            heading = f"{rule.statement}\nSource: {rule.source}\n"
            entry.text = xml_text(heading + "\n".join(_story(failure) for failure in result.failures))
    return case


def _story(failure: Failure) -> str:
    lines = [f"Expected: {failure.expected}", f"Observed: {failure.observed}"]
    for number, exchange in enumerate(failure.exchanges, 1):
        response = exchange.response
        lines += [f"{number}. {exchange.curl}", f"   {response.status or 'no response'} {cut(response.body)}"]
    return "\n".join(lines) + "\n"


def _run(report: Report) -> ET.Element:
    case = ET.Element("testcase", classname="RUN", name="The run ends with exit code 0")
    reasons = [reason for reason in (report.reason, *report.warnings) if reason] or [summary(report)]
    text = f"{verdict_words(report)}: {'; '.join(reasons)}"
    ET.SubElement(case, "error", message=xml_text(one_line(text)), type=report.verdict.value)
    return case
