"""The report as JUnit XML, which most CI systems show."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from partially_conformance.report.text import VERDICT_WORDS, coverage_line, cut, one_line, summary, xml_text
from partially_conformance.rules.results import Report, RuleResult, Status
from partially_conformance.traffic.records import Failure

_CHILDREN: dict[Status, str] = {
    Status.FAILED: "failure",
    Status.INCONCLUSIVE: "error",
    Status.NOT_TESTED: "skipped",
    Status.KNOWN_FAILURE: "skipped",
}


def render(report: Report) -> str:
    """The report as JUnit XML: one test case for each rule.

    If the exit code is not 0 although no rule failed, one more test case has an error. Otherwise a CI system
    would show a run without a verdict as a success.
    """
    suite = ET.Element("testsuite", name=xml_text(f"partially-conformance: {report.target_name}"))
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("verdict", report.verdict.value),
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
        suite.append(_case(result))
    if report.exit_code != 0 and not (suite.findall("testcase/failure") or suite.findall("testcase/error")):
        suite.append(_run(report))
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{child}"))))
    suite.set("time", f"{report.seconds:.3f}")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(result: RuleResult) -> ET.Element:
    rule = result.rule
    case = ET.Element("testcase", classname=rule.area, name=xml_text(f"{rule.id} {rule.title}"))
    if child := _CHILDREN.get(result.status):
        message = (
            result.failures[0].observed
            if result.status is Status.FAILED and result.failures
            else result.reason
        )
        entry = ET.SubElement(case, child, message=xml_text(one_line(cut(message or "no reason given"))))
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
    reasons = [reason for reason in (report.reason, *report.errors) if reason] or [summary(report)]
    text = f"{VERDICT_WORDS[report.verdict]}: {'; '.join(reasons)}"
    ET.SubElement(case, "error", message=xml_text(one_line(text)), type=report.verdict.value)
    return case
