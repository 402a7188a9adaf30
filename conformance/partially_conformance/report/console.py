"""The report on the console: the progress during a run, and its results."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterable
from typing import TextIO

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
from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.results import Report, RuleResult, Status, Verdict
from partially_conformance.traffic.records import Failure

STORIES = 3
"""How many failures of one rule are shown, unless `verbose` asks for all."""

_WIDTH = 110
"""Columns of a list of rule ids."""

_CLEAR_LINE = "\r\x1b[2K"
_GREEN, _RED, _YELLOW, _BOLD, _FAINT = "32", "31", "33", "1", "2"
_STATUS_COLOURS = {Status.PASSED: _GREEN, Status.FAILED: _RED}
_VERDICT_COLOURS = {Verdict.CONFORMS: _GREEN, Verdict.VIOLATES: _RED, Verdict.NO_VERDICT: _YELLOW}


def is_terminal(stream: TextIO) -> bool:
    """Whether a stream is a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class Progress:
    """Shows the progress of a run: on a terminal in one line, elsewhere in one line for each rule.

    Args:
        stream: The stream to write to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = is_terminal(stream)
        self._total = 0
        self._index = 0
        self._requests = 0

    def start(self, total_rules: int) -> None:
        """Note how many rules the run has."""
        self._total = total_rules

    def rule(self, rule: Rule, index: int) -> None:
        """Show that a rule is being checked.

        Args:
            rule: The rule.
            index: Its place among all rules, counted from 1.
        """
        self._index = index
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            line = f"{self._place()} {rule.id} {rule.title} ({self._requests} requests)"
            self._stream.write(_CLEAR_LINE + line[:width])
            self._stream.flush()

    def finished(self, result: RuleResult) -> None:
        """Show the status of a rule."""
        self._requests += result.exchanges
        if not self._terminal:
            self._stream.write(f"{self._place()} {result.rule.id} {STATUS_WORDS[result.status]}\n")
            self._stream.flush()

    def stop(self) -> None:
        """Clear the line on a terminal."""
        if self._terminal:
            self._stream.write(_CLEAR_LINE)
            self._stream.flush()

    def _place(self) -> str:
        width = len(str(self._total))
        return f"[{self._index:{width}}/{self._total}]"


def print_report(report: Report, stream: TextIO, *, verbose: bool = False) -> None:
    """Print a report. The last line is the verdict.

    Args:
        report: The report.
        stream: The stream to write to. On a terminal colours are used, unless NO_COLOR is set.
        verbose: Whether to print all failures of a rule, the rules that passed, and the choices too.
    """
    page = _Page(stream)
    for status in (Status.FAILED, Status.INCONCLUSIVE, Status.KNOWN_FAILURE):
        for result in with_status(report, status):
            _story(page, result, verbose=verbose)
    if verbose:
        for result in with_status(report, Status.PASSED):
            page.line(page.paint("passed", _GREEN), f" {result.rule.id} {result.rule.title}")
    _areas(page, report)
    _untested(page, with_status(report, Status.NOT_TESTED))
    _choices(page, report, verbose=verbose)
    if covered := coverage_line(report):
        page.line(covered)
    for error in report.errors:
        page.line(page.paint("warning: ", _YELLOW), one_line(error))
    if report.reason:
        page.line(f"reason: {one_line(report.reason)}")
    page.line("verdict: ", page.paint(one_line(verdict_line(report)), _VERDICT_COLOURS[report.verdict]))


class _Page:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colours = is_terminal(stream) and not os.environ.get("NO_COLOR")

    def line(self, *parts: str) -> None:
        self._stream.write("".join(parts).rstrip() + "\n")

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours else text

    def fact(self, name: str, value: str) -> None:
        """Write a text with its name; further lines are indented."""
        for number, line in enumerate(printable(value).split("\n")):
            self.line(self.paint(f"  {name if number == 0 else '':<10}", _FAINT), line)


def _story(page: _Page, result: RuleResult, *, verbose: bool) -> None:
    rule = result.rule
    status = page.paint(STATUS_WORDS[result.status].upper(), _STATUS_COLOURS.get(result.status, _YELLOW))
    page.line(status, " ", page.paint(f"{rule.id} {rule.title}", _BOLD), f" ({rule.level})")
    page.fact("rule", rule.statement)
    page.fact("source", rule.source)
    if result.reason and result.status is not Status.FAILED:  # the failures say it
        page.fact("reason", result.reason)
    shown = result.failures if verbose else result.failures[:STORIES]
    for failure in shown:
        _failure(page, failure)
    if hidden := len(result.failures) - len(shown):
        page.line(f"  and {hidden} more failures of this rule: -v and the JSON report show all")
    page.line()


def _failure(page: _Page, failure: Failure) -> None:
    page.fact("expected", cut(failure.expected))
    page.fact("observed", cut(failure.observed))
    for number, exchange in enumerate(failure.exchanges, 1):
        response = exchange.response
        page.fact(f"{number}.", exchange.curl)
        page.fact("", f"→ {response.status or 'no response'} {cut(response.body)}")


def _areas(page: _Page, report: Report) -> None:
    groups = by_area(report.rules)
    if not groups:
        return
    width = max(len(area) for area in ("area", *groups))
    page.line("area".ljust(width), *(f"  {word}" for word in STATUS_WORDS.values()))
    for area, results in groups.items():
        cells = ""
        for status, word in STATUS_WORDS.items():
            number = sum(result.status is status for result in results)
            cell = f"  {number or '-':>{len(word)}}"
            cells += page.paint(cell, _RED) if number and status is Status.FAILED else cell
        page.line(area.ljust(width), cells)
    page.line()


def _untested(page: _Page, results: Iterable[RuleResult]) -> None:
    for number, (reason, group) in enumerate(by_reason(results).items()):
        if number == 0:
            page.line("not tested:")
        for line in textwrap.wrap(
            f"{one_line(reason)}: {ids(group)}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        ):
            page.line(line)


def _choices(page: _Page, report: Report, *, verbose: bool) -> None:
    if not report.choices:
        return
    more = "" if verbose else "; -v shows them"
    page.line(f"choices: {len(report.choices)} observed{more}")
    if verbose:
        for seen in report.choices:
            page.line(f"  {seen.choice.title}: {one_line(seen.observed)}")
