"""`run`: check a target and give a verdict."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from partially_conformance.arguments import Parser, UsageError, file
from partially_conformance.catalogue import load_catalogue
from partially_conformance.commands.check_arguments import add_check_arguments, rules_of
from partially_conformance.commands.target_arguments import add_target_arguments, target_of
from partially_conformance.exit_codes import EXIT_CODES, EXIT_USAGE
from partially_conformance.known_failures import load_known_failures
from partially_conformance.options import RunOptions
from partially_conformance.report import FORMATS, OutputError, usable_outputs, write_report
from partially_conformance.report.console import Progress, print_report

if TYPE_CHECKING:
    from argparse import _SubParsersAction

NAME = "run"

_DESCRIPTION = """\
Check a target and say whether it conforms.

Without a target, the embedded reference server is started and checked. A target is a file (see
docs/target-file.md), or a URL and a key given as options; options go before what the file says.
A server that is not on this machine is only checked if a target file allows it.

The suite touches only customers it made itself, and removes them at the end.
"""

_EPILOG = f"""\
examples:
  partially-conformance run
  partially-conformance run acme.toml
  partially-conformance run --base-url http://127.0.0.1:8080/api --api-key env:ACME_KEY
  partially-conformance run acme.toml --rules 'GDPR-*' SEARCH-2 -v
  partially-conformance run acme.toml --json out.json --junit out.xml --html out.html
  partially-conformance run mock.toml --profile shape

{EXIT_CODES}"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME, help="check a target and give a verdict", description=_DESCRIPTION, epilog=_EPILOG
    )
    add_target_arguments(parser)
    add_check_arguments(parser)
    verdict = parser.add_argument_group("the verdict")
    verdict.add_argument(
        "--known-failures", type=file, metavar="FILE", help="a TOML list of rules that may fail for now"
    )
    verdict.add_argument(
        "--strict",
        action="store_true",
        help="should rules count, and a rule that is not tested counts as broken",
    )
    output = parser.add_argument_group("the report")
    output.add_argument("--json", type=file, metavar="FILE", help="write it for programs; read by `diff`")
    output.add_argument("--junit", type=file, metavar="FILE", help="write it for CI systems, as JUnit XML")
    output.add_argument("--html", type=file, metavar="FILE", help="write it for people, as one HTML page")
    output.add_argument("--markdown", type=file, metavar="FILE", help="write it for a CI summary")
    output.add_argument("--record", type=file, metavar="DIR", help="write every exchange to this folder")
    output.add_argument(
        "-v", "--verbose", action="store_true", help="also show what passed, all failures and the choices"
    )
    return parser


def execute(args: argparse.Namespace) -> int:
    """Run the suite, show and write the report.

    Returns:
        The exit code of the report; 2 if it was 0 and a file could not be written.

    Raises:
        ConfigurationError: Something the user gave cannot be used.
    """
    _separate_target(args)
    options = run_options(args)
    outputs = usable_outputs(
        {name: getattr(args, name) for name in FORMATS}, (args.target, args.known_failures)
    )
    # Late: this pulls in the engine, which --help and a wrong option need not wait for.
    from partially_conformance.runner import run  # noqa: PLC0415

    progress = Progress(sys.stderr)
    report = run(options, progress)
    print_report(report, sys.stdout, verbose=args.verbose)
    exit_code = report.exit_code
    for format_, path in outputs.items():
        try:
            write_report(report, format_, path)
        except OutputError as error:
            # The other files are still worth writing, and the verdict must not be lost.
            print(f"partially-conformance run: {error}", file=sys.stderr)
            exit_code = exit_code or EXIT_USAGE
    return exit_code


def _separate_target(args: argparse.Namespace) -> None:
    """In `run --rules 'GDPR-*' acme.toml` the last pattern is the target."""
    if args.target is None and args.rules and args.rules[-1].endswith(".toml"):
        args.target = Path(args.rules.pop())
        if not args.rules:
            raise UsageError("--rules: expected a pattern such as 'GDPR-*', got none")


def run_options(args: argparse.Namespace) -> RunOptions:
    """What the command line asks for.

    Raises:
        ConfigurationError: It cannot be had.
    """
    catalogue = load_catalogue()
    known = args.known_failures
    if args.record is not None:
        _check_folder(args.record)
    return RunOptions(
        target=target_of(args),
        rules=rules_of(args),
        level=args.level,
        profile=args.profile,
        read_only=args.read_only,
        effort=args.effort,
        seed=args.seed,
        known_failures=None if known is None else load_known_failures(known, catalogue),
        strict=args.strict,
        record=args.record,
    )


def _check_folder(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise OutputError(f"--record: {path}: expected a folder, got a file")
    if not path.parent.is_dir():
        raise OutputError(f"--record: {path}: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OutputError(f"--record: {path}: may not be written")
