"""The words all forms of a report share, and what makes foreign text safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable

from partially_conformance.rules.catalogue import Level
from partially_conformance.rules.results import Report, RuleResult, Status, Verdict

STATUS_WORDS: dict[Status, str] = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.KNOWN_FAILURE: "known failure",
    Status.INCONCLUSIVE: "inconclusive",
    Status.NOT_TESTED: "not tested",
}
"""What a status is called, in the order of the columns of a table."""

VERDICT_WORDS: dict[Verdict, str] = {
    Verdict.CONFORMS: "conforms",
    Verdict.VIOLATES: "violates",
    Verdict.NO_VERDICT: "no verdict",
}
"""What a verdict is called."""

BODY_LIMIT = 600
"""Characters of a body that are shown where space is short. The JSON report holds all that was recorded."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def summary(report: Report) -> str:
    """The numbers of a run: `140 passed, 21 not tested, 0 failed (3412 requests, 12.3 s, seed 0)`."""
    parts = [f"{report.count(Status.PASSED)} passed", f"{report.count(Status.NOT_TESTED)} not tested"]
    if inconclusive := report.count(Status.INCONCLUSIVE):
        parts.append(f"{inconclusive} inconclusive")
    if known := report.count(Status.KNOWN_FAILURE):
        parts.append(f"{known} known to fail")
    failed = f"{report.count(Status.FAILED)} failed"
    if should := report.count(Status.FAILED, Level.SHOULD):
        failed += f", {should} of them should"
    numbers = f"{report.requests} requests, {report.seconds:.1f} s, seed {report.seed}"
    return f"{', '.join([*parts, failed])} ({numbers})"


def verdict_line(report: Report) -> str:
    """The verdict and the numbers, in one line."""
    return f"{VERDICT_WORDS[report.verdict]} — {summary(report)}"


def coverage_line(report: Report) -> str:
    """The operations a client called and did not call; empty for the report of a server."""
    if report.coverage is None:
        return ""
    missing = [operation for operation, requests in report.coverage.items() if not requests]
    called = len(report.coverage) - len(missing)
    return f"operations: {called} of {len(report.coverage)} called" + (
        f"; not called: {', '.join(missing)}" if missing else ""
    )


def with_status(report: Report, status: Status) -> list[RuleResult]:
    """The results with this status, in their order."""
    return [result for result in report.rules if result.status is status]


def by_area(results: Iterable[RuleResult]) -> dict[str, list[RuleResult]]:
    """The results by the area of their rule, in their order."""
    groups: dict[str, list[RuleResult]] = {}
    for result in results:
        groups.setdefault(result.rule.area, []).append(result)
    return groups


def by_reason(results: Iterable[RuleResult]) -> dict[str, list[RuleResult]]:
    """The results by their reason, the most frequent first."""
    groups: dict[str, list[RuleResult]] = {}
    for result in results:
        groups.setdefault(result.reason or "no reason given", []).append(result)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def ids(results: Iterable[RuleResult]) -> str:
    """The ids of the rules of these results, in one line."""
    return ", ".join(result.rule.id for result in results)


def cut(text: str, limit: int = BODY_LIMIT) -> str:
    """A text that may be long, cut with a note."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({limit} of {len(text)} characters)"


def printable(text: str) -> str:
    """A text with every sign that could act on a terminal as an escape; line breaks and tabs stay."""
    text = text.replace("\r\n", "\n")
    return "".join(sign if sign.isprintable() or sign in "\n\t" else _escape(sign) for sign in text)


def one_line(text: str) -> str:
    """A printable text without line breaks."""
    return " ".join(printable(text).split())


def xml_text(text: str) -> str:
    """A text with every sign that XML 1.0 cannot hold as an escape."""
    return _NOT_XML.sub(lambda found: _escape(found[0]), text)


def _escape(sign: str) -> str:
    return sign.encode("ascii", "backslashreplace").decode() if not sign.isascii() else f"\\x{ord(sign):02x}"
