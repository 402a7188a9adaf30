"""Removal of a customer's information under the GDPR."""

import pytest

from partially_reference.contract import INPUT_FIELDS, PLAN_COPIES

PERSONAL = {name: f"Personal-{name}" for name in INPUT_FIELDS}


def personal_customer(shop):
    customer = shop.create(**PERSONAL | {"email": f"{shop.key}@personal.example.com"})
    shop.set_password(customer["id"], "secret")
    return customer, shop.mailed_token(customer["email"])


def leaked_data(shop, customer, token):
    """What a removed customer can still be found or recognised by."""
    everything = shop.get(customer["id"]).text + str(shop.list())
    found = [*shop.found("Personal-"), *shop.found(customer["email"])]
    logins = [shop.login(customer["email"], "secret").status_code, shop.login_token(token).status_code]
    return "ersonal" in everything, found, logins, shop.emails(customer["email"])


NO_LEAKED_DATA = (False, [], [400, 400], [])


def test_a_customer_without_plans_is_deleted(shop):
    stays = shop.create()
    customer, token = personal_customer(shop)
    assert shop.remove(customer["id"]).json() == {"message": "Customer account deleted"}
    assert shop.get(customer["id"]).status_code == 404
    assert leaked_data(shop, customer, token) == NO_LEAKED_DATA
    assert shop.list()["customers"] == [stays]
    assert shop.remove(customer["id"]).status_code == 404


@pytest.mark.parametrize("status", ["paid", "canceled", "checkout", "pending", "defaulted"])
def test_a_customer_with_plans_but_none_open_is_anonymised(shop, status):
    customer, token = personal_customer(shop)
    before = shop.open_plan(customer["id"], status)
    assert {before[name] for name in PLAN_COPIES} == {PERSONAL[name] for name in PLAN_COPIES}
    assert shop.remove(customer["id"]).status_code == 200
    assert leaked_data(shop, customer, token) == NO_LEAKED_DATA
    assert shop.get(customer["id"]).json() == {
        **dict.fromkeys(customer),
        "id": customer["id"],
        "inserted_at": customer["inserted_at"],
    }
    assert shop.plan(before["id"]).json() == {**before, **dict.fromkeys(PLAN_COPIES)}


@pytest.mark.parametrize(
    "statuses", [["open"], ["open", "paid"], ["paid", "open"], ["paid", "open", "canceled"]]
)
def test_an_open_plan_keeps_everything_as_it_is(shop, statuses):
    customer, token = personal_customer(shop)
    plans = [shop.open_plan(customer["id"], status) for status in statuses]
    answer = shop.remove(customer["id"])
    assert answer.status_code == 400
    assert "open payment plans" in answer.json()["message"]
    assert shop.get(customer["id"]).json() == customer
    assert [shop.plan(plan["id"]).json() for plan in plans] == plans
    assert shop.found(customer["email"]) == [customer["id"]]
    assert shop.login(customer["email"], "secret").json() == customer
    assert shop.login_token(token).json() == customer


def test_removal_succeeds_once_the_plan_is_paid(shop):
    customer, _ = personal_customer(shop)
    plan = shop.open_plan(customer["id"])
    assert shop.remove(customer["id"]).status_code == 400
    changed = shop.harness("PUT", f"/payment_plans/{plan['id']}", json={"status": "paid"})
    assert changed.json() == {**plan, "status": "paid"}
    assert shop.remove(customer["id"]).status_code == 200


def test_many_customers_can_be_anonymised_and_their_emails_used_again(shop):
    for _ in range(3):
        customer = shop.create(email="again@example.com")
        shop.open_plan(customer["id"], "paid")
        assert shop.remove(customer["id"]).status_code == 200
        assert shop.remove(customer["id"]).status_code == 200
    assert shop.list()["total_entries"] == 3


def test_an_anonymised_customer_takes_no_new_information(shop):
    customer = shop.create()
    shop.open_plan(customer["id"], "paid")
    shop.remove(customer["id"])
    assert shop.update(customer["id"], first_name="Back").status_code == 400
    assert shop.get(customer["id"]).json()["first_name"] is None


def test_emails_to_an_earlier_address_are_deleted_too(shop):
    customer, _ = personal_customer(shop)
    shop.update(customer["id"], email="later@example.com")
    shop.remove(customer["id"])
    assert shop.emails(customer["email"]) == []


def test_the_emails_of_another_merchants_customer_stay(shop, other_shop):
    customer, _ = personal_customer(shop)
    other_shop.create(email=customer["email"])
    token = other_shop.mailed_token(customer["email"])
    shop.remove(customer["id"])
    assert [token in email["body"] for email in other_shop.emails(customer["email"])] == [True]
