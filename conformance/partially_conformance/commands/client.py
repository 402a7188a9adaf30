"""`client`: run any client against a recording reference server, and check what it sends."""

from __future__ import annotations

import argparse
import math
import sys
import textwrap
from typing import TYPE_CHECKING

from partially_conformance.clients.recorded.traffic_checks import TRAFFIC_CHECKS
from partially_conformance.clients.recorded.upsets import UPSETS, Upset
from partially_conformance.clients.recorded.variables import PREFIX, VARIABLES
from partially_conformance.commands.check_arguments import (
    add_seed_argument,
    add_selection_arguments,
    rules_of,
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
from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.id_ranges import id_ranges
from partially_conformance.target.configuration import nearest

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from partially_conformance.run.client_command import ClientOptions

NAME = "client"

LIMIT = 300.0
"""Seconds that one run of the command may take, by default."""

_DESCRIPTION = """\
Run a client, in any language, against a recording reference server, and check what it sends.

COMMAND is a program that uses the client: a script with a few calls, or the client's own tests. It is run
without a shell. It learns the address, the key and the ids of prepared customers from environment variables,
or from placeholders among its arguments. Its output goes to standard error. Only its requests are checked,
not how it handles the responses.
"""


def _listed(entries: dict[str, str]) -> str:
    width = max(map(len, entries)) + 2
    lines = (
        textwrap.wrap(text, 76, initial_indent=f"  {name:<{width}}", subsequent_indent=" " * (width + 2))
        for name, text in entries.items()
    )
    return "\n".join(line for wrapped in lines for line in wrapped)


_EPILOG = f"""\
what the command is given, as environment variables and as placeholders ({{base_url}}, {{api_key}} ...):
{_listed({PREFIX + name.upper(): text for name, text in VARIABLES.items()})}

upsets, each applied in runs of its own after an undisturbed run:
{_listed({upset.name: upset.description for upset in UPSETS})}

Each run uses a new merchant with its own customers. Undisturbed, the command must end with status 0. With an
upset it may end with any status.

examples:
  partially-conformance client -- python client.py
  partially-conformance client --upset -- node client.mjs
  partially-conformance client --upset cut redirect --json out.json -- ./client.sh
  partially-conformance client -- curl '{{base_url}}/customer' -H 'Authorization: Bearer {{api_key}}'

exit codes:
  0  conforms
  1  violates a must rule (with --strict also: a should rule, or a rule not tested),
     or a known failure no longer fails
  2  wrong usage, or the command cannot be run
  3  no verdict: the undisturbed command ended with another status than 0, did not end in time, sent
     no request or got no 2xx response, or the reference server did not respond
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME,
        help="run a client, and check what it sends",
        usage="partially-conformance client [OPTION ...] -- COMMAND [WORD ...]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("stray", nargs="*", help=argparse.SUPPRESS)
    what = add_selection_arguments(parser)
    what.add_argument(
        "--upset",
        nargs="*",
        type=_upset,
        metavar="NAME",
        help="also run the command with these upsets; with all of them if none is named",
    )
    add_seed_argument(what)
    what.add_argument(
        "--timeout",
        type=_seconds,
        default=LIMIT,
        metavar="SECONDS",
        help=f"end a run of the command after this time (default: {LIMIT:g})",
    )
    add_verdict_arguments(parser)
    add_report_arguments(parser)
    return parser


def _upset(text: str) -> Upset:
    upsets = {upset.name: upset for upset in UPSETS}
    if text not in upsets:
        raise argparse.ArgumentTypeError(
            f"expected one of {', '.join(upsets)}, got {text!r}{nearest(text, upsets)}"
        )
    return upsets[text]


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, got {text!r}")
    return seconds


def execute(args: argparse.Namespace) -> int:
    """Run the client, print the report and write it to its files.

    Returns:
        The exit code of the report; 2 if it was 0 and a file could not be written.

    Raises:
        ConfigurationError: An argument cannot be used.
    """
    options = client_options(args)
    outputs = outputs_of(args, (args.known_failures,))
    # Imported late: the bench is slow to import, and --help and wrong options do not need it.
    from partially_conformance.run.client_command import check_client  # noqa: PLC0415

    report = check_client(options, lambda line: print(f"client: {line}", file=sys.stderr, flush=True))
    return output_report(report, outputs, args)


def client_options(args: argparse.Namespace) -> ClientOptions:
    """The options of the check, from the command line.

    Raises:
        ConfigurationError: An argument cannot be used.
    """
    command = tuple(args.words or ())
    if args.stray:
        raise UsageError(f"expected -- before the command, got {args.stray[0]!r}")
    if not command:
        raise UsageError("expected a command after --, got none")
    from partially_conformance.clients.recorded.process import require_command  # noqa: PLC0415 - as above
    from partially_conformance.run.client_command import ClientOptions  # noqa: PLC0415

    require_command(command)
    return ClientOptions(
        command=command,
        rules=_rules(args),
        upsets=UPSETS if args.upset == [] else tuple(dict.fromkeys(args.upset or ())),
        limit=args.timeout,
        seed=args.seed,
        known_failures=known_failures_of(args),
        strict=args.strict,
        record=record_of(args),
    )


def _rules(args: argparse.Namespace) -> tuple[Rule, ...]:
    rules = tuple(rule for rule in rules_of(args, client=True) if rule.id in TRAFFIC_CHECKS)
    if not rules:
        raise UsageError(f"--rules: recorded requests can only show {id_ranges(TRAFFIC_CHECKS)}")
    return rules
