"""The faults and variants of clients, judged only by the requests that they send."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.clients.recorded.proxy_action import pass_through
from partially_conformance.clients.recorded.session import Session, session
from partially_conformance.clients.recorded.traffic_checks import TRAFFIC_CHECKS, Run
from partially_conformance.clients.recorded.upsets import named
from partially_conformance.selftest.faults.clients import all_client_faults
from partially_conformance.selftest.overlays.clients import ClientOverlay, changed_client, client_overlays
from partially_conformance.selftest.variants import clients as variants
from partially_conformance.selftest.variants.clients import all_client_variants
from partially_conformance.traffic.redaction import Secrets

LIMIT = 60.0  # seconds

UNSEEN = {
    "a-408-is-final": "no request is answered with 408 here",
    "no-pause-before-a-repetition": "pauses without a Retry-After are not judged here",
    "asynchronous-never-tries-again": "the script calls the blocking client",
    "other-ports-get-the-key": "the other host has another name here",
}
"""Faults that requests cannot show, and why."""

UPSETS = {
    "CLIENT-6": ("cut", "unavailable"),
    "CLIENT-7": ("unavailable", "limited"),
    "CLIENT-15": ("redirect",),
}

SCRIPT = """
import contextlib, importlib, os, sys

package = importlib.import_module(sys.argv[1])
env = {name.removeprefix("PARTIALLY_").lower(): value for name, value in os.environ.items()}
options = dict(api_key=env["api_key"], base_url=env["base_url"])
calls = {
    "get": lambda customers: customers.get(env["customer_id"]),
    "list": lambda customers: [None for _ in zip(range(3), customers.list(q="a b", per_page=2))],
    "create": lambda customers: customers.create(email="ada@example.com", first_name=None),
    "update": lambda customers: customers.update(env["customer_id"], phone="1"),
    "remove": lambda customers: customers.gdpr_remove(env["removable_customer_id"]),
    "login": lambda customers: customers.login_password(email=env["customer_email"], password="x"),
    "token": lambda customers: customers.login_token(token=env["login_token"]),
}
with package.Partially(**options) as client:
    for name in sys.argv[2:]:
        with contextlib.suppress(package.PartiallyError):
            calls[name](client.customers)
"""

ALL = ("get", "list", "create", "update", "remove", "login", "token")
FEW = {"CLIENT-6": ("create", "remove"), "CLIENT-7": ("get",), "CLIENT-15": ("get",)}


@pytest.fixture(scope="module")
def running() -> Iterator[Session]:
    with session(runs=300, seed=0, hidden=Secrets()) as running:
        yield running


def seen_of(
    overlay: ClientOverlay,
    calls: tuple[str, ...],
    upsets: tuple[str, ...],
    running: Session,
    folder: Path,
) -> list[Run]:
    """Return the runs of a copy with these calls, undisturbed and with these upsets."""
    script = folder / "client.py"
    script.write_text(SCRIPT)
    with changed_client(overlay) as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", sys.path[0])
        command = [sys.executable, str(script), name, *calls]
        first = running.run(command, LIMIT, None, pass_through)
        runs = [first.run]
        for upset in upsets:
            runs += [one.run for one in running.upset_runs(command, LIMIT, named(upset), first.run)]
    assert all(run.ended.succeeded for run in runs)
    return runs


def violated_rules(runs: list[Run]) -> set[str]:
    return {rule for rule, check in TRAFFIC_CHECKS.items() if check(runs).violations}


def cases() -> list[Any]:
    return [
        pytest.param(fault, rule, id=f"{fault.name}-{rule}")
        for fault in all_client_faults()
        for rule in fault.about
        if rule in TRAFFIC_CHECKS and fault.name not in UNSEEN
    ]


@pytest.mark.parametrize(("fault", "rule"), cases())
def test_the_requests_of_a_fault_break_its_rule(
    fault: ClientOverlay, rule: str, running: Session, tmp_path: Path
) -> None:
    runs = seen_of(fault, FEW.get(rule, ALL), UPSETS.get(rule, ()), running, tmp_path)
    assert rule in violated_rules(runs)


def test_every_rule_has_a_fault_and_no_fault_is_left_out_without_need() -> None:
    assert {case.values[1] for case in cases()} == TRAFFIC_CHECKS.keys()
    faults = {fault.name: fault for fault in all_client_faults()}
    assert all(set(faults[name].about) & TRAFFIC_CHECKS.keys() for name in UNSEEN)


@pytest.mark.parametrize("variant", all_client_variants(), ids=lambda variant: variant.name)
def test_a_variant_breaks_no_rule(variant: ClientOverlay, running: Session, tmp_path: Path) -> None:
    assert violated_rules(seen_of(variant, ALL, (), running, tmp_path)) == set()


@pytest.mark.parametrize(
    "variant", list(client_overlays(variants, ["retries"])), ids=lambda variant: variant.name
)
def test_a_variant_of_retries_breaks_no_rule(
    variant: ClientOverlay, running: Session, tmp_path: Path
) -> None:
    assert violated_rules(seen_of(variant, ("get",), ("limited",), running, tmp_path)) == set()
    assert violated_rules(seen_of(variant, ("create",), ("cut", "unavailable"), running, tmp_path)) == set()
