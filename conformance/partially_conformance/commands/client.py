"""`client`: run any client against a recording reference server, and check what it sends."""

from __future__ import annotations

import argparse
import math
import sys
import textwrap
from typing import TYPE_CHECKING

from partially_conformance.clients.recorded.judgements import CHECKS
from partially_conformance.clients.recorded.seeds import PREFIX, SEEDS
from partially_conformance.clients.recorded.upsets import UPSETS, Upset
from partially_conformance.commands.check_arguments import (
    add_seed_argument,
    add_selection_arguments,
    rules_of,
)
from partially_conformance.commands.parser import Parser, UsageError
from partially_conformance.commands.report_arguments import (
    add_report_arguments,
    add_verdict_arguments,
    deliver,
    known_failures_of,
    outputs_of,
    record_of,
)
from partially_conformance.rules.catalogue import Rule
from partially_conformance.target.configuration import nearest

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from partially_conformance.run.client_command import ClientOptions

NAME = "client"

LIMIT = 300.0
"""How long one run of the command may take unless told otherwise. In seconds."""

_DESCRIPTION = """\
Run a client, in any language, against a recording reference server, and check what it sends.

COMMAND is run as it stands, without a shell. It finds the server and what there is on it in its
environment, or by placeholders among its words. What it prints goes to standard error. Only its requests
are judged, not what it makes of the answers.
"""


def _listed(entries: dict[str, str]) -> str:
    width = max(map(len, entries)) + 2
    lines = (
        textwrap.wrap(text, 76, initial_indent=f"  {name:<{width}}", subsequent_indent=" " * (width + 2))
        for name, text in entries.items()
    )
    return "\n".join(line for wrapped in lines for line in wrapped)


_EPILOG = f"""\
what the command is told, as variables and as placeholders ({{base_url}}, {{api_key}} ...):
{_listed({PREFIX + name.upper(): says for name, says in SEEDS.items()})}

upsets, each in runs of its own after an undisturbed one:
{_listed({upset.name: upset.says for upset in UPSETS})}

Each run is a merchant of its own. With an upset the command may end as it likes; undisturbed it must end
with status 0.

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
     nothing or had no success, or the reference server is at fault
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
        help="also run it while things go wrong: these, or all if none is named",
    )
    add_seed_argument(what)
    what.add_argument(
        "--timeout",
        type=_seconds,
        default=LIMIT,
        metavar="SECONDS",
        help=f"how long one run of the command may take (default: {LIMIT:g})",
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
    """Run the client, show and write the report.

    Returns:
        The exit code of the report; 2 if it was 0 and a file could not be written.

    Raises:
        ConfigurationError: Something the user gave cannot be used.
    """
    options = client_options(args)
    outputs = outputs_of(args, (args.known_failures,))
    # Late: this pulls in the bench, which --help and a wrong option need not wait for.
    from partially_conformance.run.client_command import check_client  # noqa: PLC0415

    report = check_client(options, lambda line: print(f"client: {line}", file=sys.stderr, flush=True))
    return deliver(report, outputs, args)


def client_options(args: argparse.Namespace) -> ClientOptions:
    """What the command line asks for.

    Raises:
        ConfigurationError: It cannot be had.
    """
    command = tuple(args.words or ())
    if args.stray:
        raise UsageError(f"expected -- before the command, got {args.stray[0]!r}")
    if not command:
        raise UsageError("expected a command after --, got none")
    from partially_conformance.clients.recorded.process import find  # noqa: PLC0415 - as above
    from partially_conformance.run.client_command import ClientOptions  # noqa: PLC0415

    find(command)
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
    rules = tuple(rule for rule in rules_of(args, client=True) if rule.id in CHECKS)
    if not rules:
        raise UsageError(f"--rules: the traffic of a client can only show {', '.join(CHECKS)}")
    return rules
