"""Every fault of a client is caught by each of its rules, and every variant of a client conforms."""

from __future__ import annotations

import pytest

from partially_conformance.clients.choice import ClientChoice
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import Rule, load_catalogue
from partially_conformance.rules.exit_codes import EXIT_CONFORMS
from partially_conformance.rules.results import Report, Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.selftest.faults.clients import all_client_faults
from partially_conformance.selftest.overlays.clients import (
    ClientOverlay,
    SourceError,
    Sources,
    changed_client,
)
from partially_conformance.selftest.variants.clients import all_client_variants

CATALOGUE = load_catalogue()


def check(overlay: ClientOverlay, rules: tuple[Rule, ...], effort: Effort = Effort.QUICK) -> Report:
    with changed_client(overlay) as name:
        options = RunOptions(target=None, rules=rules, effort=effort, client=ClientChoice(name))
        return run(options, Silent())


@pytest.mark.parametrize("fault", all_client_faults(), ids=lambda fault: fault.name)
def test_a_fault_is_caught_by_each_of_its_rules(fault: ClientOverlay) -> None:
    missed = survived(fault, CATALOGUE.select(fault.about), Effort.QUICK)
    if missed:  # generated checks may need more examples than `quick` has
        missed = survived(fault, missed, Effort.STANDARD)
    assert not missed, f"{fault.says} {', '.join(rule.id for rule in missed)} did not catch it"


def survived(fault: ClientOverlay, rules: tuple[Rule, ...], effort: Effort) -> tuple[Rule, ...]:
    report = check(fault, rules, effort)
    return tuple(result.rule for result in report.rules if result.status is not Status.FAILED)


@pytest.mark.parametrize("variant", all_client_variants(), ids=lambda variant: variant.name)
def test_a_variant_conforms(variant: ClientOverlay) -> None:
    report = check(variant, CATALOGUE.of_clients)
    broken = [(one.rule.id, one.reason) for one in report.rules if one.status is not Status.PASSED]
    assert (report.exit_code, broken) == (EXIT_CONFORMS, [])


def test_a_change_that_does_not_fit_the_sources_is_an_error() -> None:
    sources = Sources({"a.py": "def one():\n    return 1\n", "b.py": "one"})
    with pytest.raises(SourceError, match="expected once, found 0 times, in no module: two"):
        sources.change("two", "three")
    with pytest.raises(SourceError, match=r"expected once, found 2 times, in a.py, b.py: one"):
        sources.change("one", "two")
    with pytest.raises(SourceError, match=r"there is no two to take the place of"):
        sources.add("a.py", "def two():\n    return 2\n")
    with pytest.raises(SourceError, match=r"c.py: not found: one"):
        sources.change_each("c.py", "one", "two")
    sources.add("a.py", "def one():\n    return 2\n")
    assert sources.texts["a.py"].endswith("def one():\n    return 2\n")
