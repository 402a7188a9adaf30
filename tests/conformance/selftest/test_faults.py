"""Every fault is caught by each of its rules, and catalogue, checks and faults fit together."""

from __future__ import annotations

from collections import Counter

import pytest

from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import Level, Rule, load_catalogue
from partially_conformance.rules.results import Report, Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import FAULTS_WANTED, Silent
from partially_conformance.selftest.faults.clients import all_client_faults
from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.overlays.servers import Overlay, serving
from partially_conformance.suite import all_checks

CATALOGUE = load_catalogue()
ALL_FAULTS = (*all_faults(), *all_client_faults())
RULES = {rule.id: rule for rule in CATALOGUE.rules}


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: fault.name)
def test_a_fault_is_caught_by_each_of_its_rules(fault: Overlay) -> None:
    missed = _survived(fault, CATALOGUE.select(fault.about), Effort.QUICK)
    if missed:  # generated checks may need more examples than `quick` has
        missed = _survived(fault, missed, Effort.STANDARD)
    assert not missed, f"{fault.says} {', '.join(rule.id for rule in missed)} did not catch it"


def _survived(fault: Overlay, rules: tuple[Rule, ...], effort: Effort) -> tuple[Rule, ...]:
    with serving(fault) as target:
        report: Report = run(RunOptions(target=target, rules=rules, effort=effort, disposable=True), Silent())
    return tuple(result.rule for result in report.rules if result.status is not Status.FAILED)


def test_every_rule_has_a_check_and_every_check_a_rule() -> None:
    checked = {check.rule for check, _ in all_checks()}
    assert checked == RULES.keys()


@pytest.mark.parametrize("level", Level)
def test_every_rule_is_named_by_enough_faults(level: Level) -> None:
    named = Counter(rule_id for fault in ALL_FAULTS for rule_id in fault.about)
    few = {rule.id: named[rule.id] for rule in CATALOGUE.rules if rule.level is level}
    assert not {rule_id: count for rule_id, count in few.items() if count < FAULTS_WANTED[level]}


def test_faults_name_rules_that_exist() -> None:
    unknown = {fault.name: set(fault.about) - RULES.keys() for fault in ALL_FAULTS}
    assert not {name: ids for name, ids in unknown.items() if ids}
    assert all(fault.about for fault in ALL_FAULTS)
