"""`rules`: list the catalogue, or explain one rule."""

from __future__ import annotations

import argparse
import inspect
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from partially_conformance.clients.recorded.judgements import CHECKS
from partially_conformance.commands.parser import Parser, UsageError, file
from partially_conformance.report.files import write_text
from partially_conformance.rules.catalogue import CLIENT, Rule, load_catalogue
from partially_conformance.rules.document import NEED_WORDS, as_markdown
from partially_conformance.target.configuration import nearest

if TYPE_CHECKING:
    from argparse import _SubParsersAction

NAME = "rules"

_DESCRIPTION = """\
List the rules a target, or a client, is checked against, or explain one.

A must rule is what the customers chapter of the published reference says, or what no sane reading
allows otherwise. A should rule comes from the wider reference, RFC 9110 or common security practice.
"""

_EPILOG = """\
examples:
  partially-conformance rules               all rules
  partially-conformance rules 'GDPR-*'      those of one area
  partially-conformance rules SEARCH-2      one rule: what it says, what it rests on, and what checks it
  partially-conformance rules --markdown rules.md
                                            write all rules to a document, each with what it rests on

exit codes:
  0  done
  2  no such rule, or the document cannot be written
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME, help="list the rules, or explain one", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument(
        "patterns", nargs="*", metavar="ID", help="an id such as SEARCH-2, or a pattern such as 'GDPR-*'"
    )
    parser.add_argument(
        "--markdown",
        type=file,
        metavar="FILE",
        help="write the whole catalogue to a document, and list nothing",
    )
    return parser


def execute(args: argparse.Namespace) -> int:
    """Print the rules, or write all of them to a document.

    Raises:
        UsageError: An id or a pattern matches no rule, or is given with `--markdown`.
        OutputError: The document cannot be written.
    """
    patterns: list[str] = args.patterns
    document: Path | None = args.markdown
    if document is not None:
        if patterns:
            raise UsageError("--markdown writes all rules: expected no id beside it")
        write_text(as_markdown(load_catalogue()), document)
        return 0
    try:
        rules = load_catalogue().select(patterns)
    except ValueError as error:
        ids = [rule.id for rule in load_catalogue().rules]
        hint = next(
            filter(None, (nearest(word.upper(), ids) for word in patterns if word.upper() not in ids)), ""
        )
        raise UsageError(f"{error}{hint}") from error
    if len(patterns) == 1 and patterns[0].upper() == rules[0].id:
        print(explain(rules[0]))
    else:
        print(table(rules))
    return 0


def table(rules: Iterable[Rule]) -> str:
    """The rules, one in a line: id, level, needs and title."""
    head = ("id", "level", "needs", "title")
    rows = [
        head,
        *((rule.id, rule.level.value, ", ".join(sorted(rule.needs)) or "-", rule.title) for rule in rules),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )
    return "\n".join(lines)


def _faults(rule: Rule) -> list[str]:
    """The broken servers that prove that the rule can fail."""
    try:
        from partially_conformance.selftest.faults.clients import all_client_faults  # noqa: PLC0415
        from partially_conformance.selftest.faults.servers import all_faults  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0].startswith("partially_"):
            raise
        return ["not shown: the broken servers need the extra `reference` of this distribution"]
    of_clients = [(fault.name, fault.says) for fault in all_client_faults() if rule.id in fault.about]
    found = [(fault.name, fault.says) for fault in all_faults() if rule.id in fault.about] + of_clients
    return [f"{name}: {says}" for name, says in found] or ["none"]


def explain(rule: Rule) -> str:
    """All there is to know about a rule."""
    # Late: the checks pull in the engine, which the table does not need.
    from partially_conformance.suite import checks_of  # noqa: PLC0415

    facts = [("says", rule.statement), ("level", rule.level.value)]
    facts += [("basis", rule.basis), ("source", rule.source)]
    least = "a client built by partially-generate" if rule.area == CLIENT else "the API and one key"
    if rule.id in CHECKS:
        least += ", or any client whose requests are recorded"
    facts += [("needs", NEED_WORDS[need]) for need in sorted(rule.needs)] or [("needs", least)]
    choices = [load_catalogue().choice(one) for one in rule.choices]
    facts += [("accepts", f"{choice.title}: {choice.allowed}") for choice in choices]
    facts += [("check", f"{name}: {doc}") for name, doc in checks_of(rule.id)] or [("check", "none")]
    if rule.id in CHECKS:
        facts.append(("traffic", f"`client -- COMMAND` sees it: {inspect.getdoc(CHECKS[rule.id])}"))
    facts += [("fault", fault) for fault in _faults(rule)]
    lines = [f"{rule.id}  {rule.title}"]
    for name, value in facts:
        lines += textwrap.wrap(value, 100, initial_indent=f"  {name:<8}", subsequent_indent=" " * 10)
    return "\n".join(lines)
