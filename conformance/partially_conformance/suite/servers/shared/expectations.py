"""Steps and expectations about customers that the checks of several areas share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer, Page
from partially_conformance.rules.contract import contract
from partially_conformance.traffic.check_end import NotObservable, Violation
from partially_conformance.traffic.exchange import Exchange

PAGE_LIMIT = 40
"""The most pages of one list that a check requests."""


def pages(api: Api, **query: Any) -> Iterator[tuple[Answer, Page]]:
    """Request all pages of a list, from the first.

    Raises:
        NotObservable: The list has more than `PAGE_LIMIT` pages.
    """
    number = 1
    while True:
        answer = api.list(**query, page=number)
        page = answer.page()
        yield answer, page
        if number >= page["total_pages"]:
            return
        if number >= PAGE_LIMIT:
            raise NotObservable(
                f"the list has {page['total_pages']} pages; the suite requests at most {PAGE_LIMIT}"
            )
        number += 1


def customers_found(api: Api, query: str) -> list[Customer]:
    """Return all customers that a search finds, on all pages."""
    return [customer for _, page in pages(api, q=query) for customer in page.customers]


def must_find(api: Api, query: str, customer: Customer) -> None:
    """Require that a search finds the customer, on any page."""
    seen: list[Exchange] = []
    for answer, page in pages(api, q=query):
        seen.append(answer.exchange)
        if customer.id in page.ids:
            return
    raise Violation(
        f"a search for {query!r} to find the customer with {email_and_names(customer)}",
        "the customer is not in the results",
        seen,
        about=[customer.id],
    )


def must_not_find(api: Api, query: str, customer: Customer) -> None:
    """Require that a search is refused, or does not find the customer on any page."""
    first = api.list(q=query)
    if first.is_refusal:
        return
    for answer, page in itertools.chain([(first, first.page())], pages(api, q=query)):
        if customer.id in page.ids:
            raise answer.violation(
                f"a search for {query!r} not to find the customer with {email_and_names(customer)}",
                "the customer is in the results",
                about=[customer.id],
            )


def must_match(
    expected: Mapping[str, Any],
    answer: Answer,
    *,
    changed: Mapping[str, Any] | None = None,
    what: str = "the customer",
) -> Customer:
    """Require that the response shows a customer with the expected values, and return it.

    Fields that are not in `expected`, and fields that are not documented, are ignored. Emails are compared
    ignoring case.

    Args:
        changed: Values that replace those in `expected`.
        what: What the customer is called in a failure.
    """
    customer = answer.customer(what)
    known = contract().create_fields.keys() | contract().response_fields.keys()
    for name, value in {**expected, **(changed or {})}.items():
        if name in known & customer.keys() and not same_value(name, customer[name], value):
            raise answer.violation(f"{what} to have the {name} {value!r}", f"{name} is {customer[name]!r}")
    return customer


def must_store(
    expected: Mapping[str, Any],
    api: Api,
    answer: Answer,
    *,
    changed: Mapping[str, Any] | None = None,
    what: str = "the customer",
) -> Customer:
    """Require the expected values in the response and in a later read, and return the customer.

    Args:
        changed: Values that replace those in `expected`.
        what: What the customer is called in a failure.
    """
    customer = must_match(expected, answer, changed=changed, what=what)
    return must_match(expected, api.get(customer.id), changed=changed, what=f"{what}, read again,")


def must_be_unchanged(before: Customer, api: Api, *sent: Answer, what: str = "the customer") -> None:
    """Require that every documented field of the customer reads as before.

    Args:
        sent: The responses to the requests that must not have changed it.
        what: What the customer is called in a failure.
    """
    answer = api.get(before.id)
    now = answer.customer(what)
    for name in fields_in_both(api, now, before):
        if not same_value(name, now[name], before[name]):
            raise answer.violation(
                f"{what} to keep the {name} {before[name]!r}", f"{name} is {now[name]!r}", *sent
            )


def fields_in_both(api: Api, now: Customer, before: Customer) -> list[str]:
    """Return the documented fields, of responses and of requests, that both customers have."""
    fields = {**api.contract.response_fields, **api.contract.create_fields}
    return [name for name in fields if name in now.keys() & before.keys()]


def must_have_stored_nothing(api: Api, word: str, refused: Answer) -> None:
    """Require that no customer has a word or an email that only one refused request contained."""
    answer = api.list(q=word)
    if any(word.lower() in str(value).lower() for one in answer.page().customers for value in one.values()):
        raise answer.violation(
            "a refused request to store nothing", f"a search finds a customer with {word!r}", refused
        )


def text_fields(api: Api) -> tuple[str, ...]:
    """Return the fields that take any text: not emails, phone numbers, codes and time zones."""
    fields = api.contract.create_fields
    return tuple(name for name in api.contract.kept_fields if "format" not in fields[name])


def same_value(name: str, left: Any, right: Any) -> bool:
    """Whether two values of a field are equal. Emails are compared ignoring case."""
    if name == "email" and isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return bool(left == right)


def email_and_names(customer: Mapping[str, Any]) -> str:
    """Describe a customer by the values that a search can find it by."""
    shown = {name: customer.get(name) for name in ("email", "first_name", "last_name") if customer.get(name)}
    return ", ".join(f"{name} {value!r}" for name, value in shown.items())
