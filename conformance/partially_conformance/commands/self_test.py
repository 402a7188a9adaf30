"""`self-test`: try the suite on deliberately broken servers and clients, and on conforming ones."""

from __future__ import annotations

import argparse
import functools
import shutil
import sys
from typing import TYPE_CHECKING, TextIO

from partially_conformance.commands.parser import Parser, UsageError, file
from partially_conformance.report.console import is_terminal
from partially_conformance.report.files import OutputError, usable_outputs, write_text
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_USAGE, EXIT_VIOLATES

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Sequence

    from partially_conformance.selftest.cases import Case, CaseResult

NAME = "self-test"

_DESCRIPTION = """\
Try the suite itself. Every deliberately broken server or client (a fault) must fail the rules that it
declares to break. Every conforming server or client with other legal choices (a variant, or a stack of
several choices) must conform to all rules. Every rule must be proven by enough faults. The result is the kill
matrix.

A fault that one of its rules does not catch is tried again with all rules, to see whether others catch it.
"""

_EPILOG = """\
examples:
  partially-conformance self-test                                     all of them; takes a while
  partially-conformance self-test --faults 'removal-*'                only those whose name matches
  partially-conformance self-test --jobs 8 --markdown kill-matrix.md  in 8 processes; keep the matrix

exit codes:
  0  every fault is caught by its rules, and every variant conforms
  1  it is not so; each problem is printed on one line
  2  wrong usage, or a file could not be written
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME,
        help="try the suite on broken and on conforming servers and clients",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--faults", metavar="PATTERN", help="try only the faults, variants and stacks whose name matches"
    )
    parser.add_argument(
        "--jobs",
        type=_positive,
        default=2,
        metavar="N",
        help="how many processes work at the same time (default: 2)",
    )
    parser.add_argument(
        "--seeds",
        type=_positive,
        default=1,
        metavar="N",
        help="try each with the seeds 0 to N-1 (default: 1)",
    )
    parser.add_argument(
        "--all-rules",
        action="store_true",
        help="try every fault with all rules, to see which others catch it; takes about five times as long",
    )
    output = parser.add_argument_group("the kill matrix")
    output.add_argument("--json", type=file, metavar="FILE", help="write it as JSON, for programs")
    output.add_argument("--markdown", type=file, metavar="FILE", help="write it as Markdown, for people")
    return parser


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or above, got {text!r}")
    return int(text)


def execute(args: argparse.Namespace) -> int:
    """Try the suite, print the kill matrix and write it to its files.

    Raises:
        ConfigurationError: An argument cannot be used.
    """
    outputs = usable_outputs({"json": args.json, "markdown": args.markdown}, ())
    # Imported late: engine and server are slow to import, and --help and wrong options do not need them.
    from partially_conformance.selftest.cases import cases, examine, kill_matrix  # noqa: PLC0415
    from partially_conformance.selftest.kill_matrix import as_json, as_markdown, as_text  # noqa: PLC0415
    from partially_conformance.selftest.workers import examine_all  # noqa: PLC0415

    try:
        chosen = cases(args.faults)
    except ValueError as error:
        raise UsageError(f"--faults: {error}") from error
    seeds = range(args.seeds)
    progress = _Progress(sys.stderr, chosen)
    examined = []
    work = functools.partial(examine, all_rules=args.all_rules)
    for one in examine_all(chosen, seeds, args.jobs, work):
        examined.append(one)
        progress.done(one)
    progress.stop()
    matrix = kill_matrix(examined, seeds, whole=args.faults is None, all_rules=args.all_rules)
    sys.stdout.write(as_text(matrix))
    exit_code = EXIT_VIOLATES if matrix.problems else EXIT_CONFORMS
    for name, path in outputs.items():
        try:
            write_text({"json": as_json, "markdown": as_markdown}[name](matrix), path)
        except OutputError as error:
            print(f"partially-conformance self-test: {error}", file=sys.stderr)
            exit_code = exit_code or EXIT_USAGE
    return exit_code


class _Progress:
    """Shows the progress: on a terminal in one line, elsewhere in one line for each server or client."""

    def __init__(self, stream: TextIO, chosen: Sequence[Case]) -> None:
        self._stream = stream
        self._terminal = is_terminal(stream)
        self._total = len(chosen)
        self._done = 0

    def done(self, one: CaseResult) -> None:
        """Show that a server or client was examined."""
        self._done += 1
        seconds = sum(trial.seconds for trial in one.trials)
        outcome = "; ".join(one.problems) or "as expected"
        line = f"[{self._done}/{self._total}] {one.case.role} {one.case.name}: {outcome} ({seconds:.1f} s)"
        if self._terminal:
            line = line[: shutil.get_terminal_size().columns - 1]
            end = "\n" if one.problems else ""
            self._stream.write(f"\r\x1b[2K{line}{end}")
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def stop(self) -> None:
        """Clear the line on a terminal."""
        if self._terminal:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
