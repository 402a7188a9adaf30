"""Creating enough customers for several pages, and requesting the pages of a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer, Page
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.suite.servers.shared.expectations import PAGE_LIMIT
from partially_conformance.target.journal import Journal
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import NotObservable

SMALL_PAGE = 3
"""Customers on a page, if the target allows a choice: few, so that few customers fill several pages."""

USUAL_PAGE = 10
"""Customers on a page in the documented examples."""

LARGEST_FILLED_PAGE = 50
"""The largest page of which the suite fills several: to fill two pages of 50 takes 100 requests."""

LONGEST_PAGE = 100
"""Customers on the largest page that a published client of the API requests."""


LONG_LIST = 320
"""Customers of a list that is long enough to show limits of a target, such as a window of 200 results."""


def make_list_long(api: Api, given: Given, journal: Journal, target: Target) -> None:
    """Create customers until the run has `LONG_LIST` of them: none if other checks created enough.

    A live target gets no customers for this alone.
    """
    if not target.live:
        for _ in range(LONG_LIST - len(customers_of_run(api, journal))):
            given.customer()


def customers_of_run(api: Api, journal: Journal) -> list[str]:
    """Return the ids of the merchant's customers that the run created and did not remove, oldest first."""
    return [entry.customer_id for entry in reversed(journal.left()) if entry.key_name == api.key.name]


def change_list(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> tuple[Customer, Customer]:
    """Remove customers and update one; return the one that was deleted and the one that was updated.

    One is deleted and, if the harness creates plans, one is anonymised.
    """
    deleted, updated = given.full_customer(), given.full_customer()
    if Need.PAYMENT_PLANS in offered:
        anonymised = given.full_customer()
        given.plan(anonymised, "paid")
        given.remove(anonymised)
    given.remove(deleted)
    with prerequisite("updating a customer"):
        return deleted, api.update(updated.id, data.fields()).customer()


def customers_with_last_name(given: Given, count: int, last_name: str) -> list[Customer]:
    """Create `count` customers with this last name."""
    return [given.customer(last_name=last_name) for _ in range(count)]


def page_size(api: Api, data: Data, **query: Any) -> int:
    """Return how many customers the target puts on a page for this query.

    Raises:
        NotObservable: They are more than `LARGEST_FILLED_PAGE`.
    """
    with prerequisite("listing customers"):
        size = api.list(q=data.word(), **query).page()["page_size"]
    if size > LARGEST_FILLED_PAGE:
        raise NotObservable(
            f"a page has {size} customers; the suite fills pages of at most {LARGEST_FILLED_PAGE}"
        )
    return int(size)


def pages_of_whole_list(api: Api) -> Iterator[tuple[Answer, Page]]:
    """Request the list without a search: the first page, the last, then those between, up to `PAGE_LIMIT`.

    New customers are usually on the first or the last page.
    """
    query = {"per_page": LONGEST_PAGE}
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


def any_customer_in_list(api: Api) -> tuple[Answer, Customer]:
    """Return the response to a read of a customer in the list, and the customer.

    Raises:
        NotObservable: The list is empty, or no customer on its first page can be read.
    """
    with prerequisite("listing customers"):
        ids = api.list().page().ids
    for customer_id in ids:
        answer = api.get(customer_id)
        if answer.ok:
            with prerequisite("reading a customer"):
                return answer, answer.customer()
    raise NotObservable("the list shows no customer that can be read")
