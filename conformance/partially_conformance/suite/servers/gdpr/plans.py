"""GDPR: removing customers who have payment plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import must_find, must_not_find
from partially_conformance.suite.servers.shared.guessing import right_login
from partially_conformance.suite.servers.shared.leaked_data import (
    find_leak,
    must_be_anonymised,
    must_exist_unchanged,
    must_not_leak_in_list,
    personal_values,
)
from partially_conformance.suite.servers.shared.plans import must_keep_plan
from partially_conformance.target.harness import Harness
from partially_conformance.traffic.check_end import Blocked, NotObservable, Violation

CLOSED = ("paid", "canceled")
"""Statuses of a plan that do not prevent a removal."""

UNDECIDED = ("checkout", "pending", "defaulted")
"""Statuses of a plan for which the documentation leaves open whether they prevent a removal."""


@check("GDPR-3")
def a_customer_with_an_open_plan_is_not_remove(api: Api, given: Given, choices: Choices) -> None:
    """Remove a customer with an open plan twice; a customer with a paid plan is removed."""
    customer = given.full_customer()
    given.plan(customer, "open")
    refused = must_refuse(api, given, customer)
    choices.saw("open-plan-status", refused.status)
    again = api.gdpr_remove(customer.id)
    if not again.is_refusal:
        raise again.violation(
            "a second removal of a customer with an open plan to be refused",
            f"status {again.status}",
            refused,
        )


@check("GDPR-3")
def a_plan_that_was_opened_later_prevents_a_removal(api: Api, given: Given, harness: Harness) -> None:
    """Remove customers whose plan was pending or paid before it was opened."""
    for status in ("pending", "paid"):
        customer = given.full_customer()
        plan = given.plan(customer, status)
        harness.set_plan(plan["id"], "open")
        must_refuse(api, given, customer)


@check("GDPR-3")
def an_open_plan_prevents_the_removal_of_any_customer(
    api: Api, given: Given, data: Data, offered: frozenset[Need]
) -> None:
    """Remove a customer with an email only, and one who was updated and, if possible, has logged in."""
    nameless, active = given.customer(), given.full_customer()
    with prerequisite("updating a customer"):
        api.update(active.id, phone=data.other("phone", active)).success()
    if Need.PASSWORD in offered:
        right_login(api, active.email, given.password(active))
    for customer in (nameless, active):
        given.plan(customer, "open")
        must_refuse(api, given, customer)


@check("GDPR-4")
def a_refused_removal_changes_nothing(api: Api, given: Given, harness: Harness, data: Data) -> None:
    """Read and find a customer and its plans before and after two refused removals.

    Also the customers with the same names who were created just before and just after it.
    """
    names: dict[str, Any] = {"first_name": data.word(), "last_name": data.word()}
    one, customer, other = (given.full_customer(**names) for _ in range(3))
    others = [given.read(one.id), given.read(other.id)]
    plans = [given.plan(customer, status) for status in ("paid", "open", "canceled")]
    before = given.read(customer.id)
    earlier: list[Answer] = []
    for _ in range(2):
        refused = _refused_removal(api, customer)
        must_exist_unchanged(before, api, refused, "the customer", earlier)
        for unrelated in others:
            must_exist_unchanged(unrelated, api, refused, "another customer", earlier)
        earlier.append(refused)
        for plan in plans:
            must_keep_plan(plan, harness, refused, customer, may_change=())
    for query in (before["first_name"], before["last_name"], before.email):
        must_find(api, query, before)
    update = api.update(customer.id, phone=data.other("phone", before))
    if not update.ok:
        raise update.violation(
            "an update after a refused removal to succeed", f"status {update.status}", *earlier
        )


@check("GDPR-5")
def a_customer_with_closed_plans_is_anonymised(
    api: Api, given: Given, data: Data, choices: Choices, contract: Contract
) -> None:
    """Remove customers with paid plans, canceled plans and both; then read and list them.

    One customer has every field, one was updated, and one has no names.
    """
    updated, nameless = given.full_customer(), given.customer(**_without_names(data))
    for customer, statuses in (
        (given.full_customer(), ("paid",)),
        (updated, ("canceled",)),
        (nameless, CLOSED),
    ):
        for status in statuses:
            given.plan(customer, status)
        known = [customer]
        if customer is updated:
            with prerequisite("updating a customer"):
                known.append(api.update(customer.id, data.fields()).customer())
        api.get(customer.id)  # the target may cache what was read
        api.gdpr_remove(customer.id).success("a removal")
        for values in (personal_values(one, contract) for one in known):
            answer = must_be_anonymised(api, customer, values)
            choices.saw("anonymised-read", answer.status)
            must_not_leak_in_list(api, customer, values)


@check("GDPR-5")
def an_update_does_not_restore_an_anonymised_customer(
    api: Api, given: Given, data: Data, contract: Contract
) -> None:
    """Update an anonymised customer, which may be refused, and read it."""
    customer = _customer_with_plans(given, ("paid",))
    given.remove(customer)
    sent = {"phone": data.other("phone", customer)}
    api.update(customer.id, sent).no_server_error(
        "an update of an anonymised customer not to be answered with a 5xx"
    )
    must_be_anonymised(api, customer, personal_values(customer, contract))


@check("GDPR-6")
def an_anonymised_customer_is_not_found(api: Api, given: Given) -> None:
    """Search by each name, by a part of one and by email, before and after the removal."""
    customer = _customer_with_plans(given, ("paid",))
    queries = (customer["first_name"], customer["last_name"], customer["last_name"][:7], customer.email)
    try:
        for query in queries:
            must_find(api, query, customer)
    except Violation as violation:
        raise Blocked("a search does not find the customer before its removal") from violation
    given.remove(customer)
    for query in queries:
        must_not_find(api, query, customer)


@check("GDPR-7")
def plans_and_payments_are_kept(api: Api, given: Given, harness: Harness) -> None:
    """Remove customers with one closed plan and with several, twice, and read the plans."""
    several = (("canceled", "paid"), ("paid", "canceled"), ("canceled", "paid", "canceled"))
    for statuses in (("paid",), ("canceled",), *several):
        customer = given.full_customer()
        plans = [given.plan(customer, status) for status in statuses]
        removal = _remove(api, customer)
        for plan in plans:
            must_keep_plan(plan, harness, removal, customer)
        again = api.gdpr_remove(customer.id)
        for plan in plans:
            must_keep_plan(plan, harness, again, customer)


@check("GDPR-8")
def the_copies_in_plans_are_anonymised(
    api: Api, given: Given, harness: Harness, data: Data, contract: Contract
) -> None:
    """Remove a customer who was updated between its plans, and read the plans."""
    customer = given.full_customer()
    plans = [given.plan(customer, "paid"), given.plan(customer, "open")]
    harness.set_plan(plans[1]["id"], "paid")
    moved = data.fields(email=customer.email)
    api.update(customer.id, moved)
    plans += [given.plan(customer, status) for status in ("canceled", "paid")]
    values = {
        f"{name} {when}": value
        for when, fields in (("of the first plan", customer), ("of the later plans", moved))
        for name, value in personal_values(fields, contract).items()
    }
    if not any(find_leak(plan, values) for plan in plans):
        raise NotObservable("the plans of this target show no personal data of their customer")
    removal = _remove(api, customer)
    for plan in plans:
        _must_not_leak(plan, harness, removal, customer, values)


@check("GDPR-9")
def one_open_plan_among_several_prevents_a_removal(api: Api, given: Given, fuzz: Fuzz) -> None:
    """Remove customers with several plans, the open plan first, last, in the middle, and among many."""
    orders: list[tuple[str, ...]] = [
        ("open", "paid"),
        ("open", "canceled"),
        ("open", "paid", "canceled", "paid"),
        ("canceled", "open"),
        ("paid", "open"),
        ("paid", "open", "canceled"),
        ("open", "open"),
        (*UNDECIDED[:1], "open", *UNDECIDED[1:]),
        ("paid",) * fuzz.examples(10) + ("open",),
    ]
    control = api.gdpr_remove(_customer_with_plans(given, ("paid",)).id)
    for statuses in orders:
        customer = _customer_with_plans(given, statuses)
        answer = api.gdpr_remove(customer.id)
        answer.refused(f"to remove a customer with the plans {', '.join(statuses)}", control=control)


@check("GDPR-10")
def a_removal_succeeds_after_the_plan_is_closed(
    api: Api, given: Given, harness: Harness, contract: Contract
) -> None:
    """Remove customers after their open plan was paid or canceled."""
    for status in CLOSED:
        customer = given.full_customer()
        plan = given.plan(customer, "open")
        refused = _refused_removal(api, customer)
        harness.set_plan(plan["id"], status)
        answer = api.gdpr_remove(customer.id)
        if not answer.ok:
            raise answer.violation(
                f"a removal after the open plan was {status} to succeed", f"status {answer.status}", refused
            )
        must_be_anonymised(api, customer, personal_values(customer, contract))


@check("GDPR-11")
def other_statuses_refuse_or_anonymise(
    api: Api, given: Given, harness: Harness, choices: Choices, contract: Contract
) -> None:
    """Remove customers with a plan in checkout, pending and defaulted."""
    for status in UNDECIDED:
        customer = given.full_customer()
        plan = given.plan(customer, status)
        before = given.read(customer.id)
        answer = api.gdpr_remove(customer.id).no_server_error(
            f"a removal with a plan in {status} not to be answered with a 5xx"
        )
        if answer.is_refusal:
            choices.saw(f"{status}-plan", "refused")
            must_exist_unchanged(before, api, answer, "the customer")
            must_keep_plan(plan, harness, answer, customer, may_change=())
        else:
            answer.success("a removal")
            choices.saw(f"{status}-plan", "anonymised")
            values = personal_values(customer, contract)
            must_be_anonymised(api, customer, values)
            must_keep_plan(plan, harness, answer, customer)
            _must_not_leak(plan, harness, answer, customer, values)


@check("GDPR-13")
def a_removal_changes_no_plan_of_another_customer(
    api: Api, given: Given, harness: Harness, contract: Contract
) -> None:
    """Delete and anonymise customers, and read the plans of others with the same names and address."""
    fields = {name: value for name, value in given.full_customer().items() if name in contract.kept_fields}
    fields.pop("email")
    first, anonymised, deleted, last = (given.customer(**fields) for _ in range(4))
    plans = [given.plan(one, status) for one, status in ((first, "paid"), (last, "open"), (last, "canceled"))]
    given.plan(anonymised, "paid")
    for customer in (anonymised, deleted):
        removal = _remove(api, customer)
        for plan in plans:
            must_keep_plan(plan, harness, removal, customer, may_change=())


@check("GDPR-20")
def many_customers_can_be_anonymised(api: Api, given: Given, fuzz: Fuzz, contract: Contract) -> None:
    """Remove several customers with paid plans one after the other, then read all of them."""
    customers = [_customer_with_plans(given, ("paid",)) for _ in range(max(3, fuzz.examples(5)))]
    before: list[Answer] = []
    for customer in customers:
        answer = api.gdpr_remove(customer.id)
        if not answer.ok:
            raise answer.violation(
                "a removal after other removals to succeed", f"status {answer.status}", *before[-1:]
            )
        before.append(answer)
    for customer in customers:
        must_be_anonymised(api, customer, personal_values(customer, contract))


# -- steps ---------------------------------------------------------------------------


def must_refuse(api: Api, given: Given, customer: Customer) -> Answer:
    """Require that a removal is refused for an open plan, and return the refusal.

    A customer with a paid plan must be removed.
    """
    answer = api.gdpr_remove(customer.id)
    control = api.gdpr_remove(_customer_with_plans(given, ("paid",)).id)
    return answer.refused("to remove a customer with an open plan", control=control)


def _must_not_leak(
    plan: Mapping[str, Any], harness: Harness, removal: Answer, customer: Customer, values: Mapping[str, str]
) -> None:
    """Require that a plan of a removed customer contains none of its personal values."""
    if found := find_leak(harness.plan(plan["id"]), values):
        raise removal.violation(
            "no personal data of the removed customer in its plans",
            f"in a plan, {found}",
            about=[customer.id],
        )


def _without_names(data: Data) -> dict[str, Any]:
    """Return a value for every field except the names of the customer."""
    return {name: value for name, value in data.fields().items() if name not in ("first_name", "last_name")}


def _customer_with_plans(given: Given, statuses: Sequence[str]) -> Customer:
    customer = given.full_customer()
    for status in statuses:
        given.plan(customer, status)
    return customer


def _refused_removal(api: Api, customer: Customer) -> Answer:
    answer = api.gdpr_remove(customer.id)
    if not answer.is_refusal:
        raise Blocked(f"removing a customer with an open plan was not refused: status {answer.status}")
    return answer


def _remove(api: Api, customer: Customer) -> Answer:
    answer = api.gdpr_remove(customer.id)
    if not answer.ok:
        raise Blocked(f"removing a customer with closed plans did not work: status {answer.status}")
    return answer
