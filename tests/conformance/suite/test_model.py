"""The oracle says what the text says, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from partially_conformance.rules.contract import contract
from partially_conformance.suite.servers.read.model import Life, Person, Verdict, World


@pytest.fixture
def world() -> World:
    return World(contract())


def born(world: World, number: int = 1, **sent: Any) -> Person:
    sent.setdefault("email", f"p{number}@example.com")
    shown = {**world.fresh(sent), "id": f"id-{number}", "inserted_at": "2026-01-01T00:00:00.000000"}
    return world.create(shown, sent)


def plan(person: Person, status: str, number: int = 1) -> None:
    person.add_plan({"id": f"plan-{number}", "status": status, "payments": [{"id": f"payment-{number}"}]})


def test_a_new_customer_has_what_was_sent_the_defaults_and_nulls(world: World) -> None:
    person = born(world, first_name="Ada", shipto_country="IT")
    assert person.values["first_name"] == "Ada"
    assert person.values["shipto_country"] == "IT"
    assert person.values["timezone"] == contract().defaults["timezone"]
    assert person.values["phone"] is None
    assert "language" not in person.values


def test_an_update_changes_what_it_sends_and_remembers_what_was(world: World) -> None:
    person = born(world, first_name="Ada", last_name="King")
    person.change({"first_name": "Augusta"})
    person.change({"first_name": "Ada"})
    assert (person.values["first_name"], person.values["last_name"]) == ("Ada", "King")
    assert person.ever("first_name") == ["Ada", "Augusta"]
    assert person.ever("phone") == []


@pytest.mark.parametrize(
    ("statuses", "verdict", "life"),
    [
        ([], Verdict.MUST, Life.DELETED),
        (["paid", "canceled"], Verdict.MUST, Life.ANONYMISED),
        (["paid", "open"], Verdict.MUST_NOT, Life.ANONYMISED),
        (["pending", "paid"], Verdict.MAY, Life.ANONYMISED),
        (["defaulted", "open"], Verdict.MUST_NOT, Life.ANONYMISED),
    ],
)
def test_plans_decide_about_a_removal(
    world: World, statuses: list[str], verdict: Verdict, life: Life
) -> None:
    person = born(world)
    for number, status in enumerate(statuses):
        plan(person, status, number)
    assert person.removal() is verdict
    person.remove()
    assert person.life is life
    assert person.removal() is Verdict.MAY


def test_a_name_is_found_by_its_parts_in_its_own_case(world: World) -> None:
    ada, grace = born(world, 1, first_name="Ada", last_name="King"), born(world, 2, first_name="Grace")
    found = world.search("Kin")
    assert (found.must, found.must_not) == ({ada.id}, {grace.id})
    assert world.search("kin").must == set()
    assert ada.id not in world.search("kin").must_not  # a server may ignore case
    assert world.search("example").must_not == {ada.id, grace.id}


def test_an_email_is_found_whole_and_a_part_of_it_perhaps(world: World) -> None:
    ada, grace = born(world, 1, first_name="p2@example.com"), born(world, 2)
    found = world.search("p2@example.com")
    assert (found.must, found.must_not) == ({grace.id}, {ada.id})
    part = world.search("2@example")
    assert (part.must, part.must_not) == (set(), {ada.id})


def test_a_removed_customer_is_not_found_and_its_email_is_free(world: World) -> None:
    person = born(world, first_name="Ada")
    person.change({"email": "ada@example.com"})
    person.remove()
    assert world.search("Ada").must_not == {person.id}
    assert world.free_emails() == ["ada@example.com", "p1@example.com"]
    born(world, 2, email="ADA@example.com")
    assert world.free_emails() == ["p1@example.com"]


def test_a_password_logs_in_with_the_email_of_now_and_only_its_owner(world: World) -> None:
    ada, grace = born(world, 1), born(world, 2)
    ada.set_password("one")
    grace.set_password("two")
    ada.change({"email": "ada@example.com"})
    assert world.password_login("Ada@example.com", "one") is ada
    assert world.password_login("p1@example.com", "one") is None
    assert world.password_login("p2@example.com", "one") is None
    ada.remove()
    assert world.password_login("ada@example.com", "one") is None


def test_only_an_untouched_newest_token_must_log_in(world: World) -> None:
    person = born(world)
    older, newer = person.send_token("a"), person.send_token("b")
    person.change({"first_name": "Ada"})
    assert (person.token_login(older), person.token_login(newer)) == (Verdict.MAY, Verdict.MUST)
    person.change({"email": person.email.upper()})
    assert person.token_login(newer) is Verdict.MUST
    person.change({"email": "other@example.com"})
    assert person.token_login(newer) is Verdict.MAY
    person.remove()
    assert person.token_login(newer) is Verdict.MUST_NOT
