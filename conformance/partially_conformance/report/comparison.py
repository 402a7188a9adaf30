"""What changed between two reports: in the target, in the suite, or in the selection of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from partially_conformance.rules.results import Status

_FAILS = frozenset({Status.FAILED, Status.KNOWN_FAILURE})
_UNSEEN = frozenset({Status.NOT_TESTED, Status.INCONCLUSIVE})

RuleData = Mapping[str, Any]
"""A rule as the JSON report holds it."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule with another status.

    Attributes:
        id: The id of the rule.
        title: The title of the rule.
        before: The status in the older report.
        after: The status in the newer report.
        reason: The reason in the newer report; None if it has none.
    """

    id: str
    title: str
    before: Status
    after: Status
    reason: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A fact about the run, or a choice, that changed."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from an older report to a newer one.

    Attributes:
        run: Changed facts about target, suite and options.
        verdict: The change of the verdict; None if it is the same.
        broken: Rules that passed and now fail, also as known failures.
        lost: Rules that passed and are now not tested or inconclusive.
        repaired: Rules that failed and now pass.
        found: Rules that were not tested or inconclusive and now fail.
        other: Rules whose status changed in another way.
        new: Rules that only the newer report has.
        gone: Rules that only the older report has.
        choices: Changed choices.
    """

    run: tuple[Change, ...]
    verdict: Change | None
    broken: tuple[RuleChange, ...]
    lost: tuple[RuleChange, ...]
    repaired: tuple[RuleChange, ...]
    found: tuple[RuleChange, ...]
    other: tuple[RuleChange, ...]
    new: tuple[RuleData, ...]
    gone: tuple[RuleData, ...]
    choices: tuple[Change, ...]

    @property
    def regressed(self) -> bool:
        """Whether a rule that passed does not pass any more. Rules that only one report has do not count."""
        return bool(self.broken or self.lost)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Compare two reports that `read_report` has read."""
    old, new = ({rule["id"]: rule for rule in report["rules"]} for report in (before, after))
    groups: dict[str, list[RuleChange]] = {
        name: [] for name in ("broken", "lost", "repaired", "found", "other")
    }
    for rule_id in old.keys() & new.keys():
        first, second = Status(old[rule_id]["status"]), Status(new[rule_id]["status"])
        if first is not second:
            change = RuleChange(rule_id, new[rule_id]["title"], first, second, new[rule_id]["reason"])
            groups[_group(first, second)].append(change)
    order = list(new)
    for changes in groups.values():
        changes.sort(key=lambda change: order.index(change.id))
    verdict = None
    if before["verdict"] != after["verdict"]:
        verdict = Change("verdict", before["verdict"], after["verdict"])
    return Difference(
        run=tuple(_facts(before, after)),
        verdict=verdict,
        broken=tuple(groups["broken"]),
        lost=tuple(groups["lost"]),
        repaired=tuple(groups["repaired"]),
        found=tuple(groups["found"]),
        other=tuple(groups["other"]),
        new=tuple(rule for rule_id, rule in new.items() if rule_id not in old),
        gone=tuple(rule for rule_id, rule in old.items() if rule_id not in new),
        choices=tuple(_choices(before, after)),
    )


def _group(before: Status, after: Status) -> str:
    if before is Status.PASSED:
        return "broken" if after in _FAILS else "lost"
    if before in _FAILS and after is Status.PASSED:
        return "repaired"
    if before in _UNSEEN and after in _FAILS:
        return "found"
    return "other"


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    def facts(report: Mapping[str, Any]) -> dict[str, str]:
        return {
            "target": report["target"]["name"],
            "target address": report["target"]["base_url"],
            "suite version": report["suite_version"],
            "spec version": report["spec_version"],
            "effort": report["effort"],
            "seed": str(report["seed"]),
        }

    old, new = facts(before), facts(after)
    yield from (Change(what, old[what], new[what]) for what in old if old[what] != new[what])


def _choices(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = ({choice["id"]: choice for choice in report["choices"]} for report in (before, after))
    for choice_id in new | old:
        first, second = (
            side[choice_id]["observed"] if choice_id in side else "not seen" for side in (old, new)
        )
        if first != second:
            yield Change((new.get(choice_id) or old[choice_id])["title"], first, second)
