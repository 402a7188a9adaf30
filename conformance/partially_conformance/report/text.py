"""The words that all forms of a report share, and functions that make any text safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable

from partially_conformance.rules.catalogue import Level
from partially_conformance.rules.id_ranges import id_ranges
from partially_conformance.rules.results import Report, RuleResult, Status, Verdict

STATUS_WORDS: dict[Status, str] = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.KNOWN_FAILURE: "known failure",
    Status.INCONCLUSIVE: "inconclusive",
    Status.NOT_TESTED: "not tested",
}
"""The names of the statuses, in the order of the columns of a table."""

VERDICT_WORDS: dict[Verdict, str] = {
    Verdict.CONFORMS: "conforms",
    Verdict.VIOLATES: "violates",
    Verdict.NO_VERDICT: "no verdict",
}
"""The names of the verdicts."""

BODY_LIMIT = 600
"""How many characters of a body the short forms show. The JSON report holds the whole body."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def summary(report: Report) -> str:
    """The counts of a run: `140 passed, 0 failed, 21 not tested (3412 requests, 12.3 s, seed 0)`.

    Failed rules are counted by their level, since only one of them decides the verdict: `2 must rules failed,
    1 should rule failed`.
    """
    parts = [f"{report.count(Status.PASSED)} passed"]
    failed = {level: report.count(Status.FAILED, level) for level in Level}
    parts += [f"{count} {level} {_rules(count)} failed" for level, count in failed.items() if count]
    if not any(failed.values()):
        parts.append("0 failed")
    if inconclusive := report.count(Status.INCONCLUSIVE):
        parts.append(f"{inconclusive} inconclusive")
    if known := report.count(Status.KNOWN_FAILURE):
        parts.append(f"{known} known failure{'' if known == 1 else 's'}")
    parts.append(f"{report.count(Status.NOT_TESTED)} not tested")
    return f"{', '.join(parts)} ({report.requests} requests, {report.seconds:.1f} s, seed {report.seed})"


def _rules(count: int) -> str:
    return "rule" if count == 1 else "rules"


def verdict_words(report: Report) -> str:
    """The verdict; `conforms (must rules)` if it conforms although should rules failed."""
    words = VERDICT_WORDS[report.verdict]
    conforms = report.verdict is Verdict.CONFORMS
    return f"{words} (must rules)" if conforms and report.count(Status.FAILED, Level.SHOULD) else words


def verdict_line(report: Report) -> str:
    """The verdict and the counts, in one line."""
    return f"{verdict_words(report)} — {summary(report)}"


def coverage_line(report: Report) -> str:
    """The operations that a client called and did not call; empty in the report on a target."""
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
    """The ids of the rules of these results, such as `AUTH-1 to AUTH-5, LIST-2`."""
    return id_ranges(result.rule.id for result in results)


def cut(text: str, limit: int = BODY_LIMIT) -> str:
    """A text, cut with a note if it is longer than the limit."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({limit} of {len(text)} characters)"


def printable(text: str) -> str:
    """A text with all control characters escaped, except line breaks and tabs."""
    text = text.replace("\r\n", "\n")
    return "".join(char if char.isprintable() or char in "\n\t" else _escape(char) for char in text)


def one_line(text: str) -> str:
    """A printable text without line breaks."""
    return " ".join(printable(text).split())


def xml_text(text: str) -> str:
    """A text with all characters escaped that XML 1.0 cannot hold."""
    return _NOT_XML.sub(lambda found: _escape(found[0]), text)


def _escape(char: str) -> str:
    return char.encode("ascii", "backslashreplace").decode() if not char.isascii() else f"\\x{ord(char):02x}"
