"""Looking at a target before it is checked: what works, and what would stay untested."""

from __future__ import annotations

from collections.abc import Iterator

from partially_conformance.bench.bench import Bench
from partially_conformance.rules.catalogue import Need, load_catalogue
from partially_conformance.run.gate import NoVerdict, preflight


def examine(bench: Bench) -> Iterator[tuple[bool, str]]:
    """What is seen of a target, one thing after the other: whether it is as it must be, and what it is.

    The first says whether there is anything to look at; if not, it is the only one.

    Only reads; the harness is asked about ids that nobody has.
    """
    try:
        gate = preflight(bench, stateful=True, writing=False)
    except NoVerdict as reason:
        yield False, str(reason)
        return
    yield True, f"{bench.target.base_url} answers and takes the key"
    yield gate.wrong_key_refused, "a wrong key is " + ("refused" if gate.wrong_key_refused else "taken")
    if bench.other is not None:
        yield True, "the key of the second merchant is taken"
    bench.inspect_harness()
    for fault in bench.harness_faults:
        yield False, f"the harness is at fault: {fault}"
    if bench.harness is not None:
        offered = sorted(bench.offered - {Need.SECOND_MERCHANT})
        yield bool(offered), f"the harness offers {', '.join(offered) or 'nothing'}"


def untested(bench: Bench) -> dict[frozenset[Need], list[str]]:
    """The ids of the rules that cannot be observed, by what they lack."""
    lacking: dict[frozenset[Need], list[str]] = {}
    for rule in load_catalogue().rules:
        if needs := rule.needs - bench.offered:
            lacking.setdefault(needs, []).append(rule.id)
    return lacking
