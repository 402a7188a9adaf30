"""The report as Markdown, for the summary page of a CI run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from partially_conformance.report.text import (
    STATUS_WORDS,
    by_area,
    by_reason,
    coverage_line,
    cut,
    ids,
    one_line,
    printable,
    verdict_line,
    with_status,
)
from partially_conformance.rules.results import Report, RuleResult, Status
from partially_conformance.traffic.records import Failure

STORIES = 50
"""How many failed rules are shown in full. A CI summary may hold about a megabyte."""


def render(report: Report) -> str:
    """The report as Markdown."""
    return "\n\n".join(_blocks(report)) + "\n"


def _blocks(report: Report) -> Iterator[str]:
    yield f"## {escaped(report.target_name)}: {escaped(verdict_line(report))}"
    if report.reason:
        yield escaped(report.reason)
    if report.errors:
        yield _items(escaped(error) for error in report.errors)
    yield _areas(report)
    failed = with_status(report, Status.FAILED)
    if failed:
        yield "### Failed"
        for result in failed[:STORIES]:
            yield from _rule(result)
        if rest := failed[STORIES:]:
            yield f"Also failed: {ids(rest)}"
    for status, title in ((Status.INCONCLUSIVE, "Inconclusive"), (Status.KNOWN_FAILURE, "Known failures")):
        if results := with_status(report, status):
            yield f"### {title}"
            yield _items(
                f"**{result.rule.id}** {escaped(result.rule.title)}: {escaped(result.reason or '')}"
                for result in results
            )
    if untested := with_status(report, Status.NOT_TESTED):
        yield "### Not tested"
        yield _items(f"{escaped(reason)}: {ids(results)}" for reason, results in by_reason(untested).items())
    yield from _choices(report)
    if covered := coverage_line(report):
        yield escaped(covered)
    yield (
        f"Suite {escaped(report.suite_version)}, spec {escaped(report.spec_version)}, effort {report.effort},"
        f" target {escaped(report.base_url)}"
    )


def _choices(report: Report) -> Iterator[str]:
    if report.choices:
        yield "<details><summary>Choices: points that the documentation leaves open</summary>"
        yield table(
            ("point", "form of the target"),
            ([escaped(seen.choice.title), escaped(seen.observed)] for seen in report.choices),
        )
        yield "</details>"


def _areas(report: Report) -> str:
    rows = (
        [area, *(str(sum(result.status is status for result in results)) for status in STATUS_WORDS)]
        for area, results in by_area(report.rules).items()
    )
    return table(("area", *STATUS_WORDS.values()), rows)


def _rule(result: RuleResult) -> Iterator[str]:
    rule = result.rule
    yield f"#### {rule.id} {escaped(rule.title)} ({rule.level})"
    yield f"{escaped(rule.statement)} Source: {escaped(rule.source)}."
    for failure in result.failures:
        yield from _story(failure)


def _story(failure: Failure) -> Iterator[str]:
    yield _items([f"Expected: {escaped(failure.expected)}", f"Observed: {escaped(failure.observed)}"])
    for number, exchange in enumerate(failure.exchanges, 1):
        response = exchange.response
        yield f"{number}\\. {response.status or 'no response'}"
        yield _code(f"{exchange.curl}\n\n{cut(response.body)}")


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table. The cells are Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def escaped(text: str) -> str:
    """A text as one line, with everything escaped that has a meaning in Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>|~&#])", r"\\\1", one_line(text))


def _code(text: str) -> str:
    """A code block. Its fences are longer than any within it."""
    text = printable(text).strip()
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"
