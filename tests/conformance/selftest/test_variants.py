"""Variants and stacks conform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_NO_VERDICT
from partially_conformance.rules.results import Report, Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.overlays.servers import Overlay, components_of, serving
from partially_conformance.selftest.variants.servers import all_variants
from partially_conformance.selftest.variants.servers.limits import TokenGuessersForbidden
from partially_conformance.selftest.variants.servers.stacks import STACKS, Stack
from partially_reference.http.customers import CustomersApi
from partially_reference.http.harness import HarnessApi
from partially_reference.http.routing import Call
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import login_tokens

CATALOGUE = load_catalogue()

FAR_FROM_THE_REFERENCE = ("escaped-json", "refusals-in-html", "connections-closed", "metadata-shown")
"""Variants that change every response. The self-test tries each variant alone."""


def _check(overlays: Sequence[Overlay]) -> Report:
    with serving(*overlays) as target:
        return run(RunOptions(target=target, rules=CATALOGUE.of_servers, effort=Effort.QUICK), Silent())


def _complaints(report: Report) -> list[str]:
    return [f"{result.rule.id}: {result.reason}" for result in report.rules if result.status is Status.FAILED]


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_a_stack_conforms(stack: Stack) -> None:
    report = _check(stack.overlays())
    assert report.exit_code == EXIT_CONFORMS, (report.reason, _complaints(report))


@pytest.mark.parametrize("name", FAR_FROM_THE_REFERENCE)
def test_a_variant_conforms(name: str) -> None:
    report = _check([variant for variant in all_variants() if variant.name == name])
    assert report.exit_code == EXIT_CONFORMS, (report.reason, _complaints(report))


@pytest.mark.parametrize(
    "name",
    [
        "token-guessers-forbidden",
        "token-guessers-not-told",
        "token-guessers-told-in-words",
        "accounts-locked",
        "no-time-to-come-again",
    ],
)
def test_login_attempts_may_be_limited_in_any_way(name: str) -> None:
    with serving(*(variant for variant in all_variants() if variant.name == name)) as target:
        rules = CATALOGUE.select(["TOKEN-4", "TOKEN-5", "TOKEN-9", "TOKEN-14", "PASSWORD-16"])
        report = run(RunOptions(target=target, rules=rules, effort=Effort.QUICK), Silent())
    assert {one.rule.id: one.reason for one in report.rules if one.status is not Status.PASSED} == {}


class _WithoutClock(HarnessApi):
    capabilities = ("password", "payment_plans", "emails")


class _ForbiddenSoon(TokenGuessersForbidden):
    tries = 8


def test_a_target_in_a_lockout_is_not_accused() -> None:
    [like] = [variant for variant in all_variants() if variant.name == "token-guessers-forbidden"]
    soon = replace(like, components=(_ForbiddenSoon, *like.components[1:]))
    without_clock = Overlay("without-clock", "The clock cannot be moved.", (), (_WithoutClock,))
    with serving(soon, without_clock) as target:
        rules = CATALOGUE.select(["TOKEN-4", "TOKEN-5", "TOKEN-9", "HTTP-1"])
        report = run(RunOptions(target=target, rules=rules, effort=Effort.QUICK), Silent())
    assert report.exit_code == EXIT_NO_VERDICT
    statuses = {one.rule.id: one.status for one in report.rules}
    assert Status.FAILED not in statuses.values()
    assert statuses["HTTP-1"] is Status.INCONCLUSIVE


class _FewTokens(Tokens):
    """Has 256 tokens, so that a wrong one is often the token of another customer."""

    alphabet, length = "2345", 4

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        taken = set(connection.scalars(sa.select(login_tokens.c.digest)))
        while self.digest(token := self.make()) in taken:
            pass
        expires_at = self.clock.seconds() + self.lifetime
        self.storage.tokens.insert(connection, customer, self.digest(token), expires_at)
        return token


class _SentToNewCustomers(CustomersApi):
    """Emails tokens to each new customer, so that many are valid that the suite did not request."""

    def create_customer(self, call: Call) -> Response:
        created = super().create_customer(call)
        for _ in range(10):
            super().login_email(Call(call.merchant_id, body={"email": call.body["email"]}))
        return created


@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_token_may_be_right_by_chance(seed: int) -> None:
    crowded = Overlay(
        "crowded", "There are few tokens, and many of them are valid.", (), (_FewTokens, _SentToNewCustomers)
    )
    with serving(crowded) as target:
        rules = CATALOGUE.select(["TOKEN-4", "TOKEN-9", "TOKEN-14"])
        report = run(RunOptions(target=target, rules=rules, seed=seed, effort=Effort.QUICK), Silent())
    assert {one.rule.id: one.reason for one in report.rules if one.status is not Status.PASSED} == {}


def test_the_reference_passes_every_rule_and_shows_every_choice() -> None:
    report = _check([])
    assert [(one.rule.id, one.reason) for one in report.rules if one.status is not Status.PASSED] == []
    assert [one.choice for one in report.choices] == list(CATALOGUE.choices)


def test_every_choice_has_a_variant() -> None:
    made = {choice for variant in all_variants() for choice in variant.about}
    assert made == {choice.id for choice in CATALOGUE.choices}


def test_no_two_cases_have_the_same_name() -> None:
    names = Counter(one.name for one in (*all_faults(), *all_variants(), *STACKS))
    assert not [name for name, count in names.items() if count > 1]


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_a_stack_names_variants_that_exist_and_fit_together(stack: Stack) -> None:
    assert len(set(stack.variants)) == len(stack.variants)
    components_of(*stack.overlays())
