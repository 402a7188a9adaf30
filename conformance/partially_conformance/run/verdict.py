"""The verdict and the exit code, from the results of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partially_conformance.rules.catalogue import Level
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_NO_VERDICT, EXIT_VIOLATES
from partially_conformance.rules.id_ranges import id_ranges
from partially_conformance.rules.results import RuleResult, Status, Verdict
from partially_conformance.run.attempt import OutcomeKind

_LISTED = 8
"""How many ids and ranges of rules a reason lists."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict of a run.

    Attributes:
        verdict: The verdict.
        exit_code: The exit code.
        reason: What decided it; None if the target conforms.
    """

    verdict: Verdict
    exit_code: int
    reason: str | None = None


def decide(
    results: Sequence[RuleResult],
    kinds: Mapping[str, OutcomeKind],
    *,
    stopped: str | None = None,
    harness_faults: Sequence[str] = (),
    gate: str | None = None,
    list_errors: Sequence[str] = (),
    strict: bool = False,
) -> Decision:
    """Decide on the verdict.

    First come failed rules: nothing that happens later revokes them. Then everything that makes the results
    uncertain. Only then may a target conform.

    Args:
        results: The results of the rules.
        kinds: The deciding kind of outcome of each rule, by the id of the rule.
        stopped: Why the run ended early; None if it did not.
        harness_faults: Where the harness breaks its contract.
        gate: What the gate misses; None if nothing.
        list_errors: Messages about entries of the known failures that have to be removed.
        strict: Whether a failed should rule, or a rule that is not tested, counts as a failed must rule.
    """
    counted = [result for result in results if strict or result.rule.level is Level.MUST]
    if failed := [result.rule.id for result in counted if result.status is Status.FAILED]:
        return Decision(Verdict.VIOLATES, EXIT_VIOLATES, f"failed: {_some(failed)}")
    if reason := stopped or _uncertain(counted, kinds, harness_faults) or gate:
        return Decision(Verdict.NO_VERDICT, EXIT_NO_VERDICT, reason)
    if strict and (untested := [result.rule.id for result in results if result.status is Status.NOT_TESTED]):
        return Decision(
            Verdict.VIOLATES, EXIT_VIOLATES, f"not tested, which --strict does not allow: {_some(untested)}"
        )
    if not any(result.status in (Status.PASSED, Status.KNOWN_FAILURE) for result in results):
        return Decision(Verdict.NO_VERDICT, EXIT_NO_VERDICT, "no rule could be tested")
    if list_errors:
        return Decision(Verdict.CONFORMS, EXIT_VIOLATES, "the list of known failures has entries to remove")
    return Decision(Verdict.CONFORMS, EXIT_CONFORMS)


def _uncertain(
    results: Sequence[RuleResult], kinds: Mapping[str, OutcomeKind], harness_faults: Sequence[str]
) -> str | None:
    if inconclusive := [result.rule.id for result in results if result.status is Status.INCONCLUSIVE]:
        return f"inconclusive: {_some(inconclusive)}"
    if harness_faults:
        return f"the harness is at fault: {harness_faults[0]}"
    faulty = [result for result in results if kinds.get(result.rule.id) is OutcomeKind.HARNESS_FAULT]
    if faulty:
        return f"the harness is at fault: {faulty[0].reason}"
    blocked = [result for result in results if kinds.get(result.rule.id) is OutcomeKind.BLOCKED]
    if blocked:
        return f"{_some([result.rule.id for result in blocked])} could not be tested: {blocked[0].reason}"
    return None


def _some(rule_ids: Sequence[str]) -> str:
    return id_ranges(rule_ids, limit=_LISTED)
