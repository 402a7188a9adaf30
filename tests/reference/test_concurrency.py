"""Requests at the same time."""

import functools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from partially_reference.app import Components, _needs_threads
from partially_reference.rules.customers import Customers
from partially_reference.rules.removal import Removal
from partially_reference.settings import Settings, database_url


def at_once(*tasks):
    """Run the tasks in threads that start together, and return their results in order."""
    start = threading.Barrier(len(tasks))

    def run(task):
        start.wait(timeout=30)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_updates_of_different_fields_are_both_kept(shop):
    customer = shop.create()
    names = ["first_name", "last_name", "phone", "shipto_city", "shipto_name", "shipto_state"]
    for number in range(5):
        sent = {name: f"{name} {number}" for name in names}
        answers = at_once(
            *(functools.partial(shop.update, customer["id"], **{name: sent[name]}) for name in names)
        )
        assert {answer.status_code for answer in answers} == {200}
        assert shop.get(customer["id"]).json() == {**customer, **sent}


def test_only_one_of_many_concurrent_creates_with_one_email_succeeds(shop):
    answers = at_once(*[lambda: shop.call("POST", "/customer", json={"email": "a@b.co"})] * 8)
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert shop.list()["total_entries"] == 1


def test_ids_are_unique_and_no_create_is_lost(shop):
    created = at_once(*[lambda: [shop.create()["id"] for _ in range(5)]] * 8)
    ids = {customer_id for some in created for customer_id in some}
    assert len(ids) == shop.list()["total_entries"] == 40


@pytest.mark.parametrize(("plans", "expected"), [([], [200] + [404] * 5), (["paid"], [200] * 6)])
def test_concurrent_removals_of_one_customer_do_not_fail(shop, plans, expected):
    customer = shop.create()
    for status in plans:
        shop.open_plan(customer["id"], status)
    answers = at_once(*[lambda: shop.remove(customer["id"])] * 6)
    assert sorted(answer.status_code for answer in answers) == expected


def test_a_plan_is_created_before_or_after_a_concurrent_removal(shop):
    for _ in range(10):
        customer = shop.create(shipto_city="Tampa")
        path = f"/customers/{customer['id']}/payment_plans"
        opened, removed = at_once(
            lambda path=path: shop.harness("POST", path, json={"status": "open"}),
            lambda customer=customer: shop.remove(customer["id"]),
        )
        outcome = (opened.status_code, removed.status_code, shop.get(customer["id"]).status_code)
        assert outcome in {(201, 400, 200), (404, 200, 404)}


def test_replaced_components_get_threads(server_with):
    threads = set()

    class Noting(Customers):
        def read(self, merchant_id, customer_id):
            threads.add(threading.current_thread())
            return super().read(merchant_id, customer_id)

    with server_with(Components(customers=Noting)) as shop:
        shop.get(shop.create()["id"])
        assert not any("serving" in thread.name for thread in threads)
        assert threads


@pytest.mark.parametrize(
    ("options", "waits"),
    [({"harness": True}, False), ({}, True), ({"harness": True, "database": "sqlite:///a.sqlite"}, True)],
)
def test_requests_run_without_threads_only_if_they_never_wait(options, waits):
    settings = Settings(
        ("key",), database_url(options.get("database", "sqlite://")), harness="harness" in options
    )
    assert _needs_threads(settings, Components()) is waits


class Held:
    """Stops one request inside its transaction until the test lets it go on."""

    def __init__(self):
        self.inside = threading.Event()
        self.go_on = threading.Event()

    def here(self):
        self.inside.set()
        assert self.go_on.wait(timeout=30)


def test_a_plan_cannot_be_created_during_a_removal(server_with, database):
    held = Held()

    class SlowRemoval(Removal):
        def refuse_open(self, statuses):
            super().refuse_open(statuses)
            held.here()

    with server_with(Components(removal=SlowRemoval), database) as shop, ThreadPoolExecutor(2) as pool:
        customer = shop.create()
        removed = pool.submit(shop.remove, customer["id"])
        assert held.inside.wait(timeout=30)
        path = f"/customers/{customer['id']}/payment_plans"
        opened = pool.submit(shop.harness, "POST", path, json={"status": "open"})
        with pytest.raises(TimeoutError):
            opened.result(timeout=0.3)
        held.go_on.set()
        assert (removed.result().status_code, opened.result().status_code) == (200, 404)


def test_an_update_waits_for_the_one_before_it(server_with, database):
    held = Held()

    class SlowCustomers(Customers):
        def email_changed(self, before, after):
            if after["phone"] == "first":
                held.here()
            return super().email_changed(before, after)

    with server_with(Components(customers=SlowCustomers), database) as shop, ThreadPoolExecutor(2) as pool:
        customer = shop.create()
        first = pool.submit(shop.update, customer["id"], phone="first")
        assert held.inside.wait(timeout=30)
        second = pool.submit(shop.update, customer["id"], first_name="second")
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
        held.go_on.set()
        assert first.result().json() == {**customer, "phone": "first"}
        assert second.result().json() == {**customer, "phone": "first", "first_name": "second"}


def test_only_one_of_many_concurrent_logins_with_one_token_succeeds(shop):
    token = shop.mailed_token(shop.create()["email"])
    answers = at_once(*[lambda: shop.login_token(token)] * 6)
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5


def test_concurrent_guesses_are_all_counted(shop):
    answers = at_once(*[lambda: shop.login("a@b.co", "guess")] * 14)
    assert sorted(answer.status_code for answer in answers) == [400] * 10 + [429] * 4
