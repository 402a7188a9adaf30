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
Check that the suite can be trusted. A fault is a deliberately broken server or client; each rule that it
breaks must catch it. If one of them does not, all rules are tried, to tell a fault that survives from one
that only other rules catch. A variant is a conforming server or client with another legal choice, and a stack
combines several variants; each is checked with all rules and must conform. A rule that catches too few faults
is an error too. The result is the kill matrix.
"""

_EPILOG = """\
examples:
  partially-conformance self-test                                     try all; this takes a while
  partially-conformance self-test --faults 'removal-*'                try those whose name matches
  partially-conformance self-test --jobs 8 --markdown kill-matrix.md  use 8 processes, write the matrix

exit codes:
  0  every fault is caught by each of its rules, every variant and every stack conforms
  1  there are problems; each is printed on one line
  2  wrong usage, or a file could not be written
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME,
        help="try the suite on broken and conforming servers and clients",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--faults", metavar="PATTERN", help="only faults, variants and stacks whose name matches"
    )
    parser.add_argument(
        "--jobs", type=_positive, default=2, metavar="N", help="number of processes (default: 2)"
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
        help="check faults with all rules, to see which others catch them; takes about five times as long",
    )
    output = parser.add_argument_group("the kill matrix")
    output.add_argument("--json", type=file, metavar="FILE", help="write it as JSON")
    output.add_argument("--markdown", type=file, metavar="FILE", help="write it as Markdown")
    return parser


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or above, got {text!r}")
    return int(text)


def execute(args: argparse.Namespace) -> int:
    """Try the suite, then show and write the kill matrix.

    Raises:
        ConfigurationError: An option cannot be used.
    """
    outputs = usable_outputs({"json": args.json, "markdown": args.markdown}, ())
    # Imported here: --help and a wrong option need not wait for the engine and the server.
    from partially_conformance.selftest.cases import cases, examine, kill_matrix  # noqa: PLC0415
    from partially_conformance.selftest.kill_matrix import as_json, as_markdown, as_text  # noqa: PLC0415
    from partially_conformance.selftest.workers import examine_all  # noqa: PLC0415

    try:
        chosen = cases(args.faults)
    except ValueError as error:
        raise UsageError(f"--faults: {error}") from error
    seeds = range(args.seeds)
    progress = _Progress(sys.stderr, chosen)
    results = []
    work = functools.partial(examine, all_rules=args.all_rules)
    for result in examine_all(chosen, seeds, args.jobs, work):
        results.append(result)
        progress.done(result)
    progress.stop()
    matrix = kill_matrix(results, seeds, all_cases=args.faults is None, all_rules=args.all_rules)
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
    """Shows the progress: in one line on a terminal, else in one line for each case."""

    def __init__(self, stream: TextIO, chosen: Sequence[Case]) -> None:
        self._stream = stream
        self._terminal = is_terminal(stream)
        self._total = len(chosen)
        self._done = 0

    def done(self, result: CaseResult) -> None:
        """Show the result of a case."""
        self._done += 1
        case = result.case
        seconds = sum(trial.seconds for trial in result.trials)
        outcome = "; ".join(result.problems) or ("caught" if case.role.is_fault else "conforms")
        line = f"[{self._done}/{self._total}] {case.role} {case.name}: {outcome} ({seconds:.1f} s)"
        if self._terminal:
            line = line[: shutil.get_terminal_size().columns - 1]
            end = "\n" if result.problems else ""
            self._stream.write(f"\r\x1b[2K{line}{end}")
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def stop(self) -> None:
        """Clear the line at the end."""
        if self._terminal:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
