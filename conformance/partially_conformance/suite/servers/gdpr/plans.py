"""GDPR: removing customers who have payment plans."""

from __future__ import annotations

import functools
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
    must_be_anonymised,
    must_be_unlisted,
    must_stay,
    personal_values,
    trace,
)
from partially_conformance.target.harness import Harness
from partially_conformance.traffic.check_end import Blocked, NotObservable, Violation
from partially_spec import HARNESS, load

CLOSED = ("paid", "canceled")
"""States of a plan that do not keep its customer."""

UNDECIDED = ("checkout", "pending", "defaulted")
"""States of which the text does not say whether they do."""


@check("GDPR-3")
def a_customer_with_an_open_plan_is_not_removed(api: Api, given: Given, choices: Choices) -> None:
    """Nor when it is tried again; while one with a paid plan is."""
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
def a_plan_that_is_opened_later_counts(api: Api, given: Given, harness: Harness) -> None:
    """One that was pending, and one that was paid: what a plan is now counts, not what it has been."""
    for status in ("pending", "paid"):
        customer = given.full_customer()
        plan = given.plan(customer, status)
        harness.set_plan(plan["id"], "open")
        must_refuse(api, given, customer)


@check("GDPR-3")
def whoever_it_is_an_open_plan_counts(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """Of a customer with an email alone, and of one who was updated and, where it can, has logged in."""
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
    """The customer reads and is found as before, all its plans are as before; also when it is tried again.

    So are the customers who came just before and just after, who have the same names.
    """
    names: dict[str, Any] = {"first_name": data.word(), "last_name": data.word()}
    one, customer, other = (given.full_customer(**names) for _ in range(3))
    beside = [given.read(one.id), given.read(other.id)]
    plans = [given.plan(customer, status) for status in ("paid", "open", "canceled")]
    before = given.read(customer.id)
    earlier: list[Answer] = []
    for _ in range(2):
        refused = _refused(api, customer)
        must_stay(before, api, refused, "the customer", earlier)
        for somebody in beside:
            must_stay(somebody, api, refused, "somebody else", earlier)
        earlier.append(refused)
        for plan in plans:
            must_be_kept(plan, harness, refused, customer, but=())
    for query in (before["first_name"], before["last_name"], before.email):
        must_find(api, query, before)
    update = api.update(customer.id, phone=data.other("phone", before))
    if not update.ok:
        raise update.violation(
            "an update to be accepted after a refused removal", f"status {update.status}", *earlier
        )


@check("GDPR-5")
def a_customer_with_closed_plans_is_anonymised(
    api: Api, given: Given, data: Data, choices: Choices, contract: Contract
) -> None:
    """With paid plans, with canceled ones and with both; looked at with get and in the list.

    One customer has every field, one has been updated, and one has no names.
    """
    moved, nameless = given.full_customer(), given.customer(**_without_names(data))
    for customer, statuses in (
        (given.full_customer(), ("paid",)),
        (moved, ("canceled",)),
        (nameless, CLOSED),
    ):
        for status in statuses:
            given.plan(customer, status)
        known = [customer]
        if customer is moved:
            with prerequisite("updating a customer"):
                known.append(api.update(customer.id, data.fields()).customer())
        api.get(customer.id)  # what was read may be remembered
        api.gdpr_remove(customer.id).success("a removal")
        for values in (personal_values(one, contract) for one in known):
            answer = must_be_anonymised(api, customer, values)
            choices.saw("anonymised-read", answer.status)
            must_be_unlisted(api, customer, values)


@check("GDPR-5")
def an_update_brings_nothing_back(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """An update of an anonymised customer is accepted or refused; nothing it does not send comes back."""
    customer = _with_plans(given, ("paid",))
    given.remove(customer)
    sent = {"phone": data.other("phone", customer)}
    api.update(customer.id, sent).no_server_error(
        "an update of an anonymised customer to be answered with no 5xx"
    )
    must_be_anonymised(api, customer, personal_values(customer, contract))


@check("GDPR-6")
def an_anonymised_customer_is_not_found(api: Api, given: Given) -> None:
    """By each name, by a part of one, and by email; all of which find it before."""
    customer = _with_plans(given, ("paid",))
    queries = (customer["first_name"], customer["last_name"], customer["last_name"][:7], customer.email)
    try:
        for query in queries:
            must_find(api, query, customer)
    except Violation as violation:
        raise Blocked("the customer is not found before its removal either") from violation
    given.remove(customer)
    for query in queries:
        must_not_find(api, query, customer)


@check("GDPR-7")
def plans_and_payments_stay(api: Api, given: Given, harness: Harness) -> None:
    """Of customers with one plan, paid or canceled, and with several; also by a second removal."""
    several = (("canceled", "paid"), ("paid", "canceled"), ("canceled", "paid", "canceled"))
    for statuses in (("paid",), ("canceled",), *several):
        customer = given.full_customer()
        plans = [given.plan(customer, status) for status in statuses]
        removal = _removed(api, customer)
        for plan in plans:
            must_be_kept(plan, harness, removal, customer)
        again = api.gdpr_remove(customer.id)
        for plan in plans:
            must_be_kept(plan, harness, again, customer)


@check("GDPR-8")
def the_copies_on_plans_are_anonymised_too(
    api: Api, given: Given, harness: Harness, data: Data, contract: Contract
) -> None:
    """On each of several plans, also where the customer has moved or it was paid since the plan was made."""
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
    if not any(trace(plan, values) for plan in plans):
        raise NotObservable("the plans of this target show nothing of their customer")
    removal = _removed(api, customer)
    for plan in plans:
        _must_show_nothing(plan, harness, removal, customer, values)


@check("GDPR-9")
def one_open_plan_among_several_is_enough(api: Api, given: Given, fuzz: Fuzz) -> None:
    """The open one is the first of two and of several, the last, in the middle, one of two, one of many."""
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
    control = api.gdpr_remove(_with_plans(given, ("paid",)).id)
    for statuses in orders:
        customer = _with_plans(given, statuses)
        answer = api.gdpr_remove(customer.id)
        answer.refused(f"to remove a customer with the plans {', '.join(statuses)}", control=control)


@check("GDPR-10")
def once_the_plan_is_closed_the_customer_can_go(
    api: Api, given: Given, harness: Harness, contract: Contract
) -> None:
    """After it was paid, and after it was canceled; the customer is anonymised then."""
    for status in CLOSED:
        customer = given.full_customer()
        plan = given.plan(customer, "open")
        refused = _refused(api, customer)
        harness.set_plan(plan["id"], status)
        answer = api.gdpr_remove(customer.id)
        if not answer.ok:
            raise answer.violation(
                f"a removal to succeed after the open plan was {status}", f"status {answer.status}", refused
            )
        must_be_anonymised(api, customer, personal_values(customer, contract))


@check("GDPR-11")
def other_states_refuse_or_anonymise(
    api: Api, given: Given, harness: Harness, choices: Choices, contract: Contract
) -> None:
    """Each of the states of which the text says nothing, by itself."""
    for status in UNDECIDED:
        customer = given.full_customer()
        plan = given.plan(customer, status)
        before = given.read(customer.id)
        answer = api.gdpr_remove(customer.id).no_server_error("a removal to be answered with no 5xx")
        if answer.is_refusal:
            choices.saw(f"{status}-plan", "refused")
            must_stay(before, api, answer, "the customer")
            must_be_kept(plan, harness, answer, customer, but=())
        else:
            answer.success("a removal")
            choices.saw(f"{status}-plan", "anonymised")
            values = personal_values(customer, contract)
            must_be_anonymised(api, customer, values)
            must_be_kept(plan, harness, answer, customer)
            _must_show_nothing(plan, harness, answer, customer, values)


@check("GDPR-13")
def a_removal_leaves_the_plans_of_others(
    api: Api, given: Given, harness: Harness, contract: Contract
) -> None:
    """Of others with the same names and address, made before and after; by a deletion too."""
    fields = {name: value for name, value in given.full_customer().items() if name in contract.kept_fields}
    fields.pop("email")
    first, anonymised, deleted, last = (given.customer(**fields) for _ in range(4))
    plans = [given.plan(one, status) for one, status in ((first, "paid"), (last, "open"), (last, "canceled"))]
    given.plan(anonymised, "paid")
    for customer in (anonymised, deleted):
        removal = _removed(api, customer)
        for plan in plans:
            must_be_kept(plan, harness, removal, customer, but=())


@check("GDPR-20")
def many_customers_can_be_anonymised(api: Api, given: Given, fuzz: Fuzz, contract: Contract) -> None:
    """One after the other; each is anonymised, and stays so."""
    customers = [_with_plans(given, ("paid",)) for _ in range(max(3, fuzz.examples(5)))]
    before: list[Answer] = []
    for customer in customers:
        answer = api.gdpr_remove(customer.id)
        if not answer.ok:
            raise answer.violation("a removal after others: 2xx", f"status {answer.status}", *before[-1:])
        before.append(answer)
    for customer in customers:
        must_be_anonymised(api, customer, personal_values(customer, contract))


# -- steps ---------------------------------------------------------------------------


def must_refuse(api: Api, given: Given, customer: Customer) -> Answer:
    """A removal is refused because of an open plan; a customer with a paid one can be removed."""
    answer = api.gdpr_remove(customer.id)
    control = api.gdpr_remove(_with_plans(given, ("paid",)).id)
    return answer.refused("to remove a customer with an open plan", control=control)


def must_be_kept(
    plan: Mapping[str, Any],
    harness: Harness,
    removal: Answer,
    customer: Customer,
    but: Sequence[str] | None = None,
) -> None:
    """A plan and its payments are there as before, but for these fields.

    Args:
        but: Fields that a removal may change: unless told otherwise, those that are about the customer.
    """
    after = harness.plan(plan["id"])
    about = [customer.id, plan["id"], *filter(None, [plan.get("customer_id")])]
    if after is None:
        raise removal.violation("the plans to stay", "a plan is gone", about=about)
    for name in _plan_fields():
        if name in plan and name not in (_about_customer() if but is None else but):
            before, now = _documented(name, plan[name]), _documented(name, after.get(name))
            if before != now:
                raise removal.violation(
                    f"the plans to stay as before, {name} {before!r}", f"{name} is {now!r}", about=about
                )


def _must_show_nothing(
    plan: Mapping[str, Any], harness: Harness, removal: Answer, customer: Customer, values: Mapping[str, str]
) -> None:
    """A plan of a removed customer has none of its personal values."""
    if found := trace(harness.plan(plan["id"]), values):
        raise removal.violation(
            "no personal value of before in a plan of the customer",
            f"in the plan, {found}",
            about=[customer.id],
        )


def _documented(name: str, value: Any) -> Any:
    """A value of a plan without the fields of payments that are not documented, in a fixed order."""
    if name != "payments" or not isinstance(value, list):
        return value
    known = _harness().fields(_harness().schema("Payment"))
    payments = [{field: payment.get(field) for field in known} for payment in value]
    return sorted(payments, key=lambda payment: str(payment["id"]))


@functools.cache
def _harness() -> Any:
    return load(HARNESS)


def _plan_fields() -> Sequence[str]:
    return tuple(_harness().fields(_harness().schema("PaymentPlan")))


def _about_customer() -> Sequence[str]:
    """The fields of a plan that are about its customer: whose it is, and copies of the address."""
    return [name for name in _plan_fields() if name.startswith(("customer_", "shipto_"))]


def _without_names(data: Data) -> dict[str, Any]:
    """A value for every field but the names of the customer."""
    return {name: value for name, value in data.fields().items() if name not in ("first_name", "last_name")}


def _with_plans(given: Given, statuses: Sequence[str]) -> Customer:
    customer = given.full_customer()
    for status in statuses:
        given.plan(customer, status)
    return customer


def _refused(api: Api, customer: Customer) -> Answer:
    answer = api.gdpr_remove(customer.id)
    if not answer.is_refusal:
        raise Blocked(f"removing a customer with an open plan was not refused, but answered {answer.status}")
    return answer


def _removed(api: Api, customer: Customer) -> Answer:
    answer = api.gdpr_remove(customer.id)
    if not answer.ok:
        raise Blocked(f"removing a customer with closed plans was answered with {answer.status}")
    return answer
