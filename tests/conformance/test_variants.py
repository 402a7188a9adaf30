"""Conforming servers conform, whatever they chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from partially_conformance.catalogue import load_catalogue
from partially_conformance.exit_codes import EXIT_CONFORMS
from partially_conformance.faults import all_faults
from partially_conformance.options import Effort, RunOptions
from partially_conformance.overlay import Overlay, components_of, serving
from partially_conformance.results import Report, Status
from partially_conformance.runner import run
from partially_conformance.selftest import Silent
from partially_conformance.variants import all_variants
from partially_conformance.variants.profiles import PROFILES, ServerProfile

CATALOGUE = load_catalogue()

FAR_FROM_THE_REFERENCE = ("escaped-json", "refusals-in-html", "connections-closed", "metadata-shown")
"""Variants that touch every answer. The self-test tries all others alone too."""


def _check(overlays: Sequence[Overlay]) -> Report:
    with serving(*overlays) as target:
        return run(RunOptions(target=target, rules=CATALOGUE.of_servers, effort=Effort.QUICK), Silent())


def _complaints(report: Report) -> list[str]:
    return [f"{result.rule.id}: {result.reason}" for result in report.rules if result.status is Status.FAILED]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_server_that_made_many_choices_conforms(profile: ServerProfile) -> None:
    report = _check(profile.overlays())
    assert report.exit_code == EXIT_CONFORMS, (report.reason, _complaints(report))


@pytest.mark.parametrize("name", FAR_FROM_THE_REFERENCE)
def test_a_server_that_made_one_choice_conforms(name: str) -> None:
    report = _check([variant for variant in all_variants() if variant.name == name])
    assert report.exit_code == EXIT_CONFORMS, (report.reason, _complaints(report))


def test_the_reference_passes_every_rule_and_shows_every_choice() -> None:
    report = _check([])
    assert [(one.rule.id, one.reason) for one in report.rules if one.status is not Status.PASSED] == []
    assert [one.choice for one in report.choices] == list(CATALOGUE.choices)


def test_every_choice_is_made_otherwise_by_some_variant() -> None:
    made = {choice for variant in all_variants() for choice in variant.about}
    assert made == {choice.id for choice in CATALOGUE.choices}


def test_no_two_servers_have_the_same_name() -> None:
    names = Counter(one.name for one in (*all_faults(), *all_variants(), *PROFILES))
    assert not [name for name, count in names.items() if count > 1]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_profile_names_variants_that_exist_and_fit_together(profile: ServerProfile) -> None:
    assert len(set(profile.variants)) == len(profile.variants)
    components_of(*profile.overlays())
