"""UPDATE: what an update of a customer means for its former email and for its plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.expectations import must_be_unchanged
from partially_conformance.suite.servers.shared.plans import address_of_plan, must_keep_plan
from partially_conformance.target.harness import Harness
from partially_conformance.traffic.check_end import NotObservable


@check("UPDATE-22")
def a_former_email_is_free(api: Api, given: Given, data: Data) -> None:
    """Create with one former email of a customer, and update another customer to another one."""
    customer = given.full_customer()
    former = [customer.email]
    for _ in range(2):
        with prerequisite("updating an email"):
            customer = api.update(customer.id, email=data.email()).customer()
        former.append(customer.email)
    created = api.create(email=former[0])
    _must_succeed(created, "a create with the former email of a customer", customer)
    updated = api.update(given.customer().id, email=former[1])
    _must_succeed(updated, "an update to the former email of a customer", customer)
    must_be_unchanged(customer, api, created, updated, what="the customer who had the email")


@check("UPDATE-22")
def a_customer_can_have_its_former_email_back(api: Api, given: Given, data: Data) -> None:
    """Change the email of a customer and change it back."""
    customer = given.customer()
    with prerequisite("updating an email"):
        api.update(customer.id, email=data.email()).success()
    _must_succeed(
        api.update(customer.id, email=customer.email), "an update back to the former email", customer
    )


def _must_succeed(answer: Answer, what: str, customer: Customer) -> None:
    if not answer.ok:
        raise answer.violation(f"{what} to succeed", f"status {answer.status}", about=[customer.id])


@check("UPDATE-23")
def an_update_changes_no_plan(api: Api, given: Given, harness: Harness, data: Data) -> None:
    """Update the address of a customer with an open and a paid plan, whole and in part, then add a plan."""
    customer = given.full_customer()
    plans = [given.plan(customer, status) for status in ("open", "paid")]
    if not any(_copies(plan, customer) for plan in plans):
        raise NotObservable("the plans of this target show no address of their customer")
    for sent in (data.fields(), {"shipto_name": data.word()}):
        answer = api.update(customer.id, sent)
        with prerequisite("updating a customer with plans"):
            now = answer.customer()
        for plan in plans:
            must_keep_plan(plan, harness, answer, customer, may_change=())
    later = given.plan(now, "paid")
    for name, value in address_of_plan(later).items():
        if value is not None and value != now.get(name):
            raise answer.violation(
                f"a plan that is created after an update to have the {name} {now.get(name)!r}",
                f"{name} is {value!r}",
                about=[customer.id],
            )


def _copies(plan: Mapping[str, Any], customer: Mapping[str, Any]) -> bool:
    """Whether a plan shows a value of the address of its customer."""
    return any(value and value == customer.get(name) for name, value in address_of_plan(plan).items())
