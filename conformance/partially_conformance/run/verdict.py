"""From what became of each rule to a verdict and an exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partially_conformance.rules.catalogue import Level
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_NO_VERDICT, EXIT_VIOLATES
from partially_conformance.rules.results import RuleResult, Status, Verdict
from partially_conformance.run.attempt import Kind


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with what it rests on."""

    verdict: Verdict
    exit_code: int
    reason: str | None = None


def decide(
    results: Sequence[RuleResult],
    kinds: Mapping[str, Kind],
    *,
    stopped: str | None = None,
    harness_faults: Sequence[str] = (),
    gate: str | None = None,
    list_errors: Sequence[str] = (),
    strict: bool = False,
) -> Decision:
    """The verdict.

    A rule that was seen to be broken decides first: no later trouble takes it back. Then whatever makes
    the rest uncertain. Only then may a target conform.

    Args:
        kinds: How the checks of each rule ended.
        stopped: Why the run ended early, if it did.
        harness_faults: Where the harness broke its own contract.
        gate: What the liveness gate misses, if anything.
        list_errors: Entries of the known-failures list that no longer hold.
        strict: Whether a broken should rule, or one not tested, counts too.
    """
    counted = [result for result in results if strict or result.rule.level is Level.MUST]
    if broken := [result.rule.id for result in counted if result.status is Status.FAILED]:
        return Decision(Verdict.VIOLATES, EXIT_VIOLATES, f"broken: {_some(broken)}")
    if reason := stopped or _uncertain(counted, kinds, harness_faults) or gate:
        return Decision(Verdict.NO_VERDICT, EXIT_NO_VERDICT, reason)
    if strict and (untested := [result.rule.id for result in results if result.status is Status.NOT_TESTED]):
        return Decision(
            Verdict.VIOLATES, EXIT_VIOLATES, f"not tested, which --strict does not allow: {_some(untested)}"
        )
    if not any(result.status in (Status.PASSED, Status.KNOWN_FAILURE) for result in results):
        return Decision(Verdict.NO_VERDICT, EXIT_NO_VERDICT, "no rule could be tested")
    if list_errors:
        return Decision(Verdict.CONFORMS, EXIT_VIOLATES, "the list of known failures does not hold any more")
    return Decision(Verdict.CONFORMS, EXIT_CONFORMS)


def _uncertain(
    results: Sequence[RuleResult], kinds: Mapping[str, Kind], harness_faults: Sequence[str]
) -> str | None:
    if unsteady := [result.rule.id for result in results if result.status is Status.INCONCLUSIVE]:
        return f"inconclusive: {_some(unsteady)}"
    if harness_faults:
        return f"the harness is at fault: {harness_faults[0]}"
    faulty = [result for result in results if kinds.get(result.rule.id) is Kind.HARNESS_FAULT]
    if faulty:
        return f"the harness is at fault: {faulty[0].reason}"
    blocked = [result for result in results if kinds.get(result.rule.id) is Kind.BLOCKED]
    if blocked:
        return f"{_some([result.rule.id for result in blocked])} could not be tested: {blocked[0].reason}"
    return None


def _some(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:8])
    return shown if len(ids) <= 8 else f"{shown} and {len(ids) - 8} more"
