"""Steps and expectations about searches, which the checks of SEARCH share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from partially_conformance.bench.answer import Customer
from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import prerequisite
from partially_conformance.suite.servers.shared.expectations import customers_found, email_and_names, pages
from partially_conformance.traffic.check_end import Violation


def list_path(api: Api) -> str:
    """Return the path of the list."""
    return api.contract.operations["listCustomers"].path


def must_find_only(api: Api, query: str, wanted: Sequence[Customer], *, among: Sequence[Customer]) -> None:
    """Require that a search finds the wanted customers, on any page, and none of those in `among`."""
    walked = list(pages(api, q=query))
    shown = {customer_id for _, page in walked for customer_id in page.ids}
    exchanges = [answer.exchange for answer, _ in walked]
    for customer in wanted:
        if customer.id not in shown:
            expected = f"a search for {query!r} to find the customer with {email_and_names(customer)}"
            raise Violation(expected, "the customer is not in the results", exchanges, about=[customer.id])
    for customer in among:
        if customer.id in shown:
            expected = f"a search for {query!r} not to find the customer with {email_and_names(customer)}"
            raise Violation(expected, "the customer is in the results", exchanges, about=[customer.id])


def must_find_only_containing(api: Api, query: str, fields: Sequence[str]) -> None:
    """Require that every customer a search finds has the query in these fields, joined, in any case."""
    for answer, page in pages(api, q=query):
        for customer in page.customers:
            if query.lower() not in " ".join(str(customer[name] or "") for name in fields).lower():
                raise answer.violation(
                    f"a search for {query!r} to find only customers with it in {' or '.join(fields)}",
                    f"it finds the customer with {email_and_names(customer)}",
                )


def finds(api: Api, query: str, customer: Customer) -> bool:
    """Whether a search finds the customer, which it need not."""
    answer = api.list(q=query)
    return answer.ok and customer.id in [one.id for one in customers_found(api, query)]


def unusual_customer(api: Api, data: Data, **fields: Any) -> Customer | None:
    """Create a customer with unusual values; return None if the target refuses or changes them."""
    answer = api.create(email=data.email(), **fields)
    if answer.is_refusal:
        return None
    with prerequisite("creating a customer"):
        customer = answer.customer()
    return customer if all(customer[name] == value for name, value in fields.items()) else None


def other_letter(letter: str) -> str:
    """Return another letter."""
    return "x" if letter != "x" else "y"
