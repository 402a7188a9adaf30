"""`doctor`: see whether a target can be checked, and what would stay untested."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from partially_conformance.arguments import Parser
from partially_conformance.bench import Bench, bench_for
from partially_conformance.catalogue import Need, load_catalogue
from partially_conformance.commands.target_arguments import add_target_arguments, target_of
from partially_conformance.gate import NoVerdict, preflight
from partially_conformance.launch import StartError, embedded_reference, started
from partially_conformance.verdict import EXIT_CONFORMS, EXIT_NO_VERDICT

if TYPE_CHECKING:
    from argparse import _SubParsersAction

NAME = "doctor"

_DESCRIPTION = """\
See whether a target can be checked: is it reachable, is the key taken and a wrong one refused, what does
the harness offer, and which rules stay untested without the rest. Only reads; nothing is created.
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
    Need.EMAILS: "a harness that offers `emails`",
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
    try:
        if target is None:
            with embedded_reference() as reference, bench_for(reference) as bench:
                return _examine(bench)
        with started(target), bench_for(target) as bench:
            return _examine(bench)
    except StartError as error:
        print(f"no  {error}")
        return EXIT_NO_VERDICT


def _examine(bench: Bench) -> int:
    healthy = True
    for good, finding in _findings(bench):
        print(f"{'ok' if good else 'no'}  {finding}")
        sys.stdout.flush()
        healthy = healthy and good
    untested = _untested(bench)
    total = len(load_catalogue().rules)
    print(f"\n{total - sum(map(len, untested.values()))} of {total} rules can be tested.")
    for lacking, rules in untested.items():
        how = "; ".join(_HOW_TO_GET[need] for need in sorted(lacking))
        print(f"  {', '.join(rules)}\n    need {how}")
    return EXIT_CONFORMS if healthy else EXIT_NO_VERDICT


def _findings(bench: Bench) -> Iterator[tuple[bool, str]]:
    try:
        gate = preflight(bench, stateful=True, writing=False)
    except NoVerdict as reason:
        yield False, str(reason)
        return
    yield True, f"{bench.target.base_url} answers and takes the key"
    yield gate.wrong_key_refused, "a wrong key is " + ("refused" if gate.wrong_key_refused else "taken")
    if bench.other is not None:
        status = bench.other.list().status
        yield status < 300, f"the key of the second merchant is answered with status {status}"
    if bench.harness is None:
        return
    bench.look_at_harness()
    for fault in bench.harness_faults:
        yield False, f"the harness is at fault: {fault}"
    offered = sorted(bench.offered - {Need.SECOND_MERCHANT})
    yield bool(offered), f"the harness offers {', '.join(offered) or 'nothing'}"


def _untested(bench: Bench) -> dict[frozenset[Need], list[str]]:
    """The rules that cannot be observed, by what they lack."""
    untested: dict[frozenset[Need], list[str]] = {}
    for rule in load_catalogue().rules:
        if lacking := rule.needs - bench.offered:
            untested.setdefault(lacking, []).append(rule.id)
    return untested
