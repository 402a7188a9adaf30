"""LIST: pages, their envelope and their order."""

from __future__ import annotations

import itertools

from partially_conformance.bench.api import Answer, Api, Customer, Page
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import PAGE_LIMIT, pages, same, text_fields
from partially_conformance.suite.servers.shared.lists import (
    LONG_PAGE,
    SMALL_PAGE,
    USUAL_PAGE,
    crowd,
    page_size,
    pages_of_everybody,
)
from partially_conformance.suite.servers.shared.texts import long_text
from partially_conformance.traffic.check_end import NotObservable, Violation

ODD_NUMBERS = (
    "0", "-1", "-10", "1.5", "1e3", "", "abc", "null", "NaN", "0x10", "1,2", "'", "%", "\u0663", "\0",
    str(2**31), str(2**63 - 1), str(2**63), str(10**30),
)  # fmt: skip
"""Values of page and per_page that are no small whole number; \u0663 is a three in Arabic."""


@check("LIST-1", shape=True, read_only=True)
def a_list_is_a_page_in_its_envelope(api: Api, choices: Choices) -> None:
    """The list as it is when nothing is asked for."""
    page = api.list().page()
    choices.saw("default-page-size", page["page_size"])


@check("LIST-1")
def a_list_has_all_fields_of_every_customer(api: Api, given: Given) -> None:
    """A customer with every field, and one with an email alone."""
    for customer in (given.full_customer(), given.customer()):
        api.list(q=customer.email).page()


@check("LIST-2", read_only=True)
def the_first_page_agrees_with_its_numbers(api: Api) -> None:
    """The list as it is when nothing is asked for, and when the longest page is, and the shortest."""
    for query in ({}, {"per_page": LONG_PAGE}, {"per_page": 1}):
        answer = api.list(**query)
        if not query or not answer.is_refusal:
            _numbers_agree(answer, answer.page(), 1)


@check("LIST-2")
def every_page_agrees_with_its_numbers(api: Api, given: Given, data: Data) -> None:
    """Two full pages, then one customer more, then many: each page against what the envelope says of it."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE)
    for more, last in ((2 * size, 2), (1, 3)):
        crowd(given, more, word)
        first: Answer | None = None
        for number in range(1, last + 1):
            answer = api.list(q=word, per_page=SMALL_PAGE, page=number)
            if first is not None and answer.is_refusal and number > first.page()["total_pages"]:
                continue  # past what the envelope says is the end
            page = answer.page()
            _numbers_agree(answer, page, number)
            first = first or answer
            _envelopes_agree(first, answer)
    crowd(given, USUAL_PAGE - size, word)
    answer = api.list(q=word, per_page=1)
    if not answer.is_refusal:
        _numbers_agree(answer, answer.page(), 1)


@check("LIST-3")
def the_pages_together_are_the_whole(api: Api, given: Given, data: Data) -> None:
    """More customers of one name than fit on two pages, met on a walk through all pages."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE)
    members = crowd(given, 2 * size + 1, word)
    _must_be_met_once(members, list(pages(api, q=word, per_page=SMALL_PAGE)))


@check("LIST-3")
def the_pages_of_everybody_are_the_whole(api: Api, given: Given, data: Data) -> None:
    """New customers, met on a walk through the list without a search, where nobody comes twice."""
    members = crowd(given, USUAL_PAGE + 1, data.word())
    if api.list(per_page=USUAL_PAGE).page()["total_pages"] > PAGE_LIMIT:
        return  # too long to walk through; the same is seen in a search
    walked = list(pages(api, per_page=USUAL_PAGE))
    if len({page["total_entries"] for _, page in walked}) > 1:
        return  # somebody else has changed it meanwhile
    _must_be_met_once(members, walked)
    seen = [customer_id for _, page in walked for customer_id in page.ids]
    if len(set(seen)) < len(seen):
        raise Violation(
            f"{len(seen)} customers, none of them twice, on the pages of the list",
            f"there are {len(set(seen))}, some of them twice",
            [answer.exchange for answer, _ in walked],
        )


@check("LIST-4")
def the_order_holds(api: Api, given: Given, data: Data) -> None:
    """Three walks through the same pages, one from the last to the first; customers are read in between."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE)
    crowd(given, 2 * size + 1, word)
    seen: dict[int, tuple[Answer, list[str]]] = {}
    for numbers in ((1, 2, 3), (3, 2, 1), (1, 2, 3)):
        for number in numbers:
            answer = api.list(q=word, per_page=SMALL_PAGE, page=number)
            if answer.is_refusal:
                continue  # how many pages there are is another rule's business
            ids = answer.page().ids
            before, expected = seen.setdefault(number, (answer, ids))
            for customer_id in ids[-1:]:
                api.get(customer_id)
            if ids != expected:
                raise answer.violation(
                    f"page {number} to have the same customers in the same order as before",
                    "they are others, or in another order",
                    before,
                )


@check("LIST-4")
def the_order_of_everybody_holds(api: Api, given: Given, data: Data) -> None:
    """The first pages of the list without a search, twice. Others may change it at the same time."""
    crowd(given, SMALL_PAGE + 1, data.word())
    for number in (1, 2):
        before = api.list(page=number)
        answer = api.list(page=number)
        if before.is_refusal:
            continue
        first, again = before.page(), answer.page()
        shared = set(first.ids) & set(again.ids)
        is_still = first["total_entries"] == again["total_entries"]
        orders = ([one for one in page.ids if is_still or one in shared] for page in (first, again))
        if next(orders) != next(orders):
            raise answer.violation(
                f"page {number} to have the same customers in the same order as before",
                "they are others, or in another order",
                before,
            )


@check("LIST-5")
def a_customer_reads_the_same_in_the_list(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Customers of one name, with all fields, with few and without defaults, before and after an update.

    Others have empty texts, markup and a long one.
    """
    word = data.word()
    members = [given.full_customer(last_name=word) for _ in range(2)] + crowd(given, 1, word)
    texts = [name for name in text_fields(api) if name != "last_name"]
    for odd in (
        dict.fromkeys(contract.defaults),
        dict.fromkeys(texts, ""),
        dict.fromkeys(texts, "O'Brien & <b>Sons</b>"),
        {"shipto_address": long_text(word, 240)},
    ):
        made = api.create(odd, email=data.email(), last_name=word)
        if made.ok:
            members.append(made.customer())
    for _ in range(2):
        # Those who were created last are at one end of the whole list.
        for answer, page in (*pages(api, q=word), *itertools.islice(pages_of_everybody(api), 2)):
            listed = {entry.id: entry for entry in page.customers}
            for member in members:
                if member.id in listed:  # that it is found is another rule's business
                    _must_read_the_same(api, contract, answer, listed[member.id])
        with prerequisite("updating a customer"):
            api.update(members[0].id, phone=data.other("phone", members[0])).success()


@check("LIST-6")
def a_new_customer_is_in_the_list_and_counts(api: Api, given: Given) -> None:
    """The whole list before and after customers with all fields and with few are created."""
    before = api.list()
    count = before.page()["total_entries"]
    members = [given.full_customer(), given.customer(), given.customer()]
    after = api.list()
    grown = after.page()["total_entries"] - count
    if grown < len(members):
        raise after.violation(
            f"total_entries to grow by {len(members)}", f"it grew by {grown}", before,
            about=[member.id for member in members],
        )  # fmt: skip
    missing, walked = {member.id for member in members}, []
    for answer, page in pages_of_everybody(api):
        walked.append(answer)
        missing -= set(page.ids)
        if not missing:
            return
    if len(walked) >= PAGE_LIMIT:
        raise NotObservable(f"the list is longer than the {PAGE_LIMIT} pages that are looked at")
    raise walked[-1].violation(
        "every new customer in the list", f"{len(missing)} of {len(members)} are not in it",
        *walked[:-1], about=sorted(missing),
    )  # fmt: skip


@check("LIST-7")
def behind_the_last_page_there_is_nobody(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """The page after the last one, and pages far behind it."""
    word = data.word()
    crowd(given, 2, word)
    first = api.list(q=word, per_page=SMALL_PAGE)
    last = first.page()["total_pages"]
    for number in (last + 1, last + 2, 1000, 10**6):
        answer = api.list(q=word, per_page=SMALL_PAGE, page=number)
        if answer.is_refusal:
            choices.saw("page-past-end", f"status {answer.status}")
            continue
        body = answer.success("a page past the end")
        choices.saw("page-past-end", "no customers")
        if body["customers"]:
            raise answer.violation(
                f"no customers on page {number} of {last}", f"there are {len(body['customers'])}", first
            )


@check("LIST-8")
def without_a_number_the_first_page_comes(api: Api, given: Given, data: Data) -> None:
    """A list of several pages with and without `page`, and with its size chosen and not."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE, page=1)
    crowd(given, 2 * size + 1, word)
    for query in ({"per_page": SMALL_PAGE}, {}):
        numbered = api.list(q=word, page=1, **query)
        plain = api.list(q=word, **query)
        one, other = numbered.page(), plain.page()
        if one.ids != other.ids or one["page_number"] != other["page_number"]:
            raise plain.violation(
                "without `page` what page=1 gives",
                f"page {other['page_number']} with {len(other.ids)} customers, not all of them the same",
                numbered,
            )


@check("LIST-9", shape=True, read_only=True)
def odd_page_numbers_do_no_harm(api: Api) -> None:
    """Zero, negative, huge, fractional and empty numbers, and texts."""
    for text in ODD_NUMBERS:
        api.list(page=text).no_server_error(f"page={text!r} to be answered without a 5xx")


@check("LIST-9", shape=True)
def odd_page_sizes_do_no_harm(api: Api, given: Given, data: Data) -> None:
    """The same as sizes, in a search that finds one customer."""
    word = given.customer(last_name=data.word())["last_name"] or data.word()
    for text in ODD_NUMBERS:
        api.list(q=word, per_page=text).no_server_error(f"per_page={text!r} to be answered without a 5xx")
    for page, size in (("0", "0"), ("-1", "-1"), (str(2**63), str(2**63)), ("2", "0")):
        api.list(q=word, page=page, per_page=size).no_server_error()


@check("LIST-10")
def the_size_of_a_page_can_be_asked_for(api: Api, given: Given, data: Data) -> None:
    """Pages of 1, 2, 7 and 100 where three customers match."""
    word = data.word()
    crowd(given, 3, word)
    for size in (1, 2, 7, 100):
        answer = api.list(q=word, per_page=size)
        page = answer.page()
        if page["page_size"] != size or len(page.ids) != min(size, page["total_entries"]):
            raise answer.violation(
                f"a page of {size} customers if there are as many",
                f"page_size is {page['page_size']}, and of {page['total_entries']} "
                f"customers {len(page.ids)} are on the page",
            )


def _must_read_the_same(api: Api, contract: Contract, answer: Answer, listed: Customer) -> None:
    """A customer in a list has the same values as when it is read alone."""
    alone = api.get(listed.id)
    read = alone.customer()
    for name in contract.response_fields:
        if not same(name, read[name], listed[name]):
            raise answer.violation(
                f"{name} {read[name]!r} in the list, as when the customer is read alone",
                f"it is {listed[name]!r}",
                alone,
            )


def _numbers_agree(answer: Answer, page: Page, number: int) -> None:
    """The numbers of an envelope agree with each other, with the page and with what was asked for."""
    total, size = page["total_entries"], page["page_size"]
    if page["page_number"] != number:
        raise answer.violation(f"page_number {number}, as asked for", f"it is {page['page_number']}")
    needed = -(-total // size)
    if page["total_pages"] not in ({0, 1} if total == 0 else {needed}):
        raise answer.violation(
            f"{needed} pages for {total} customers, {size} on each", f"total_pages is {page['total_pages']}"
        )
    on_page = max(0, min(size, total - (number - 1) * size))
    if len(page.ids) != on_page:
        raise answer.violation(
            f"{on_page} customers on page {number} of {total} customers, {size} on each",
            f"there are {len(page.ids)}",
        )


def _envelopes_agree(first: Answer, answer: Answer) -> None:
    """Two pages of one list say the same of the whole."""
    one, other = first.page(), answer.page()
    for name in ("total_entries", "total_pages", "page_size"):
        if one[name] != other[name]:
            raise answer.violation(f"{name} {one[name]} on every page", f"it is {other[name]}", first)


def _must_be_met_once(members: list[Customer], walked: list[tuple[Answer, Page]]) -> None:
    """A walk through all pages of a list has met each of these customers, and none of them twice."""
    seen = [customer_id for _, page in walked for customer_id in page.ids]
    for member in members:
        if (times := seen.count(member.id)) != 1:
            raise Violation(
                f"each of {len(members)} customers once on {len(walked)} pages",
                f"the customer with the email {member.email!r} is there {times} times",
                [answer.exchange for answer, _ in walked],
                about=[member.id],
            )
