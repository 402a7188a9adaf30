"""GDPR: removing customers, as far as the API alone shows it."""

from __future__ import annotations

from functools import partial
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer, together
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import found, must_not_find
from partially_conformance.suite.servers.shared.leaked_data import (
    GONE,
    ends_of_list,
    must_be_gone,
    must_be_unlisted,
    must_be_without,
    must_stay,
    personal_values,
    removable,
)
from partially_conformance.traffic.check_end import Blocked, NotObservable

_AT_ONCE = 6
"""How many removals are sent at the same time."""


@check("GDPR-1")
def a_customer_without_plans_is_deleted(api: Api, given: Given) -> None:
    """One with every field and one with an email alone."""
    for customer in (given.full_customer(), given.customer()):
        api.get(customer.id)  # what was read may be remembered
        api.gdpr_remove(customer.id).success("a removal")
        must_be_gone(api, customer)


@check("GDPR-2")
def a_deleted_customer_is_in_no_list(api: Api, given: Given, contract: Contract) -> None:
    """Looked for in the list, by each name and by email."""
    customer = given.full_customer()
    given.remove(customer)
    values = personal_values(customer, contract)
    must_be_unlisted(api, customer, values)
    for answer, page in ends_of_list(api):
        if customer.id in page.ids:
            raise answer.violation("a deleted customer not to be listed", "its id is", about=[customer.id])
    for query in (customer["first_name"], customer["last_name"], customer.email):
        must_not_find(api, query, customer)


@check("GDPR-2")
def a_deleted_customer_is_not_counted(api: Api, given: Given, data: Data) -> None:
    """In the totals of a search and in those of the whole list."""
    name = data.word()
    stays, goes = given.customer(last_name=name), given.customer(last_name=name)
    before, everybody = api.list(q=name), api.list()
    if (total := _total(before)) != 2:
        raise Blocked(f"a search for a name that two customers have counts {total}")
    given.remove(goes)
    after = api.list(q=name)
    if _total(after) != 1:
        raise after.violation(
            "a search to count the one customer who is left",
            f"total_entries is {_total(after)}",
            about=[stays.id, goes.id],
        )
    _must_be_fewer(api, everybody, goes)


def _must_be_fewer(api: Api, before: Answer, removed: Customer) -> None:
    """The whole list counts one customer less than before."""
    after = api.list()
    if _total(after) == _total(before) - 1:
        return
    if _total(api.list()) != _total(after):
        raise NotObservable("the number of customers changes all the time")
    raise after.violation(
        f"{_total(before) - 1} customers in all after one of {_total(before)} was removed",
        f"total_entries is {_total(after)}",
        before,
        about=[removed.id],
    )


def _total(answer: Answer) -> int:
    with prerequisite("listing customers"):
        return int(answer.page()["total_entries"])


@check("GDPR-12")
def a_removal_touches_nobody_else(
    api: Api, other: Api | None, given: Given, data: Data, offered: frozenset[Need]
) -> None:
    """Others have the same names and address, an email that is nearly the same, or the same one.

    One customer is deleted and, with a harness, one is anonymised.
    """
    customers = removable(given, offered, email=lambda: data.email("a_b+c"))
    neighbours = [(api, one) for customer in customers for one in _lookalikes(api, customer, data)]
    if other is not None:
        neighbours += [(other, _counterpart(other, customer, data)) for customer in customers]
    before = [given.read(one.id, of=merchant) for merchant, one in neighbours]
    for customer in customers:
        removal = _removed(api, customer)
        for (merchant, _), as_before in zip(neighbours, before, strict=True):
            must_stay(as_before, merchant, removal, "another customer")


@check("GDPR-12")
def others_log_in_as_before(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """By the password and the token of before, as far as a harness lets either be seen."""
    for customer in removable(given, offered):
        stays = given.full_customer()
        password = given.password(stays) if Need.PASSWORD in offered else None
        token = given.token(stays) if Need.EMAILS in offered else None
        removal = _removed(api, customer)
        if password is not None:
            by_password = api.login_password(email=stays.email, password=password)
            if not by_password.ok:
                given.password(stays, password)
                with prerequisite("logging in with a password that was set once more"):
                    api.login_password(email=stays.email, password=password).success()
                raise by_password.violation(
                    "the password of another to work as before", f"status {by_password.status}", removal,
                    about=[stays.id],
                )  # fmt: skip
        if token is not None:
            by_token = api.login_token(token=token)
            if not by_token.ok:
                with prerequisite("logging in with a token that was asked for anew"):
                    api.login_token(token=given.token(stays)).success()
                raise by_token.violation(
                    "the token of another to work as before", f"status {by_token.status}", removal,
                    about=[stays.id, stays.email],
                )  # fmt: skip


def _removed(api: Api, customer: Customer) -> Answer:
    """The answer to the removal of a customer, which succeeded."""
    removal = api.gdpr_remove(customer.id)
    if not removal.ok:
        raise Blocked(f"removing a customer was answered with {removal.status}")
    return removal


def _lookalikes(api: Api, customer: Customer, data: Data) -> list[Customer]:
    """Customers who are like another in all but the email; with the same email too, if the target allows."""
    fields = _sent(customer, api.contract)
    with prerequisite("creating customers who are alike"):
        alike = [
            api.create({**fields, "email": email}).customer()
            for email in (
                data.email("a_b+d"),
                f"x{customer.email}",
                customer.email.replace("@", "x@"),
                customer.email.replace("_", "x"),
                customer.email.replace(".", "", 1),
            )
        ]
        twin = api.create(fields)
        if twin.ok and twin.customer().id != customer.id:
            alike.append(twin.customer())
    return alike


def _counterpart(other: Api, customer: Customer, data: Data) -> Customer:
    """A customer of the other merchant with all values of this one, or all but the email if that is taken."""
    fields = _sent(customer, other.contract)
    with prerequisite("creating a customer of the other merchant who is alike"):
        twin = other.create(fields)
        if twin.ok and twin.customer().id != customer.id:
            return twin.customer()
        return other.create({**fields, "email": data.email()}).customer()


def _sent(customer: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """The values of a customer as a create takes them."""
    return {name: customer[name] for name in contract.kept_fields}


@check("GDPR-14")
def an_unknown_id_is_not_found(api: Api, given: Given, data: Data) -> None:
    """Ids nobody has, and texts that cannot be ids; the id of a customer is accepted."""
    customer = given.customer()
    for malformed in ("not-an-id", f"{customer.id}x", customer.id[:-1] + "-"):
        if data.may_be_an_id(malformed):
            continue  # somebody else's customer must stay
        api.gdpr_remove(malformed).refused("to remove a customer whose id is malformed")
    answer = api.gdpr_remove(data.unknown_id())
    control = api.gdpr_remove(customer.id)
    if not control.ok:
        raise Blocked(f"the removal of a customer was refused too, with status {control.status}")
    if answer.status != 404:
        raise answer.violation("404 for the removal of an unknown customer", f"status {answer.status}")


@check("GDPR-15")
def a_second_removal_does_no_harm(api: Api, given: Given, offered: frozenset[Need], choices: Choices) -> None:
    """Of a deleted customer and, with a harness, of an anonymised one."""
    for customer in removable(given, offered):
        given.remove(customer)
        answer = api.gdpr_remove(customer.id).no_server_error("a second removal to be answered with no 5xx")
        choices.saw("second-removal", answer.status)


@check("GDPR-16")
def the_email_of_a_removed_customer_is_free(
    api: Api, given: Given, offered: frozenset[Need], contract: Contract
) -> None:
    """Of a deleted customer and, with a harness, of an anonymised one; for an update and in capitals too."""
    for before in removable(given, offered):
        given.remove(before)
        answer = api.create(email=before.email)
        if not answer.ok:
            raise answer.violation(
                "the email of a removed customer to be free", f"status {answer.status}", about=[before.id]
            )
        customer = answer.customer()
        if customer.id == before.id:
            raise answer.violation("a new customer to have a new id", "it has the id of the removed one")
        values = personal_values(before, contract)
        values.pop("email")
        for shown in (answer, api.get(customer.id)):
            must_be_without(shown, values, "the new customer", before)
        given.remove(customer)
        somebody = given.customer()
        for email in (before.email, before.email.capitalize()):
            updated = api.update(somebody.id, email=email)
            if not updated.ok:
                expected = "an update to the email of a removed customer to succeed"
                raise updated.violation(expected, f"status {updated.status}", about=[before.id])


@check("GDPR-21")
def removals_at_the_same_time_do_no_harm(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Several for one customer, a few rounds; with a harness, for one with a paid plan too."""
    for deleted in [given.full_customer() for _ in range(2)] + removable(given, offered):
        answers = together(*[partial(api.gdpr_remove, deleted.id)] * _AT_ONCE)
        for answer in answers:
            answer.no_server_error("a removal at the same time as others to be answered with no 5xx")
        if not any(answer.ok for answer in answers):
            raise answers[0].violation(
                "one of the removals to succeed", "all are refused", about=[deleted.id]
            )
        after = api.get(deleted.id)
        if after.ok and deleted.email.lower() in after.text.lower():
            raise after.violation("the customer to be removed", "it reads as before", *answers)


@check("GDPR-22", shape=True)
def a_removal_takes_no_body(api: Api, given: Given) -> None:
    """As curl sends it, and labelled as JSON."""
    for headers in ({}, {"Content-Type": "application/json"}):
        customer = given.customer()
        api.call("gdprRemoveCustomer", customer.id, headers=headers).success("a removal without a body")


@check("GDPR-23")
def a_deleted_customer_does_not_come_back(api: Api, given: Given, data: Data) -> None:
    """By an update of one field, and by one of all of them."""
    customer = given.full_customer()
    given.remove(customer)
    name = data.word()
    for body in ({"first_name": name}, data.fields(first_name=name)):
        answer = api.update(customer.id, body)
        if answer.status not in GONE:
            raise answer.violation("404 for an update of a deleted customer", f"status {answer.status}")
        must_be_gone(api, customer)
        if found(api, name):
            raise answer.violation(
                "an update of a deleted customer to bring nothing back", f"a search for {name!r} finds it"
            )
