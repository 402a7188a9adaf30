"""`doctor`: see whether a target can be checked, and which rules would not be tested."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from partially_conformance.commands.parser import Parser
from partially_conformance.commands.target_arguments import add_target_arguments, target_of
from partially_conformance.report.text import one_line
from partially_conformance.rules.catalogue import Need, load_catalogue
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_NO_VERDICT
from partially_conformance.rules.id_ranges import id_ranges
from partially_conformance.rules.needs import NEED_WORDS

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from partially_conformance.bench.bench import Bench

NAME = "doctor"

_DESCRIPTION = """\
See whether a target can be checked: whether it responds, accepts the key and refuses a wrong one, and what
its harness offers. What is missing is listed with the rules that cannot be tested without it. Nothing is
created.
"""

_EPILOG = """\
examples:
  partially-conformance doctor                 the embedded reference server
  partially-conformance doctor acme.toml       the target of a target file

exit codes:
  0  it can be checked
  2  wrong usage or configuration
  3  it cannot be checked: it is unreachable, refuses the key or accepts a wrong one, or the harness is at
     fault
"""

_WIDTH = 110


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME, help="see whether a target can be checked", description=_DESCRIPTION, epilog=_EPILOG
    )
    add_target_arguments(parser)
    return parser


def execute(args: argparse.Namespace) -> int:
    """Look at the target and print the findings.

    Raises:
        ConfigurationError: An argument cannot be used.
    """
    target = target_of(args)
    # Imported late: the engine is slow to import, and --help and wrong options do not need it.
    from partially_conformance.bench.bench import bench_for  # noqa: PLC0415
    from partially_conformance.target.launch import StartError, embedded_reference, started  # noqa: PLC0415

    try:
        if target is None:
            with embedded_reference() as reference, bench_for(reference) as bench:
                return _print_findings(bench)
        with started(target), bench_for(target) as bench:
            return _print_findings(bench)
    except StartError as error:
        print(f"no  {one_line(str(error))}")
        return EXIT_NO_VERDICT


def _print_findings(bench: Bench) -> int:
    from partially_conformance.run.target_inspection import inspect_target, untested_rules  # noqa: PLC0415

    findings = list(inspect_target(bench))
    for finding in findings:
        print(f"{'ok' if finding.good else 'no'}  {one_line(finding.text)}")
    if findings[0].good:
        untested = untested_rules(bench)
        total = len(load_catalogue().of_servers)
        tested = total - len({rule_id for rule_ids in untested.values() for rule_id in rule_ids})
        print(f"\n{tested} of {total} rules can be tested.")
        for line in _missing(untested):
            print(line)
    return EXIT_CONFORMS if all(finding.good for finding in findings) else EXIT_NO_VERDICT


def _missing(untested: Mapping[Need, Sequence[str]]) -> Iterator[str]:
    """For each thing that is missing the rules that are not tested without it, and how to provide it."""
    for need, words in NEED_WORDS.items():
        if rule_ids := untested.get(need):
            verb = "is" if len(rule_ids) == 1 else "are"
            line = f"{words.lacks}: {id_ranges(rule_ids)} {verb} not tested ({words.remedy})"
            yield from textwrap.wrap(
                line, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
            )
