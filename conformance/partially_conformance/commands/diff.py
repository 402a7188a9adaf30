"""`diff`: what changed between two reports."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from partially_conformance.commands.parser import Parser, file
from partially_conformance.report.comparison import Change, Difference, RuleChange, compare
from partially_conformance.report.text import STATUS_WORDS, VERDICT_WORDS, one_line
from partially_conformance.report.to_json import read_report
from partially_conformance.rules.results import Status, Verdict

if TYPE_CHECKING:
    from argparse import _SubParsersAction

NAME = "diff"

_DESCRIPTION = """\
Compare two reports that `run --json` wrote: which rules fail now, which pass again, and what changed in the
target, in the suite or in the options.

A regression is a rule that passed in A and does not pass in B: it fails, even as a known failure, or it is
inconclusive or not tested. A rule that only one report has is not a regression: the suite or the selection
of rules changed.
"""

_EPILOG = """\
examples:
  partially-conformance diff main.json branch.json

exit codes:
  0  no regression
  1  regressions
  2  wrong usage, or a file is not a report
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(NAME, help="compare two reports", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("before", type=file, metavar="A.json", help="the older report")
    parser.add_argument("after", type=file, metavar="B.json", help="the newer report")
    return parser


def execute(args: argparse.Namespace) -> int:
    """Print what changed.

    Returns:
        1 if there is a regression, else 0.

    Raises:
        ReportError: A file is not a report.
    """
    difference = compare(read_report(args.before), read_report(args.after))
    print("\n".join(changed_lines(difference)))
    return int(difference.regressed)


def changed_lines(difference: Difference) -> Iterator[str]:
    """The lines that say what changed. The last line counts regressions and repaired rules."""
    yield from _changes("run", difference.run)
    if difference.verdict:
        before, after = (
            VERDICT_WORDS[Verdict(side)] for side in (difference.verdict.before, difference.verdict.after)
        )
        yield f"verdict: {before} → {after}"
    for title, rules in (
        ("regressions: passed before, fail now", difference.broken),
        ("regressions: passed before, not tested or inconclusive now", difference.lost),
        ("repaired: failed before, pass now", difference.repaired),
        ("new failures: not tested or inconclusive before, fail now", difference.found),
        ("other changes", difference.other),
    ):
        yield from _rules(title, rules)
    for title, entries in (("rules only in B", difference.new), ("rules only in A", difference.gone)):
        if entries:
            yield f"{title}:"
        for rule in entries:
            yield f"  {rule['id']} {one_line(rule['title'])}: {STATUS_WORDS[Status(rule['status'])]}"
    yield from _changes("choices", difference.choices)
    count = len(difference.broken) + len(difference.lost)
    yield f"{count} regression{'' if count == 1 else 's'}, {len(difference.repaired)} repaired"


def _changes(title: str, changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield f"{title}:"
    for change in changes:
        yield f"  {one_line(change.what)}: {one_line(change.before)} → {one_line(change.after)}"


def _rules(title: str, changes: Sequence[RuleChange]) -> Iterator[str]:
    if changes:
        yield f"{title}:"
    for change in changes:
        reason = f" ({one_line(change.reason)})" if change.reason else ""
        before, after = STATUS_WORDS[change.before], STATUS_WORDS[change.after]
        yield f"  {change.id} {one_line(change.title)}: {before} → {after}{reason}"
