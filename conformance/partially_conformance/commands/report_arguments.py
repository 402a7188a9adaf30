"""The arguments about the verdict and the report files, and the output of a report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from partially_conformance.commands.parser import Parser, file
from partially_conformance.report.console import print_report
from partially_conformance.report.files import FORMATS, OutputError, usable_outputs, write_report
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.exit_codes import EXIT_USAGE
from partially_conformance.rules.results import Report
from partially_conformance.run.known_failures import KnownFailures, load_known_failures


def add_verdict_arguments(parser: Parser) -> None:
    """Add the list of known failures, and strictness."""
    verdict = parser.add_argument_group("the verdict")
    verdict.add_argument(
        "--known-failures", type=file, metavar="FILE", help="a TOML file with the rules that may fail for now"
    )
    verdict.add_argument(
        "--strict",
        action="store_true",
        help="should rules count like must rules, and a rule that is not tested counts as failed",
    )


def add_report_arguments(parser: Parser) -> None:
    """Add the files a report is written to."""
    output = parser.add_argument_group("the report")
    output.add_argument(
        "--json", type=file, metavar="FILE", help="write the report as JSON, for programs and for `diff`"
    )
    output.add_argument(
        "--junit", type=file, metavar="FILE", help="write the report as JUnit XML, for CI systems"
    )
    output.add_argument(
        "--html", type=file, metavar="FILE", help="write the report as an HTML page, for people"
    )
    output.add_argument(
        "--markdown", type=file, metavar="FILE", help="write the report as Markdown, for a CI summary"
    )
    output.add_argument("--record", type=file, metavar="DIR", help="write every exchange to this folder")
    output.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="also print the rules that passed, all failures of a rule, and the choices",
    )


def known_failures_of(args: argparse.Namespace) -> KnownFailures | None:
    """The known failures; None if no list was given.

    Raises:
        KnownFailuresError: The list cannot be used.
    """
    path: Path | None = args.known_failures
    return None if path is None else load_known_failures(path, load_catalogue())


def outputs_of(args: argparse.Namespace, read: Iterable[Path | None]) -> dict[str, Path]:
    """The files the report is written to, by their format.

    Args:
        args: The parsed command line.
        read: Files that the same run reads.

    Raises:
        OutputError: One of them cannot be written.
    """
    return usable_outputs({name: getattr(args, name) for name in FORMATS}, read)


def record_of(args: argparse.Namespace) -> Path | None:
    """The folder that every exchange is written to; None if none was given.

    Raises:
        OutputError: The folder cannot be used.
    """
    path: Path | None = args.record
    if path is None:
        return None
    if path.exists() and not path.is_dir():
        raise OutputError(f"--record: {path}: expected a folder, got a file")
    if not path.parent.is_dir():
        raise OutputError(f"--record: {path}: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OutputError(f"--record: {path}: may not be written")
    return path


def output_report(report: Report, outputs: Mapping[str, Path], args: argparse.Namespace) -> int:
    """Print a report and write it to its files.

    Returns:
        The exit code of the report; 2 if that was 0 and a file could not be written.
    """
    print_report(report, sys.stdout, verbose=args.verbose)
    exit_code = report.exit_code
    for format_, path in outputs.items():
        try:
            write_report(report, format_, path)
        except OutputError as error:
            # The other files are still written, and the exit code of the verdict is kept.
            print(f"{args.parser.prog}: {error}", file=sys.stderr)
            exit_code = exit_code or EXIT_USAGE
    return exit_code
