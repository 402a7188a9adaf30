"""`matrix`: check several targets and show them side by side."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from partially_conformance.commands.check_arguments import add_check_arguments, rules_of
from partially_conformance.commands.parser import Parser, UsageError, file
from partially_conformance.report.console import Progress
from partially_conformance.report.files import OutputError, usable_outputs, write_text
from partially_conformance.report.matrix import as_json, as_markdown, as_text
from partially_conformance.report.side_by_side import side_by_side
from partially_conformance.rules.exit_codes import EXIT_CODES, EXIT_USAGE
from partially_conformance.run.options import RunOptions
from partially_conformance.target.target import load_target

if TYPE_CHECKING:
    from argparse import _SubParsersAction

NAME = "matrix"

_DESCRIPTION = """\
Check several targets, one after the other, and show them side by side: the rules that fail on a target or
differ between targets, the counts, the verdicts, and the choices in which the targets differ. A choice is a
point that the documentation leaves open.
"""

_EPILOG = f"""\
examples:
  partially-conformance matrix acme.toml other.toml
  partially-conformance matrix v1.toml v2.toml --rules 'GDPR-*' --markdown summary.md

The exit code is the worst of all targets: 1, then 3, then 0.

{EXIT_CODES}"""

_FORMS = {"json": as_json, "markdown": as_markdown}


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME,
        help="check several targets, and show them side by side",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument(
        "targets", nargs="*", type=file, metavar="TARGET.toml", help="target files, at least two"
    )
    add_check_arguments(parser)
    output = parser.add_argument_group("the report")
    output.add_argument(
        "--json", type=file, metavar="FILE", help="write the table and all reports as JSON, for programs"
    )
    output.add_argument(
        "--markdown", type=file, metavar="FILE", help="write the table as Markdown, for a CI summary"
    )
    output.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="also show the rules and choices in which all targets are alike",
    )
    return parser


def execute(args: argparse.Namespace) -> int:
    """Check all targets, print the table and write it to its files.

    Returns:
        The worst exit code of all; 2 if it was 0 and a file could not be written.

    Raises:
        ConfigurationError: An argument cannot be used.
    """
    files = _targets(args)
    rules = rules_of(args)
    outputs = usable_outputs({name: getattr(args, name) for name in _FORMS}, files)
    options = [
        RunOptions(
            target=load_target(path),
            rules=rules,
            level=args.level,
            profile=args.profile,
            read_only=args.read_only,
            effort=args.effort,
            seed=args.seed,
        )
        for path in files
    ]
    # Imported late: the engine is slow to import, and --help and wrong options do not need it.
    from partially_conformance.run.runner import rules_in_scope, run  # noqa: PLC0415

    rules_in_scope(options[0])  # an empty selection is refused before the first run
    reports = []
    for path, one in zip(files, options, strict=True):
        print(f"{path}:", file=sys.stderr)
        reports.append(run(one, Progress(sys.stderr)))
        if reports[-1].interrupted:
            break
    matrix = side_by_side(reports)
    sys.stdout.write(as_text(matrix, verbose=args.verbose))
    exit_code = matrix.exit_code
    for form, path in outputs.items():
        try:
            write_text(_FORMS[form](matrix), path)
        except OutputError as error:
            print(f"partially-conformance matrix: {error}", file=sys.stderr)
            exit_code = exit_code or EXIT_USAGE
    return exit_code


def _targets(args: argparse.Namespace) -> list[Path]:
    """The target files, also those that follow the patterns of `--rules`."""
    files: list[Path] = list(args.targets)
    following: list[Path] = []
    while args.rules and args.rules[-1].endswith(".toml"):
        following.insert(0, Path(args.rules.pop()))
    if following and not args.rules:
        raise UsageError("--rules: expected a pattern such as 'GDPR-*', got none")
    files += following
    if len(files) < 2:
        raise UsageError(f"expected at least two target files, got {len(files)}")
    return files
