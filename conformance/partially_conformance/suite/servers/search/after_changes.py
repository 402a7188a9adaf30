"""SEARCH: totals and pages of a search after customers were removed, renamed and moved to other emails."""

from __future__ import annotations

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.expectations import pages
from partially_conformance.suite.servers.shared.lists import (
    SMALL_PAGE,
    customers_with_last_name,
    page_size,
)
from partially_conformance.traffic.check_end import Violation


@check("SEARCH-12")
def totals_follow_removals_and_updates(api: Api, given: Given, data: Data, offered: frozenset[Need]) -> None:
    """Count the matches of a name and of an email after each removal and update of their customers."""
    word = data.word()
    deleted, anonymised, renamed, kept = customers_with_last_name(given, 4, word)
    _must_count(api, word, 4)
    for customer in (deleted, anonymised, renamed):
        _must_count(api, customer.email, 1)
    given.remove(deleted)
    _must_count(api, word, 3, deleted)
    _must_count(api, deleted.email, 0, deleted)
    left = 3
    if Need.PAYMENT_PLANS in offered:
        given.plan(anonymised, "paid")
        given.remove(anonymised)
        left -= 1
        _must_count(api, word, left, anonymised)
        _must_count(api, anonymised.email, 0, anonymised)
    with prerequisite("updating a customer"):
        now = api.update(renamed.id, last_name=data.word(), email=data.email()).customer()
    _must_count(api, word, left - 1, renamed)
    _must_count(api, renamed.email, 0, renamed)
    _must_count(api, now.email, 1, renamed)
    with prerequisite("updating a customer"):
        api.update(renamed.id, first_name=f"{word} {data.word()}").customer()
    _must_count(api, word, left, renamed, kept)


@check("SEARCH-13")
def the_pages_of_a_search_follow_removals_and_updates(
    api: Api, given: Given, data: Data, offered: frozenset[Need]
) -> None:
    """Remove a customer on the first and one on the second page of a search, update one, and walk over it."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE)
    customers = customers_with_last_name(given, 2 * size + 2, word)
    by_id = {customer.id: customer for customer in customers}
    shown = [one for _, page in pages(api, q=word, per_page=SMALL_PAGE) for one in page.ids if one in by_id]
    removed = shown[:1] + shown[size : size + 1]
    if removed and Need.PAYMENT_PLANS in offered:
        given.plan(by_id[removed[-1]], "paid")
    for one in removed:
        given.remove(by_id[one])
    left = [one for one in shown if one not in removed]
    with prerequisite("updating a customer"):
        api.update(left[-1], first_name=data.word()).success()
    walked = list(pages(api, q=word, per_page=SMALL_PAGE))
    now = [one for _, page in walked for one in page.ids]
    if sorted(now) != sorted(left) or any(page["total_entries"] != len(left) for _, page in walked):
        totals = sorted({page["total_entries"] for _, page in walked})
        raise Violation(
            f"each of the {len(left)} customers that are left once on the pages of the search, and counted",
            f"{len(set(now) & set(left))} of them in {len(now)} entries; total_entries is {totals}",
            [answer.exchange for answer, _ in walked],
            about=[*removed, left[-1]],
        )


def _must_count(api: Api, query: str, count: int, *changed: Customer) -> Answer:
    """Require that the totals of a search count so many matches."""
    answer = api.list(q=query)
    with prerequisite("searching for customers"):
        page = answer.page()
    if page["total_entries"] != count:
        raise answer.violation(
            f"total_entries {count}, the number of customers that match {query!r} now",
            f"total_entries is {page['total_entries']}",
            about=[customer.id for customer in changed],
        )
    return answer
