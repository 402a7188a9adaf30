"""`doctor`: see whether a target can be checked, and what would stay untested."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from partially_conformance.commands.parser import Parser
from partially_conformance.commands.target_arguments import add_target_arguments, target_of
from partially_conformance.report.text import one_line
from partially_conformance.rules.catalogue import Need, load_catalogue
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_NO_VERDICT

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from partially_conformance.bench.bench import Bench

NAME = "doctor"

_DESCRIPTION = """\
See whether a target can be checked: is it reachable, is the key taken and a wrong one refused, what does
the harness offer, and which rules stay untested without the rest. Nothing is created.
"""

_EPILOG = """\
examples:
  partially-conformance doctor                 the embedded reference server
  partially-conformance doctor acme.toml       a target file

exit codes:
  0  it can be checked
  2  wrong usage or configuration
  3  it cannot: unreachable, key refused, wrong key taken, or the harness is at fault
"""

_HOW_TO_GET: dict[Need, str] = {
    Need.SECOND_MERCHANT: "give another merchant's key with other_api_key or --other-api-key",
    Need.PASSWORD: "a harness that offers `password`",
    Need.PAYMENT_PLANS: "a harness that offers `payment_plans`",
    Need.EMAILS: "a harness that offers `emails`, or a server that sends them to smtp_listen",
    Need.CLOCK: "a harness that offers `clock`",
}


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME, help="see whether a target can be checked", description=_DESCRIPTION, epilog=_EPILOG
    )
    add_target_arguments(parser)
    return parser


def execute(args: argparse.Namespace) -> int:
    """Look at the target and say what was seen.

    Raises:
        ConfigurationError: Something the user gave cannot be used.
    """
    target = target_of(args)
    # Late: this pulls in the engine, which --help and a wrong option need not wait for.
    from partially_conformance.bench.bench import bench_for  # noqa: PLC0415
    from partially_conformance.target.launch import StartError, embedded_reference, started  # noqa: PLC0415

    try:
        if target is None:
            with embedded_reference() as reference, bench_for(reference) as bench:
                return _tell(bench)
        with started(target), bench_for(target) as bench:
            return _tell(bench)
    except StartError as error:
        print(f"no  {one_line(str(error))}")
        return EXIT_NO_VERDICT


def _tell(bench: Bench) -> int:
    from partially_conformance.run.inspection import examine, untested  # noqa: PLC0415

    findings = list(examine(bench))
    for good, finding in findings:
        print(f"{'ok' if good else 'no'}  {one_line(finding)}")
    if findings[0][0]:
        lacking = untested(bench)
        total = len(load_catalogue().of_servers)
        print(f"\n{total - sum(map(len, lacking.values()))} of {total} rules can be tested.")
        for needs, rules in lacking.items():
            how = "; ".join(_HOW_TO_GET[need] for need in sorted(needs))
            print(f"  {', '.join(rules)}\n    need {how}")
    return EXIT_CONFORMS if all(good for good, _ in findings) else EXIT_NO_VERDICT
