"""Crowds that fill several pages, and walking through lists: what the checks of LIST and SEARCH share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer, Page
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.suite.servers.shared.expectations import PAGE_LIMIT
from partially_conformance.traffic.check_end import NotObservable

SMALL_PAGE = 3
"""Customers on a page, where the target lets one choose: few, so that a small crowd fills several."""

USUAL_PAGE = 10
"""Customers on a page of the documented examples."""

LARGEST_PAGE = 50
"""Customers on a page beyond which no crowd is made: to fill two pages of 50 takes 100 requests."""

LONG_PAGE = 100
"""Customers on the largest page a published client of the API asks for."""


def crowd(given: Given, count: int, last_name: str) -> list[Customer]:
    """So many new customers with this last name."""
    return [given.customer(last_name=last_name) for _ in range(count)]


def page_size(api: Api, data: Data, **query: Any) -> int:
    """How many customers the target puts on a page, asked in this way.

    Raises:
        NotObservable: More than a crowd is made for.
    """
    with prerequisite("listing customers"):
        size = api.list(q=data.word(), **query).page()["page_size"]
    if size > LARGEST_PAGE:
        raise NotObservable(f"a page has {size} customers; no crowd is made to fill several such pages")
    return int(size)


def pages_of_everybody(api: Api) -> Iterator[tuple[Answer, Page]]:
    """The pages of the list without a search: the first, the last, then those between, `PAGE_LIMIT` at most.

    New customers are usually on the first or the last page.
    """
    query = {"per_page": LONG_PAGE}
    first = api.list(**query)
    if first.is_refusal:
        query = {}
        first = api.list()
    page = first.page()
    yield first, page
    last = page["total_pages"]
    for number in [last, *range(2, min(last, PAGE_LIMIT))] if last > 1 else []:
        answer = api.list(**query, page=number)
        yield answer, answer.page()


def somebody(api: Api) -> tuple[Answer, Customer]:
    """A customer who is in the list, and the answer to reading it.

    Raises:
        NotObservable: The list is empty, or nobody on its first page can be read.
    """
    with prerequisite("listing customers"):
        ids = api.list().page().ids
    for customer_id in ids:
        answer = api.get(customer_id)
        if answer.ok:
            with prerequisite("reading a customer"):
                return answer, answer.customer()
    raise NotObservable("there is no customer to read")
