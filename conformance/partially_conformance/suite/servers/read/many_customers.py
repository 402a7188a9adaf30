"""READ: customers of a long run, and lists that are requested at the same time."""

from __future__ import annotations

from functools import partial

from partially_conformance.bench.api import Api, together
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import check
from partially_conformance.suite.servers.shared.lists import (
    customers_of_run,
    customers_with_last_name,
    make_list_long,
)
from partially_conformance.target.journal import Journal
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import Violation

_OLDEST = 5  # customers; a target may offer another way to remove one, which an earlier check has found

_PAGES = 4  # requested at the same time
_ROUNDS = 2  # of requests at the same time, at standard effort


@check("READ-1", late=True)
def the_first_customers_can_still_be_read(api: Api, given: Given, journal: Journal, target: Target) -> None:
    """Read the oldest customers of the run after hundreds of others were created."""
    first = given.customer().id
    make_list_long(api, given, journal, target)
    ids = customers_of_run(api, journal)
    oldest = [*ids[:_OLDEST], first]
    answers = [api.get(one) for one in oldest]
    if not any(answer.ok for answer in answers[:_OLDEST]):
        raise Violation(
            f"customers to be readable after {len(ids) - _OLDEST} others were created",
            f"status {answers[0].status} for each of the oldest",
            [answer.exchange for answer in answers[:_OLDEST]],
        )
    for answer, customer_id in zip(answers, oldest, strict=True):
        if answer.ok and answer.customer().id != customer_id:
            raise answer.violation(
                f"the customer with the id {customer_id!r}", f"id is {answer.customer().id!r}"
            )


@check("READ-8")
def concurrent_pages_are_not_mixed_up(api: Api, given: Given, data: Data, fuzz: Fuzz) -> None:
    """Request several pages of one search one after the other, then at the same time, in several rounds."""
    word = data.word()
    customers_with_last_name(given, _PAGES, word)
    first = api.list(q=word, per_page=1)
    if first.is_refusal:
        return  # the size of a page cannot be chosen, so that all of them are on one page
    with prerequisite("listing customers"):
        count = min(first.page()["total_pages"], _PAGES)
        calls = [partial(api.list, q=word, per_page=1, page=number + 1) for number in range(count)]
        expected = [call().page() for call in calls]
    for _ in range(fuzz.examples(_ROUNDS)):
        for number, (page, answer) in enumerate(zip(expected, together(*calls), strict=True), 1):
            now = answer.page()
            if (now.ids, now["page_number"]) != (page.ids, page["page_number"]):
                raise answer.violation(
                    f"page {number}, requested together with others, to be the same as when requested alone",
                    f"page {now['page_number']} with {len(now.ids)} customers, not the same",
                )


@check("READ-8")
def concurrent_requests_of_two_merchants_are_not_mixed_up(
    api: Api, other: Api | None, given: Given, data: Data, fuzz: Fuzz
) -> None:
    """Both merchants read and search at the same time, if there is a second key."""
    if other is None:
        return  # requests with one key are checked without a second one
    word = data.word()
    merchants = [api, other]
    own = [given.full_customer(of=merchant, last_name=word) for merchant in merchants]
    reads = [partial(merchant.get, one.id) for merchant, one in zip(merchants, own, strict=True)]
    searches = [partial(merchant.list, q=word) for merchant in merchants]
    for _ in range(fuzz.examples(_ROUNDS)):
        answers = together(*reads, *searches, *reads, *searches)
        for place, answer in enumerate(answers):
            customer = own[place % 2]
            shown = answer.page().ids if place % 4 >= 2 else [answer.customer().id]
            if shown != [customer.id]:
                raise answer.violation(
                    "each of two merchants to get its own customer when both send requests at the same time",
                    f"{len(shown)} customers, or a customer of the other merchant",
                    about=[one.id for one in own],
                )
