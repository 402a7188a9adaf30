"""Steps and expectations that the checks of several areas share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer, Page
from partially_conformance.rules.contract import contract
from partially_conformance.traffic.check_end import NotObservable, Violation
from partially_conformance.traffic.exchange import Exchange

PAGE_LIMIT = 40
"""Most pages of one list that a check walks through; on a target with more, the rest is not looked at."""


def pages(api: Api, **query: Any) -> Iterator[tuple[Answer, Page]]:
    """All pages of a list, from the first. A list of more than `PAGE_LIMIT` pages cannot be observed."""
    number = 1
    while True:
        answer = api.list(**query, page=number)
        page = answer.page()
        yield answer, page
        if number >= page["total_pages"]:
            return
        if number >= PAGE_LIMIT:
            raise NotObservable(
                f"the list has {page['total_pages']} pages; {PAGE_LIMIT} at most are walked through"
            )
        number += 1


def found(api: Api, query: str) -> list[Customer]:
    """Everybody a search finds, on all pages."""
    return [customer for _, page in pages(api, q=query) for customer in page.customers]


def must_find(api: Api, query: str, customer: Customer) -> None:
    """The search finds the customer, on whatever page."""
    seen: list[Exchange] = []
    for answer, page in pages(api, q=query):
        seen.append(answer.exchange)
        if customer.id in page.ids:
            return
    raise Violation(
        f"a search for {query!r} to find the customer {_brief(customer)}",
        "it is not found",
        seen,
        about=[customer.id],
    )


def must_not_find(api: Api, query: str, customer: Customer) -> None:
    """The search does not find the customer, on any page. A refusal finds nobody either."""
    first = api.list(q=query)
    if first.is_refusal:
        return
    for answer, page in pages(api, q=query):
        if customer.id in page.ids:
            raise answer.violation(
                f"a search for {query!r} not to find the customer {_brief(customer)}",
                "it is found",
                about=[customer.id],
            )


def must_be_as(
    expected: Mapping[str, Any],
    answer: Answer,
    *,
    but: Mapping[str, Any] | None = None,
    what: str = "the customer",
) -> Customer:
    """The customer of the answer has the same values as expected, `but` for these.

    Fields that are not in `expected`, and those that are not documented, are not looked at. Emails are
    compared ignoring case.
    """
    customer = answer.customer(what)
    known = contract().create_fields.keys() | contract().response_fields.keys()
    for name, value in {**expected, **(but or {})}.items():
        if name in known & customer.keys() and not same(name, customer[name], value):
            raise answer.violation(f"{what} with {name} {value!r}", f"{name} is {customer[name]!r}")
    return customer


def must_keep(
    expected: Mapping[str, Any],
    api: Api,
    answer: Answer,
    *,
    but: Mapping[str, Any] | None = None,
    what: str = "the customer",
) -> Customer:
    """The customer of the answer has the same values as expected, and so it has when it is read again."""
    customer = must_be_as(expected, answer, but=but, what=what)
    return must_be_as(expected, api.get(customer.id), but=but, what=f"{what}, read again,")


def must_be_unchanged(before: Customer, api: Api, *because: Answer, what: str = "the customer") -> None:
    """The customer reads as before in every documented field. `because` are the requests that were sent."""
    answer = api.get(before.id)
    now = answer.customer(what)
    for name in both_show(api, now, before):
        if not same(name, now[name], before[name]):
            raise answer.violation(
                f"{what} to keep its {name} {before[name]!r}", f"it is {now[name]!r}", *because
            )


def both_show(api: Api, now: Customer, before: Customer) -> list[str]:
    """The documented fields of a customer, and those it takes and need not show, but does."""
    fields = {**api.contract.response_fields, **api.contract.create_fields}
    return [name for name in fields if name in now.keys() & before.keys()]


def must_have_stored_nothing(api: Api, word: str, refused: Answer) -> None:
    """A search for a word or an email that only one refused request carried meets nobody who has it."""
    answer = api.list(q=word)
    if any(word.lower() in str(value).lower() for one in answer.page().customers for value in one.values()):
        raise answer.violation("nothing to be stored", f"a customer with {word!r} is found", refused)


def text_fields(api: Api) -> tuple[str, ...]:
    """The fields that take any text: neither an email nor a number, a code or a zone."""
    fields = api.contract.create_fields
    return tuple(name for name in api.contract.kept_fields if "format" not in fields[name])


def same(name: str, left: Any, right: Any) -> bool:
    """Whether two values of a field are equal as the text compares them: emails ignoring case."""
    if name == "email" and isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return bool(left == right)


def _brief(customer: Mapping[str, Any]) -> str:
    shown = {name: customer.get(name) for name in ("email", "first_name", "last_name") if customer.get(name)}
    return ", ".join(f"{name} {value!r}" for name, value in shown.items())
