"""`self-test`: the suite against deliberately broken servers and clients, and against conforming ones."""

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
See that the suite can be believed. Every deliberately broken server or client (a fault) must fail each rule
that it says it breaks; where one of these does not catch it, all rules are tried, to tell a fault that
survives from one that only others catch. Every conforming one that made other choices (a variant, or a
profile of several) is checked with all rules and must conform. A rule that too few faults prove is an error
too. The outcome is the kill matrix.
"""

_EPILOG = """\
examples:
  partially-conformance self-test                                     all, which takes a while
  partially-conformance self-test --faults 'removal-*'                only those with such a name
  partially-conformance self-test --jobs 8 --markdown kill-matrix.md  in 8 processes; keep the matrix

exit codes:
  0  every fault is caught by its own rules, every conforming server and client conforms
  1  not so; each problem is one line
  2  wrong usage, or a file could not be written
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME,
        help="the suite against broken and conforming servers and clients",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--faults", metavar="PATTERN", help="only faults, variants and profiles whose name matches"
    )
    parser.add_argument(
        "--jobs", type=_positive, default=2, metavar="N", help="processes that work at once (default: 2)"
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
        help="run faults against all rules, to see who else catches them; takes about five times as long",
    )
    output = parser.add_argument_group("the kill matrix")
    output.add_argument("--json", type=file, metavar="FILE", help="write it for programs")
    output.add_argument("--markdown", type=file, metavar="FILE", help="write it for people")
    return parser


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def execute(args: argparse.Namespace) -> int:
    """Try the suite, show and write what came of it.

    Raises:
        ConfigurationError: Something the user gave cannot be used.
    """
    outputs = usable_outputs({"json": args.json, "markdown": args.markdown}, ())
    # Late: these pull in the engine and the server, which --help and a wrong option need not wait for.
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
    """Shows how far it is: in one line on a terminal, in a line for each server elsewhere."""

    def __init__(self, stream: TextIO, chosen: Sequence[Case]) -> None:
        self._stream = stream
        self._terminal = is_terminal(stream)
        self._total = len(chosen)
        self._done = 0

    def done(self, one: CaseResult) -> None:
        """A server was examined."""
        self._done += 1
        seconds = sum(trial.seconds for trial in one.trials)
        outcome = "; ".join(one.problems) or "as it must be"
        line = f"[{self._done}/{self._total}] {one.case.role} {one.case.name}: {outcome} ({seconds:.1f} s)"
        if self._terminal:
            line = line[: shutil.get_terminal_size().columns - 1]
            end = "\n" if one.problems else ""
            self._stream.write(f"\r\x1b[2K{line}{end}")
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def stop(self) -> None:
        """It is over: leave a clean line."""
        if self._terminal:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
