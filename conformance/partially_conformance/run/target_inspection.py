"""Looking at a target before a run: whether it can be checked, and which rules would not be tested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from partially_conformance.bench.bench import Bench
from partially_conformance.rules.catalogue import Need, load_catalogue
from partially_conformance.run.gate import NoVerdict, preflight
from partially_conformance.traffic.check_end import CheckEnd


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about a target.

    Attributes:
        good: Whether it is as it must be.
        text: What was found, in one line.
    """

    good: bool
    text: str


def inspect_target(bench: Bench) -> Iterator[Finding]:
    """Look at the API, the keys and the harness of a target, one after the other.

    It creates nothing: it only reads, and calls the harness with ids that no customer has. If the target
    cannot be reached or refuses the key, that is the first finding and the only one.
    """
    try:
        gate = preflight(bench, stateful=True, writing=False)
    except NoVerdict as reason:
        yield Finding(False, str(reason))
        return
    if not 200 <= gate.first_status < 300:
        yield Finding(
            False, f"GET {bench.target.base_url}/customer is answered with status {gate.first_status}"
        )
        return
    yield Finding(True, f"{bench.target.base_url} responds and accepts the key")
    yield Finding(
        gate.wrong_key_refused, f"a wrong key is {'refused' if gate.wrong_key_refused else 'accepted'}"
    )
    if bench.other is not None:
        yield _second_key(bench)
    bench.inspect_harness()
    for fault in bench.harness_faults:
        yield Finding(False, f"the harness is at fault: {fault}")
    if bench.harness is not None:
        offered = sorted(bench.offered - {Need.SECOND_MERCHANT})
        yield Finding(bool(offered), f"the harness offers {', '.join(offered) or 'nothing'}")


def _second_key(bench: Bench) -> Finding:
    assert bench.other is not None
    try:
        answer = bench.other.list()
        outcome = "is accepted" if answer.ok else f"is answered with status {answer.status}"
    except CheckEnd as end:
        return Finding(False, f"the key of the second merchant: {end}")
    return Finding(answer.ok, f"the key of the second merchant {outcome}")


def untested_rules(bench: Bench) -> dict[Need, list[str]]:
    """The ids of the rules that cannot be tested, by what is missing.

    A rule that misses several things is listed under each of them.
    """
    untested: dict[Need, list[str]] = {}
    for rule in load_catalogue().rules:
        for need in rule.needs - bench.offered:
            untested.setdefault(need, []).append(rule.id)
    return untested
