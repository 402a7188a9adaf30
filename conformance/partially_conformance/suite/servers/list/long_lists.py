"""LIST: a list of several hundred customers, after some were removed and updated."""

from __future__ import annotations

from collections import Counter
from typing import Any

from partially_conformance.bench.api import Answer, Api, Page
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.list.pages import must_match_its_envelope
from partially_conformance.suite.servers.shared.expectations import PAGE_LIMIT
from partially_conformance.suite.servers.shared.lists import (
    LONGEST_PAGE,
    change_list,
    customers_of_run,
    make_list_long,
)
from partially_conformance.target.journal import Journal
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import Violation


@check("LIST-2", late=True)
def pages_of_a_long_list_match_their_envelopes(
    api: Api, given: Given, data: Data, offered: frozenset[Need], journal: Journal, target: Target
) -> None:
    """Remove and update customers, then request pages at the start, in the middle and at the end of the list.

    With the longest page and with the usual one.
    """
    make_list_long(api, given, journal, target)
    change_list(api, given, data, offered)
    for query in _page_sizes(api):
        first = api.list(**query)
        last = first.page()["total_pages"]
        must_match_its_envelope(first, first.page(), 1)
        for number in sorted({2, last // 2, last - 1, last} - {-1, 0, 1}):
            answer = api.list(**query, page=number)
            if not (answer.is_refusal and number > last):
                must_match_its_envelope(answer, answer.page(), number)


@check("LIST-3", late=True)
def a_long_list_shows_each_customer_once(
    api: Api, given: Given, data: Data, offered: frozenset[Need], journal: Journal, target: Target
) -> None:
    """Remove and update customers, then walk over the list: it shows all customers of the run, each once."""
    make_list_long(api, given, journal, target)
    deleted, updated = change_list(api, given, data, offered)
    walked = _walk(api)
    if walked is None:
        return  # too long for a walk, or others change it meanwhile; another check walks over a search
    exchanges = [answer.exchange for answer, _ in walked]
    seen = Counter(customer_id for _, page in walked for customer_id in page.ids)
    total = walked[0][1]["total_entries"]
    if seen.total() != total or len(seen) != total:
        raise Violation(
            f"{total} different customers on the pages of the list, as many as total_entries says",
            f"{len(seen)} different customers in {seen.total()} entries",
            exchanges,
            about=[updated.id],
        )
    if deleted.id in seen:
        raise Violation(
            "a deleted customer on no page of the list", "it is shown", exchanges, about=[deleted.id]
        )
    for customer_id in customers_of_run(api, journal):
        # A target may offer other ways to remove a customer, and an earlier check may have found one.
        if customer_id not in seen and api.get(customer_id).ok:
            raise Violation(
                f"every customer of the merchant on the {len(walked)} pages of the list",
                f"a customer that can be read, {customer_id}, is on none of them",
                exchanges,
                about=[customer_id],
            )


def _page_sizes(api: Api) -> list[dict[str, Any]]:
    """Return the queries for the longest page, if the target takes it, and for the usual page."""
    longest = {"per_page": LONGEST_PAGE}
    return [{}] if api.list(**longest).is_refusal else [longest, {}]


def _walk(api: Api) -> list[tuple[Answer, Page]] | None:
    """Request all pages of the list; None if there are too many, or if the list changes meanwhile."""
    query = _page_sizes(api)[0]
    walked: list[tuple[Answer, Page]] = []
    with prerequisite("listing customers"):
        while not walked or len(walked) < walked[0][1]["total_pages"]:
            answer = api.list(**query, page=len(walked) + 1)
            walked.append((answer, answer.page()))
            if walked[0][1]["total_pages"] > PAGE_LIMIT:
                return None
        again = api.list(**query, page=1).page()
    return walked if again == walked[0][1] else None
