"""GDPR: removing customers, as far as it can be seen without payment plans."""

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
from partially_conformance.suite.servers.shared.expectations import customers_found, must_not_find
from partially_conformance.suite.servers.shared.leaked_data import (
    NOT_FOUND,
    customers_to_remove,
    first_and_last_pages,
    must_be_anonymised,
    must_be_deleted,
    must_exist_unchanged,
    must_not_leak,
    must_not_leak_in_list,
    personal_values,
)
from partially_conformance.traffic.check_end import Blocked, NotObservable

_AT_ONCE = 6
"""How many removals of one customer are sent at the same time."""


@check("GDPR-1")
def a_customer_without_plans_is_deleted(api: Api, given: Given) -> None:
    """Remove a customer with every field and one with an email only, and read them."""
    for customer in (given.full_customer(), given.customer()):
        api.get(customer.id)  # the target may cache what was read
        api.gdpr_remove(customer.id).success("a removal")
        must_be_deleted(api, customer)


@check("GDPR-2")
def a_deleted_customer_is_not_listed_or_found(api: Api, given: Given, contract: Contract) -> None:
    """Look for a deleted customer in the list, and search by each name and by email."""
    customer = given.full_customer()
    for query in (customer["first_name"], customer["last_name"], customer.email):
        api.list(q=query)  # the target may cache what was found
    given.remove(customer)
    values = personal_values(customer, contract)
    must_not_leak_in_list(api, customer, values)
    for answer, page in first_and_last_pages(api):
        if customer.id in page.ids:
            raise answer.violation(
                "a deleted customer not to be listed", "the list shows its id", about=[customer.id]
            )
    for query in (customer["first_name"], customer["last_name"], customer.email):
        must_not_find(api, query, customer)


@check("GDPR-2")
def a_deleted_customer_is_not_counted(api: Api, given: Given, data: Data) -> None:
    """Compare total_entries of a search and of the list before and after a removal."""
    name = data.word()
    kept, removed = given.customer(last_name=name), given.customer(last_name=name)
    before, whole_list = api.list(q=name), api.list()
    if (total := _total(before)) != 2:
        raise Blocked(f"a search for a name of two customers counts {total} customers")
    given.remove(removed)
    after = api.list(q=name)
    if _total(after) != 1:
        raise after.violation(
            "total_entries 1 in a search for a name of two customers, one of them removed",
            f"total_entries is {_total(after)}",
            about=[kept.id, removed.id],
        )
    _must_count_one_less(api, whole_list, removed)


def _must_count_one_less(api: Api, before: Answer, removed: Customer) -> None:
    """Require that the list counts one customer less than before."""
    after = api.list()
    if _total(after) == _total(before) - 1:
        return
    if _total(api.list()) != _total(after):
        raise NotObservable("the number of customers changes during the run")
    raise after.violation(
        f"total_entries {_total(before) - 1} in the list after one of {_total(before)} customers was removed",
        f"total_entries is {_total(after)}",
        before,
        about=[removed.id],
    )


def _total(answer: Answer) -> int:
    with prerequisite("listing customers"):
        return int(answer.page()["total_entries"])


@check("GDPR-12")
def a_removal_changes_no_other_customer(
    api: Api, other: Api | None, given: Given, data: Data, offered: frozenset[Need]
) -> None:
    """Remove customers while others have the same names and address, and a similar or the same email.

    One customer is deleted and, with a harness, one is anonymised.
    """
    customers = customers_to_remove(given, offered, email=lambda: data.email("a_b+c"))
    others = [(api, one) for customer in customers for one in _similar_customers(api, customer, data)]
    if other is not None:
        others += [(other, _counterpart(other, customer, data)) for customer in customers]
    before = [given.read(one.id, of=merchant) for merchant, one in others]
    for customer in customers:
        removal = _remove(api, customer)
        for (merchant, _), other_before in zip(others, before, strict=True):
            must_exist_unchanged(other_before, merchant, removal, "another customer")


@check("GDPR-12")
def other_customers_log_in_as_before(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """Log in another customer after a removal, with a password and a token from before it."""
    for customer in customers_to_remove(given, offered):
        another = given.full_customer()
        password = given.password(another) if Need.PASSWORD in offered else None
        token = given.token(another) if Need.EMAILS in offered else None
        removal = _remove(api, customer)
        if password is not None:
            by_password = api.login_password(email=another.email, password=password)
            if not by_password.ok:
                given.password(another, password)
                with prerequisite("logging in with the password after it was set again"):
                    api.login_password(email=another.email, password=password).success()
                raise by_password.violation(
                    "the password of another customer to log in as before",
                    f"status {by_password.status}",
                    removal,
                    about=[another.id],
                )
        if token is not None:
            by_token = api.login_token(token=token)
            if not by_token.ok:
                with prerequisite("logging in with a newly requested token"):
                    api.login_token(token=given.token(another)).success()
                raise by_token.violation(
                    "the token of another customer to log in as before", f"status {by_token.status}", removal,
                    about=[another.id, another.email],
                )  # fmt: skip


def _remove(api: Api, customer: Customer) -> Answer:
    """Remove a customer and return the response.

    Raises:
        Blocked: The removal failed.
    """
    removal = api.gdpr_remove(customer.id)
    if not removal.ok:
        raise Blocked(f"removing a customer did not work: status {removal.status}")
    return removal


def _similar_customers(api: Api, customer: Customer, data: Data) -> list[Customer]:
    """Create customers like another with similar emails, and with the same email if the target allows it."""
    fields = _creatable_values(customer, api.contract)
    with prerequisite("creating similar customers"):
        similar = [
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
            similar.append(twin.customer())
    return similar


def _counterpart(other: Api, customer: Customer, data: Data) -> Customer:
    """Create a customer of the other merchant with the same values, or another email if that is taken."""
    fields = _creatable_values(customer, other.contract)
    with prerequisite("creating a similar customer of the other merchant"):
        twin = other.create(fields)
        if twin.ok and twin.customer().id != customer.id:
            return twin.customer()
        return other.create({**fields, "email": data.email()}).customer()


def _creatable_values(customer: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """Return the values of a customer that a create accepts."""
    return {name: customer[name] for name in contract.kept_fields}


@check("GDPR-14")
def an_unknown_id_is_not_found(api: Api, given: Given, data: Data) -> None:
    """Remove an unknown id and malformed ids; the id of a customer is accepted."""
    customer = given.customer()
    for malformed in ("not-an-id", f"{customer.id}x", customer.id[:-1] + "-"):
        if data.may_be_an_id(malformed):
            continue  # it may be the id of an existing customer
        api.gdpr_remove(malformed).refused("to remove a customer with a malformed id")
    answer = api.gdpr_remove(data.unknown_id())
    control = api.gdpr_remove(customer.id)
    if not control.ok:
        raise Blocked(f"the removal of a known customer was refused with status {control.status}")
    if answer.status != 404:
        raise answer.violation(
            "a removal of an unknown id to be answered with 404", f"status {answer.status}"
        )


@check("GDPR-15")
def a_second_removal_is_not_answered_with_a_5xx(
    api: Api, given: Given, offered: frozenset[Need], choices: Choices
) -> None:
    """Remove a deleted customer again and, with a harness, an anonymised customer."""
    for customer in customers_to_remove(given, offered):
        given.remove(customer)
        answer = api.gdpr_remove(customer.id).no_server_error(
            "a second removal not to be answered with a 5xx"
        )
        choices.saw("second-removal", answer.status)


@check("GDPR-16")
def the_email_of_a_removed_customer_is_free(
    api: Api, given: Given, offered: frozenset[Need], contract: Contract
) -> None:
    """Create and update with the email of a deleted customer and, with a harness, of an anonymised one."""
    for before in customers_to_remove(given, offered):
        given.remove(before)
        answer = api.create(email=before.email)
        if not answer.ok:
            raise answer.violation(
                "a create with the email of a removed customer to succeed",
                f"status {answer.status}",
                about=[before.id],
            )
        customer = answer.customer()
        if customer.id == before.id:
            raise answer.violation("a new customer to have a new id", "it has the id of the removed customer")
        values = personal_values(before, contract)
        values.pop("email")
        for shown in (answer, api.get(customer.id)):
            must_not_leak(shown, values, "the new customer", before)
        given.remove(customer)
        another = given.customer()
        for email in (before.email, before.email.capitalize()):
            updated = api.update(another.id, email=email)
            if not updated.ok:
                expected = "an update to the email of a removed customer to succeed"
                raise updated.violation(expected, f"status {updated.status}", about=[before.id])


@check("GDPR-21")
def concurrent_removals_are_not_answered_with_a_5xx(
    api: Api, given: Given, offered: frozenset[Need], contract: Contract
) -> None:
    """Send several removals of one customer at the same time; with a harness, also one with a paid plan."""
    for removed in [given.full_customer() for _ in range(2)] + customers_to_remove(given, offered):
        answers = together(*[partial(api.gdpr_remove, removed.id)] * _AT_ONCE)
        for answer in answers:
            answer.no_server_error("removals at the same time not to be answered with a 5xx")
        if not any(answer.ok for answer in answers):
            raise answers[0].violation(
                "one of several removals at the same time to succeed", "all are refused", about=[removed.id]
            )
        must_be_anonymised(api, removed, personal_values(removed, contract))


@check("GDPR-22", shape=True)
def a_removal_without_a_body_succeeds(api: Api, given: Given) -> None:
    """Remove without a body, as curl does, and with the content type of JSON."""
    for headers in ({}, {"Content-Type": "application/json"}):
        customer = given.customer()
        api.call("gdprRemoveCustomer", customer.id, headers=headers).success("a removal without a body")


@check("GDPR-23")
def an_update_does_not_restore_a_deleted_customer(api: Api, given: Given, data: Data) -> None:
    """Update a deleted customer with one field and with all fields."""
    customer = given.full_customer()
    given.remove(customer)
    name = data.word()
    for body in ({"first_name": name}, data.fields(first_name=name)):
        answer = api.update(customer.id, body)
        if answer.status not in NOT_FOUND:
            raise answer.violation(
                "an update of a deleted customer to be answered with 404", f"status {answer.status}"
            )
        must_be_deleted(api, customer)
        if customers_found(api, name):
            raise answer.violation(
                "an update of a deleted customer to store nothing", f"a search for {name!r} finds a customer"
            )
