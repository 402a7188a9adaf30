"""Steps and expectations that only checks of SEARCH share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from partially_conformance.bench.api import Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import prerequisite
from partially_conformance.suite.servers.shared.expectations import found, pages
from partially_conformance.traffic.check_end import Violation


def path_of(api: Api) -> str:
    """The path of the list."""
    return api.contract.operations["listCustomers"].path


def must_find_among(api: Api, query: str, wanted: Sequence[Customer], *, but_not: Sequence[Customer]) -> None:
    """The search finds these customers, on whatever page, and none of those."""
    walked = list(pages(api, q=query))
    met = {customer_id for _, page in walked for customer_id in page.ids}
    exchanges = [answer.exchange for answer, _ in walked]
    for customer in wanted:
        if customer.id not in met:
            expected = f"a search for {query!r} to find the customer with {named(customer)}"
            raise Violation(expected, "it is not found", exchanges, about=[customer.id])
    for customer in but_not:
        if customer.id in met:
            expected = f"a search for {query!r} not to find the customer with {named(customer)}"
            raise Violation(expected, "it is found", exchanges, about=[customer.id])


def must_all_contain(api: Api, query: str, fields: Sequence[str]) -> None:
    """Everybody the search finds has the query in one of these fields, or across them, in any case."""
    for answer, page in pages(api, q=query):
        for customer in page.customers:
            if query.lower() not in " ".join(str(customer[name] or "") for name in fields).lower():
                raise answer.violation(
                    f"a search for {query!r} to find only customers who have it in {' or '.join(fields)}",
                    f"it finds the customer with {named(customer)}",
                )


def finds(api: Api, query: str, customer: Customer) -> bool:
    """Whether a search that need not find the customer does."""
    answer = api.list(q=query)
    return answer.ok and customer.id in [one.id for one in found(api, query)]


def odd_customer(api: Api, data: Data, **fields: Any) -> Customer | None:
    """A new customer with unusual values; None if the target refuses or changes them."""
    answer = api.create(email=data.email(), **fields)
    if answer.is_refusal:
        return None
    with prerequisite("creating a customer"):
        customer = answer.customer()
    return customer if all(customer[name] == value for name, value in fields.items()) else None


def named(customer: Mapping[str, Any]) -> str:
    """What a search could find a customer by, as a reader wants to see it."""
    shown = {name: customer.get(name) for name in ("email", "first_name", "last_name") if customer.get(name)}
    return ", ".join(f"{name} {value!r}" for name, value in shown.items())


def other_letter(letter: str) -> str:
    """Another letter or digit."""
    return "x" if letter != "x" else "y"
