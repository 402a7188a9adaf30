"""`run`: check a target and give a verdict."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from partially_conformance.clients.choice import DEFAULT_CLIENT
from partially_conformance.commands.check_arguments import add_check_arguments, rules_of
from partially_conformance.commands.client_arguments import (
    add_client_arguments,
    client_of,
    refuse_contradictions,
)
from partially_conformance.commands.parser import Parser, UsageError
from partially_conformance.commands.report_arguments import (
    add_report_arguments,
    add_verdict_arguments,
    known_failures_of,
    output_report,
    outputs_of,
    record_of,
)
from partially_conformance.commands.target_arguments import add_target_arguments, target_of
from partially_conformance.report.console import Progress
from partially_conformance.rules.exit_codes import EXIT_CODES
from partially_conformance.run.options import RunOptions

if TYPE_CHECKING:
    from argparse import _SubParsersAction

NAME = "run"

_DESCRIPTION = """\
Check a target, and say whether it conforms to the documented customers API.

A target is described by a target file (see docs/target-file.md), or by --base-url and --api-key. An option
replaces the value in the file. Without a target, the suite starts the embedded reference server and checks
it. A server on another machine is only checked if a target file allows it.

The suite touches only customers that it created itself, and removes them at the end.

With --client, a client that partially-generate wrote is checked too, by the CLIENT rules: the suite answers
its requests in memory, and nothing is sent. --rules 'CLIENT-*' checks a client alone.
"""

_EPILOG = f"""\
examples:
  partially-conformance run
  partially-conformance run acme.toml
  partially-conformance run --base-url http://127.0.0.1:8080/api --api-key env:ACME_KEY
  partially-conformance run acme.toml --rules 'GDPR-*' SEARCH-2 -v
  partially-conformance run acme.toml --json out.json --junit out.xml --html out.html
  partially-conformance run mock.toml --profile shape
  partially-conformance run --rules 'CLIENT-*'
  partially-conformance run --rules 'CLIENT-*' --client acme_client --client-spec acme.yaml

{EXIT_CODES}"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME,
        help="check a target, a client or both, and give a verdict",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    add_target_arguments(parser)
    add_check_arguments(parser)
    add_client_arguments(parser)
    add_verdict_arguments(parser)
    add_report_arguments(parser)
    return parser


def execute(args: argparse.Namespace) -> int:
    """Run the suite, print the report and write it to its files.

    Returns:
        The exit code of the report; 2 if it was 0 and a file could not be written.

    Raises:
        ConfigurationError: An argument cannot be used.
    """
    _separate_target(args)
    options = run_options(args)
    outputs = outputs_of(args, (args.target, args.known_failures))
    # Imported late: the engine is slow to import, and --help and wrong options do not need it.
    from partially_conformance.run.runner import run  # noqa: PLC0415

    return output_report(run(options, Progress(sys.stderr)), outputs, args)


def _separate_target(args: argparse.Namespace) -> None:
    """Take the target from `run --rules 'GDPR-*' acme.toml` and from `run --client acme.toml`."""
    if args.target is None and args.client is not None and args.client.endswith(".toml"):
        args.target, args.client = Path(args.client), DEFAULT_CLIENT
    if args.target is None and args.rules and args.rules[-1].endswith(".toml"):
        args.target = Path(args.rules.pop())
        if not args.rules:
            raise UsageError("--rules: expected a pattern such as 'GDPR-*', got none")


def run_options(args: argparse.Namespace) -> RunOptions:
    """The options of the run, from the command line.

    Raises:
        ConfigurationError: An argument cannot be used.
    """
    client = client_of(args)
    rules = rules_of(args, client=client is not None)
    refuse_contradictions(args, client, rules)
    return RunOptions(
        target=target_of(args),
        rules=rules,
        level=args.level,
        profile=args.profile,
        read_only=args.read_only,
        effort=args.effort,
        seed=args.seed,
        known_failures=known_failures_of(args),
        strict=args.strict,
        record=record_of(args),
        client=client,
    )
