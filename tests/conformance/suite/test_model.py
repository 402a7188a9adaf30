"""The model of the stateful test says what the documentation says, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from partially_conformance.rules.contract import contract
from partially_conformance.suite.servers.read.model import Expectation, Model, ModelCustomer, State


@pytest.fixture
def model() -> Model:
    return Model(contract())


def created(model: Model, number: int = 1, **sent: Any) -> ModelCustomer:
    sent.setdefault("email", f"p{number}@example.com")
    shown = {**model.values_of_new(sent), "id": f"id-{number}", "inserted_at": "2026-01-01T00:00:00.000000"}
    return model.create(shown, sent)


def plan(customer: ModelCustomer, status: str, number: int = 1) -> None:
    customer.add_plan({"id": f"plan-{number}", "status": status, "payments": [{"id": f"payment-{number}"}]})


def test_a_new_customer_has_what_was_sent_the_defaults_and_nulls(model: Model) -> None:
    customer = created(model, first_name="Ada", shipto_country="IT")
    assert customer.values["first_name"] == "Ada"
    assert customer.values["shipto_country"] == "IT"
    assert customer.values["timezone"] == contract().defaults["timezone"]
    assert customer.values["phone"] is None
    assert "language" not in customer.values


def test_an_update_changes_what_it_sends_and_keeps_former_values(model: Model) -> None:
    customer = created(model, first_name="Ada", last_name="King")
    customer.update({"first_name": "Augusta"})
    customer.update({"first_name": "Ada"})
    assert (customer.values["first_name"], customer.values["last_name"]) == ("Ada", "King")
    assert customer.all_values("first_name") == ["Ada", "Augusta"]
    assert customer.all_values("phone") == []


@pytest.mark.parametrize(
    ("statuses", "expectation", "state"),
    [
        ([], Expectation.SUCCESS, State.DELETED),
        (["paid", "canceled"], Expectation.SUCCESS, State.ANONYMISED),
        (["paid", "open"], Expectation.REFUSAL, State.ANONYMISED),
        (["pending", "paid"], Expectation.EITHER, State.ANONYMISED),
        (["defaulted", "open"], Expectation.REFUSAL, State.ANONYMISED),
    ],
)
def test_plans_decide_about_a_removal(
    model: Model, statuses: list[str], expectation: Expectation, state: State
) -> None:
    customer = created(model)
    for number, status in enumerate(statuses):
        plan(customer, status, number)
    assert customer.removal_expectation() is expectation
    customer.remove()
    assert customer.state is state
    assert customer.removal_expectation() is Expectation.EITHER


def test_a_name_is_found_by_its_parts_in_its_own_case(model: Model) -> None:
    ada, grace = created(model, 1, first_name="Ada", last_name="King"), created(model, 2, first_name="Grace")
    found = model.search_expectation("Kin")
    assert (found.must_find, found.must_not_find) == ({ada.id}, {grace.id})
    assert model.search_expectation("kin").must_find == set()
    assert ada.id not in model.search_expectation("kin").must_not_find  # a server may ignore case
    assert model.search_expectation("example").must_not_find == {ada.id, grace.id}


def test_a_whole_email_must_be_found_and_a_part_of_it_may_be(model: Model) -> None:
    ada, grace = created(model, 1, first_name="p2@example.com"), created(model, 2)
    found = model.search_expectation("p2@example.com")
    assert (found.must_find, found.must_not_find) == ({grace.id}, {ada.id})
    part = model.search_expectation("2@example")
    assert (part.must_find, part.must_not_find) == (set(), {ada.id})


def test_a_removed_customer_is_not_found_and_its_email_is_free(model: Model) -> None:
    customer = created(model, first_name="Ada")
    customer.update({"email": "ada@example.com"})
    customer.remove()
    assert model.search_expectation("Ada").must_not_find == {customer.id}
    assert model.free_emails() == ["ada@example.com", "p1@example.com"]
    created(model, 2, email="ADA@example.com")
    assert model.free_emails() == ["p1@example.com"]


def test_a_password_logs_in_only_its_owner_with_the_current_email(model: Model) -> None:
    ada, grace = created(model, 1), created(model, 2)
    ada.set_password("one")
    grace.set_password("two")
    ada.update({"email": "ada@example.com"})
    assert model.customer_with_login("Ada@example.com", "one") is ada
    assert model.customer_with_login("p1@example.com", "one") is None
    assert model.customer_with_login("p2@example.com", "one") is None
    ada.remove()
    assert model.customer_with_login("ada@example.com", "one") is None


def test_only_the_newest_token_must_log_in_until_something_changes(model: Model) -> None:
    customer = created(model)
    older, newer = customer.add_token("a"), customer.add_token("b")
    customer.update({"first_name": "Ada"})
    assert (customer.token_expectation(older), customer.token_expectation(newer)) == (
        Expectation.EITHER,
        Expectation.SUCCESS,
    )
    customer.update({"email": customer.email.upper()})
    assert customer.token_expectation(newer) is Expectation.SUCCESS
    customer.update({"email": "other@example.com"})
    assert customer.token_expectation(newer) is Expectation.EITHER
    customer.remove()
    assert customer.token_expectation(newer) is Expectation.REFUSAL
