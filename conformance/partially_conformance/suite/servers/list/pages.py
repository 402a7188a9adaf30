"""LIST: the pages of the list, their envelope, their order and their customers."""

from __future__ import annotations

import itertools

from partially_conformance.bench.api import Answer, Api, Customer, Page
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import PAGE_LIMIT, pages, same_value, text_fields
from partially_conformance.suite.servers.shared.lists import (
    LONGEST_PAGE,
    SMALL_PAGE,
    USUAL_PAGE,
    customers_with_last_name,
    page_size,
    pages_of_whole_list,
)
from partially_conformance.suite.servers.shared.texts import long_text
from partially_conformance.traffic.check_end import NotObservable, Violation

INVALID_NUMBERS = (
    "0", "-1", "-10", "1.5", "1e3", "", "abc", "null", "NaN", "0x10", "1,2", "'", "%", "\u0663", "\0",
    str(2**31), str(2**63 - 1), str(2**63), str(10**30),
)  # fmt: skip
"""Values of page and per_page that are not small whole numbers; \u0663 is an Arabic digit three."""


@check("LIST-1", shape=True, read_only=True)
def a_list_is_a_page_with_an_envelope(api: Api, choices: Choices) -> None:
    """Request the list without parameters."""
    page = api.list().page()
    choices.saw("default-page-size", page["page_size"])


@check("LIST-1")
def a_list_shows_all_documented_fields(api: Api, given: Given) -> None:
    """List a customer with every field, and one with an email only."""
    for customer in (given.full_customer(), given.customer()):
        api.list(q=customer.email).page()


@check("LIST-2", read_only=True)
def the_first_page_matches_its_envelope(api: Api) -> None:
    """Request the list without parameters, with the longest page and with the shortest."""
    for query in ({}, {"per_page": LONGEST_PAGE}, {"per_page": 1}):
        answer = api.list(**query)
        if not query or not answer.is_refusal:
            must_match_its_envelope(answer, answer.page(), 1)


@check("LIST-2")
def every_page_matches_its_envelope(api: Api, given: Given, data: Data) -> None:
    """Compare each page of two full pages, and of one and of several customers more, with its envelope."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE)
    for more, last in ((2 * size, 2), (1, 3)):
        customers_with_last_name(given, more, word)
        first: Answer | None = None
        for number in range(1, last + 1):
            answer = api.list(q=word, per_page=SMALL_PAGE, page=number)
            if first is not None and answer.is_refusal and number > first.page()["total_pages"]:
                continue  # past the last page according to the envelope
            page = answer.page()
            must_match_its_envelope(answer, page, number)
            first = first or answer
            _must_have_equal_envelopes(first, answer)
    customers_with_last_name(given, USUAL_PAGE - size, word)
    answer = api.list(q=word, per_page=1)
    if not answer.is_refusal:
        must_match_its_envelope(answer, answer.page(), 1)


@check("LIST-3")
def the_pages_of_a_search_show_each_match_once(api: Api, given: Given, data: Data) -> None:
    """Walk over the pages of a search for more customers than fit on two pages."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE)
    customers = customers_with_last_name(given, 2 * size + 1, word)
    _must_be_shown_once(customers, list(pages(api, q=word, per_page=SMALL_PAGE)))


@check("LIST-3")
def the_pages_of_the_list_show_each_customer_once(api: Api, given: Given, data: Data) -> None:
    """Walk over the pages of the list without a search."""
    customers = customers_with_last_name(given, USUAL_PAGE + 1, data.word())
    if api.list(per_page=USUAL_PAGE).page()["total_pages"] > PAGE_LIMIT:
        return  # too long for a walk; the other check walks over a search
    walked = list(pages(api, per_page=USUAL_PAGE))
    if len({page["total_entries"] for _, page in walked}) > 1:
        return  # the list was changed during the walk
    _must_be_shown_once(customers, walked)
    seen = [customer_id for _, page in walked for customer_id in page.ids]
    if len(set(seen)) < len(seen):
        raise Violation(
            f"{len(seen)} different customers on the pages of the list",
            f"{len(set(seen))} different customers, some of them more than once",
            [answer.exchange for answer, _ in walked],
        )


@check("LIST-4")
def the_order_of_a_search_does_not_change(api: Api, given: Given, data: Data) -> None:
    """Walk over the same pages three times, once backwards, and read customers in between."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE)
    customers_with_last_name(given, 2 * size + 1, word)
    seen: dict[int, tuple[Answer, list[str]]] = {}
    for numbers in ((1, 2, 3), (3, 2, 1), (1, 2, 3)):
        for number in numbers:
            answer = api.list(q=word, per_page=SMALL_PAGE, page=number)
            if answer.is_refusal:
                continue  # the number of pages is checked by another rule
            ids = answer.page().ids
            before, expected = seen.setdefault(number, (answer, ids))
            for customer_id in ids[-1:]:
                api.get(customer_id)
            if ids != expected:
                raise answer.violation(
                    f"page {number} to show the same customers in the same order each time",
                    "other customers, or another order",
                    before,
                )


@check("LIST-4")
def the_order_of_the_list_does_not_change(api: Api, given: Given, data: Data) -> None:
    """Request the first two pages of the list twice. Other users may change it at the same time."""
    customers_with_last_name(given, SMALL_PAGE + 1, data.word())
    for number in (1, 2):
        before = api.list(page=number)
        answer = api.list(page=number)
        if before.is_refusal:
            continue
        first, again = before.page(), answer.page()
        shared = set(first.ids) & set(again.ids)
        unchanged = first["total_entries"] == again["total_entries"]
        orders = ([one for one in page.ids if unchanged or one in shared] for page in (first, again))
        if next(orders) != next(orders):
            raise answer.violation(
                f"page {number} to show the same customers in the same order each time",
                "other customers, or another order",
                before,
            )


@check("LIST-5")
def a_customer_has_the_same_values_in_the_list(
    api: Api, given: Given, data: Data, contract: Contract
) -> None:
    """Compare listed customers with a read by id, before and after an update.

    They have all fields, few fields, no defaults, empty strings, markup, and a long address.
    """
    word = data.word()
    customers = [given.full_customer(last_name=word) for _ in range(2)] + customers_with_last_name(
        given, 1, word
    )
    texts, small = [name for name in text_fields(api) if name != "last_name"], {"per_page": SMALL_PAGE}
    for unusual in (
        dict.fromkeys(contract.defaults),
        dict.fromkeys(texts, ""),
        dict.fromkeys(texts, "O'Brien & <b>Sons</b>"),
        {"shipto_address": long_text(word, 240)},
    ):
        created = api.create(unusual, email=data.email(), last_name=word)
        if created.ok:
            customers.append(created.customer())
    customers.append(given.full_customer(last_name=word))  # full customers are on the first and the last page
    for _ in range(2):
        found = pages(api, q=word, **({} if api.list(**small, q=word).is_refusal else small))
        # New customers are on the first or the last page of the list.
        for answer, page in (*found, *itertools.islice(pages_of_whole_list(api), 2)):
            listed = {entry.id: entry for entry in page.customers}
            for customer in customers:
                if customer.id in listed:  # whether it is found is checked by another rule
                    _must_have_same_values(api, contract, answer, listed[customer.id])
        with prerequisite("updating a customer"):
            api.update(customers[0].id, phone=data.other("phone", customers[0])).success()


@check("LIST-6")
def a_new_customer_is_in_the_list_and_counts(api: Api, given: Given) -> None:
    """Request the list before and after customers with all fields and with an email only are created."""
    before = api.list()
    count = before.page()["total_entries"]
    customers = [given.full_customer(), given.customer(), given.customer()]
    after = api.list()
    grown = after.page()["total_entries"] - count
    if grown < len(customers):
        raise after.violation(
            f"total_entries to grow by {len(customers)}", f"total_entries grew by {grown}", before,
            about=[customer.id for customer in customers],
        )  # fmt: skip
    missing, walked = {customer.id for customer in customers}, []
    for answer, page in pages_of_whole_list(api):
        walked.append(answer)
        missing -= set(page.ids)
        if not missing:
            return
    if len(walked) >= PAGE_LIMIT:
        raise NotObservable(
            f"the list has more than {PAGE_LIMIT} pages; the suite requests at most {PAGE_LIMIT}"
        )
    raise walked[-1].violation(
        f"all {len(customers)} new customers in the list", f"{len(missing)} of them are missing",
        *walked[:-1], about=sorted(missing),
    )  # fmt: skip


@check("LIST-7")
def a_page_past_the_end_shows_no_customers(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Request the page after the last page, and pages far after it."""
    word = data.word()
    customers_with_last_name(given, 2, word)
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
                f"no customers on page {number} of {last}", f"{len(body['customers'])} customers", first
            )


@check("LIST-8")
def the_default_page_is_the_first(api: Api, given: Given, data: Data) -> None:
    """Request a list of several pages without `page` and with `page=1`, with and without `per_page`."""
    word, size = data.word(), page_size(api, data, per_page=SMALL_PAGE, page=1)
    customers_with_last_name(given, 2 * size + 1, word)
    for query in ({"per_page": SMALL_PAGE}, {}):
        numbered = api.list(q=word, page=1, **query)
        plain = api.list(q=word, **query)
        one, other = numbered.page(), plain.page()
        if one.ids != other.ids or one["page_number"] != other["page_number"]:
            raise plain.violation(
                "a list without `page` to be the page that page=1 gives",
                f"page {other['page_number']} with {len(other.ids)} customers, not the same as on page 1",
                numbered,
            )


@check("LIST-9", shape=True, read_only=True)
def invalid_page_numbers_are_not_answered_with_a_5xx(api: Api) -> None:
    """Send zero, negative, huge, fractional, empty and non-numeric values of `page`."""
    for text in INVALID_NUMBERS:
        api.list(page=text).no_server_error(f"page={text!r} not to be answered with a 5xx")


@check("LIST-9", shape=True)
def invalid_page_sizes_are_not_answered_with_a_5xx(api: Api, given: Given, data: Data) -> None:
    """Send zero, negative, huge, fractional, empty and non-numeric values of `per_page`."""
    word = given.customer(last_name=data.word())["last_name"] or data.word()
    for text in INVALID_NUMBERS:
        api.list(q=word, per_page=text).no_server_error(f"per_page={text!r} not to be answered with a 5xx")
    for page, size in (("0", "0"), ("-1", "-1"), (str(2**63), str(2**63)), ("2", "0")):
        api.list(q=word, page=page, per_page=size).no_server_error()


@check("LIST-10")
def per_page_sets_the_size_of_a_page(api: Api, given: Given, data: Data) -> None:
    """Request pages of 1, 2, 7 and 100 of a search that matches three customers."""
    word = data.word()
    customers_with_last_name(given, 3, word)
    for size in (1, 2, 7, 100):
        answer = api.list(q=word, per_page=size)
        page = answer.page()
        if page["page_size"] != size or len(page.ids) != min(size, page["total_entries"]):
            raise answer.violation(
                f"page_size {size}, and as many customers on the page as match, up to {size}",
                f"page_size {page['page_size']}, and {len(page.ids)} of {page['total_entries']} "
                "customers on the page",
            )


def _must_have_same_values(api: Api, contract: Contract, answer: Answer, listed: Customer) -> None:
    """Require that a listed customer has the same values as when it is read by its id."""
    alone = api.get(listed.id)
    read = alone.customer()
    for name in contract.response_fields:
        if not same_value(name, read[name], listed[name]):
            raise answer.violation(
                f"{name} {read[name]!r} in the list, as in a read by id",
                f"{name} is {listed[name]!r}",
                alone,
            )


def must_match_its_envelope(answer: Answer, page: Page, number: int) -> None:
    """Require that the numbers of an envelope match each other, the page and the request."""
    total, size = page["total_entries"], page["page_size"]
    if page["page_number"] != number:
        raise answer.violation(f"page_number {number}, as requested", f"page_number is {page['page_number']}")
    needed = -(-total // size)
    if page["total_pages"] not in ({0, 1} if total == 0 else {needed}):
        raise answer.violation(
            f"total_pages {needed} for {total} customers, {size} on each page",
            f"total_pages is {page['total_pages']}",
        )
    on_page = max(0, min(size, total - (number - 1) * size))
    if len(page.ids) != on_page:
        raise answer.violation(
            f"{on_page} customers on page {number}, for {total} customers, {size} on each page",
            f"{len(page.ids)} customers",
        )


def _must_have_equal_envelopes(first: Answer, answer: Answer) -> None:
    """Require that two pages of one list have the same totals and page size."""
    one, other = first.page(), answer.page()
    for name in ("total_entries", "total_pages", "page_size"):
        if one[name] != other[name]:
            raise answer.violation(f"{name} {one[name]} on every page", f"{name} is {other[name]}", first)


def _must_be_shown_once(customers: list[Customer], walked: list[tuple[Answer, Page]]) -> None:
    """Require that the pages of a walk show each of these customers exactly once."""
    seen = [customer_id for _, page in walked for customer_id in page.ids]
    for customer in customers:
        if (times := seen.count(customer.id)) != 1:
            raise Violation(
                f"each of {len(customers)} customers exactly once on the {len(walked)} pages",
                f"the customer with the email {customer.email!r} is shown {times} times",
                [answer.exchange for answer, _ in walked],
                about=[customer.id],
            )
