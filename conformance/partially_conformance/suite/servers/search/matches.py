"""SEARCH: which customers a search must find, and which it must not."""

from __future__ import annotations

from typing import Any

from partially_conformance.bench.api import Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.suite.servers.search.steps import (
    finds,
    list_path,
    must_find_only,
    must_find_only_containing,
    other_letter,
    unusual_customer,
)
from partially_conformance.suite.servers.shared.expectations import (
    must_find,
    must_not_find,
    pages,
    text_fields,
)
from partially_conformance.suite.servers.shared.lists import (
    LONGEST_PAGE,
    SMALL_PAGE,
    USUAL_PAGE,
    customers_with_last_name,
    page_size,
)
from partially_conformance.suite.servers.shared.texts import long_text
from partially_conformance.traffic.check_end import NotObservable, Violation

NAMES = ("first_name", "last_name")
"""The fields that a query without an @ searches."""


@check("SEARCH-1")
def the_whole_email_finds_its_customer(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Search for a plain email, one with a plus sign and one with capitals, each as the target shows it."""
    plain = given.customer()
    others = (given.customer(email=data.email("jo.an+tag")), given.customer(email=data.email("JoAn")))
    for customer in (plain, *others):
        must_find(api, customer.email, customer)
    choices.saw("email-search-case", "is ignored" if finds(api, plain.email.upper(), plain) else "counts")
    parts = {"the start": plain.email[:-4], "the end": plain.email[3:]}
    partly = [name for name, part in parts.items() if finds(api, part, plain)]
    choices.saw("email-search-part", f"finds by {' and '.join(partly)}" if partly else "finds no customer")


@check("SEARCH-2")
def a_query_with_an_at_searches_emails_only(api: Api, given: Given, data: Data) -> None:
    """One customer has the email; others have the same text in a name or another field, and are not found."""
    email = data.email()
    owner = given.customer(email=email)
    created = {name: unusual_customer(api, data, **{name: email}) for name in text_fields(api)}
    others = [customer for customer in created.values() if customer is not None]
    if not others:
        raise NotObservable("the target accepts an @ in no field other than the email")
    must_find_only(api, owner.email, [owner], among=others)
    before, after = data.word(), data.word()
    for name in NAMES:
        customer = unusual_customer(api, data, **{name: f"a {before}@{after} z"})
        for query in (f"{before}@", f"@{after}", f"a {before}@", f"{before}@{after}"):
            if customer is not None:
                must_not_find(api, query, customer)


@check("SEARCH-3")
def a_query_without_an_at_does_not_search_emails(api: Api, given: Given, data: Data) -> None:
    """Search for the parts of an email before and after the @, and for both without the @."""
    word = data.word().lower()
    customer = given.full_customer(email=data.email(word))
    with_name, without_names = given.customer(first_name=word), given.customer(email=data.email(f"{word}.x"))
    must_find_only(api, word, [with_name], among=[customer, without_names])
    local, _, domain = customer.email.partition("@")
    for query in (word[:6], local, local + domain, domain):
        must_not_find(api, query, customer)


@check("SEARCH-4")
def a_part_of_the_first_name_finds_the_customer(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Search for the start, middle, end and whole of first names of one word and of two.

    Also for a number in a name, for words such as `null`, and for two spaces in a row.
    """
    customer = _must_find_by_parts_of("first_name", "last_name", api, given, data)
    swapped = str(customer["first_name"]).swapcase()
    choices.saw("name-search-case", "is ignored" if finds(api, swapped, customer) else "counts")


@check("SEARCH-5")
def a_part_of_the_last_name_finds_the_customer(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Search for the start, middle, end and whole of last names of one word and of two.

    Also for a number in a name, for words such as `null`, and for two spaces in a row.
    """
    customer = _must_find_by_parts_of("last_name", "first_name", api, given, data)
    both = f"{customer['first_name']} {customer['last_name']}"
    choices.saw(
        "name-search-across", "finds the customer" if finds(api, both, customer) else "finds no customer"
    )


@check("SEARCH-6")
def a_similar_name_is_not_found(api: Api, given: Given, data: Data) -> None:
    """Search among names with one letter changed or left out, reversed, and cut; also for longer queries."""
    name = data.word()
    customer = given.customer(first_name=data.word(), last_name=name)
    similar = [
        given.customer(first_name=one, last_name=data.word())
        for one in (
            name[:5] + other_letter(name[5]) + name[6:],
            name[:5] + name[6:],
            name[::-1],
            name[:6],
            name[6:],
        )
    ]
    must_find_only(api, name, [customer], among=similar)
    both = str(customer["first_name"]) + name  # without a space it is no name of the customer
    for query in (
        f"{name}x",
        f"x{name}",
        f"{name} {data.word()}",
        f"{data.word()} {name}",
        customer.id,
        both,
    ):
        must_not_find(api, query, customer)
    must_find_only_containing(api, name[2:7], NAMES)


@check("SEARCH-6")
def a_long_name_is_found_by_its_end(api: Api, data: Data) -> None:
    """Search for the end, and for another end, of a name of 180 characters, or fewer if that is refused."""
    for length in (180, 90, 45):
        name = long_text(data.word(), length - 1) + "z"
        customer = unusual_customer(api, data, last_name=name)
        if customer is not None:
            must_find(api, name[-12:], customer)
            must_not_find(api, f"{name[:-1]}y", customer)
            break


@check("SEARCH-6")
def a_similar_email_is_not_found(api: Api, given: Given) -> None:
    """Search among emails with one letter changed or without a dot; also for more than the email."""
    customer = given.customer()
    start, letter, rest = customer.email[:3], customer.email[3], customer.email[4:]
    similar = [
        given.customer(email=start + other_letter(letter) + rest),
        given.customer(email=customer.email.replace(".", "", 1)),
        given.customer(),
    ]
    must_find_only(api, customer.email, [customer], among=similar)
    several, marked = f"{customer.email} {similar[-1].email}", f"{start}\u00e9{letter}{rest}"
    for query in (f"x{customer.email}", f"{customer.email}x", several, marked):
        must_not_find(api, query, customer)
    must_find_only_containing(api, customer.email, ("email",))


@check("SEARCH-7")
def a_name_search_looks_at_names_only(api: Api, given: Given, data: Data) -> None:
    """Search for a word that a customer has in every other text field, and for its other values."""
    word = data.word()
    texts = [name for name in text_fields(api) if name not in NAMES]
    shared: dict[str, Any] = dict.fromkeys(texts, word)
    language = data.language()
    customer = given.full_customer(**shared, language=language)
    with_name = given.customer(last_name=word)
    must_find_only(api, word, [with_name], among=[customer])
    names = " ".join(str(customer[name]) for name in NAMES).lower()
    for name in api.contract.kept_fields:
        for query in dict.fromkeys((customer[name], str(customer[name]).removeprefix("+"))):
            if name not in (*NAMES, *texts, "email") and query.lower() not in names:
                must_not_find(api, query, customer)
    for query in (language, str(customer["inserted_at"])[:4], str(customer["inserted_at"])[:10]):
        if query not in names:
            must_not_find(api, query, customer)


@check("SEARCH-9")
def customers_without_names_do_not_disturb_a_search(api: Api, given: Given, data: Data) -> None:
    """Search among customers with a first name only, with a last name only, and without names."""
    first, last, none = (
        given.customer(first_name=data.word()), given.customer(last_name=data.word()), given.customer(),
    )  # fmt: skip
    must_find_only(api, first["first_name"], [first], among=[last, none])
    must_find_only(api, last["last_name"], [last], among=[first, none])
    word = data.word()
    for name, empty in (NAMES, NAMES[::-1]):
        customer = unusual_customer(api, data, **{name: word, empty: ""})
        if customer is not None:
            must_find(api, word, customer)
    for query in ("null", "None", "undefined", f"{first['first_name']} None"):
        for customer in (first, last, none):
            must_not_find(api, query, customer)


@check("SEARCH-12")
def total_entries_is_the_number_of_matches(api: Api, given: Given, data: Data) -> None:
    """Search for a name of three customers, for one email, and for values that no customer has."""
    word = data.word()
    customers_with_last_name(given, 2, word)
    given.customer(first_name=word, last_name=word)
    alone = given.customer()
    for query, count in ((word, 3), (alone.email, 1), (data.word(), 0), (data.email(), 0)):
        answer = api.list(q=query)
        page = answer.page()
        if page["total_entries"] != count:
            raise answer.violation(
                f"total_entries {count}, the number of customers that match {query!r}",
                f"total_entries is {page['total_entries']}",
            )
        if count == 0 and page.ids:
            raise answer.violation(
                "no customers on the page, since none match", f"the page has {len(page.ids)} customers"
            )


@check("SEARCH-13")
def a_search_finds_customers_on_all_pages(api: Api, given: Given, data: Data) -> None:
    """Search for the name of more customers than fit on two pages of the usual size."""
    query: dict[str, Any] = {}
    try:
        size = page_size(api, data)
    except NotObservable:
        query = {"per_page": USUAL_PAGE}
        size = page_size(api, data, **query)
    _must_find_exactly(customers_with_last_name(given, 2 * size + 1, data.word()), api, **query)


@check("SEARCH-13")
def a_search_among_other_customers_finds_all_on_small_pages(api: Api, given: Given, data: Data) -> None:
    """Search for a name that fills three small pages, among customers created before and after."""
    size = page_size(api, data, per_page=SMALL_PAGE)
    customers_with_last_name(given, size, data.word())
    customers = customers_with_last_name(given, 2 * size + 1, data.word())
    customers_with_last_name(given, size, data.word())
    _must_find_exactly(customers, api, per_page=SMALL_PAGE)


@check("SEARCH-13")
def a_search_finds_more_than_a_hundred_customers(api: Api, given: Given, data: Data) -> None:
    """Search for one customer more than fits on the longest page, with that page size if it is accepted."""
    customers = customers_with_last_name(given, LONGEST_PAGE + 1, data.word())
    longest: dict[str, Any] = {"per_page": LONGEST_PAGE}
    _must_find_exactly(customers, api, **({} if api.list(q=data.word(), **longest).is_refusal else longest))


@check("SEARCH-13")
def all_customers_with_the_same_names_are_found(api: Api, given: Given, data: Data) -> None:
    """Search for the shared first name and for the shared last name of three customers."""
    names: dict[str, Any] = {"first_name": data.word(), "last_name": data.word()}
    same_names = [given.customer(**names) for _ in range(3)]
    for name in names:
        _must_find_exactly(same_names, api, by=name)


@check("SEARCH-14")
def a_search_sees_changes_at_once(api: Api, given: Given, data: Data) -> None:
    """Search for the old and the new name and email before and after updates."""
    for name in ("first_name", "last_name", "email"):
        customer = given.full_customer()
        with prerequisite(f"finding a customer by {name}"):
            must_find(api, customer[name], customer)
        new = data.other(name, customer)
        with prerequisite(f"updating the {name}"):
            changed = api.update(customer.id, {name: new}).customer()
        must_find(api, changed[name], changed)
        must_not_find(api, customer[name], changed)
        if name == "email":
            continue
        with prerequisite(f"updating the {name} again"):
            last = api.update(customer.id, {name: data.other(name, changed)}).customer()
        must_find(api, last[name], last)
        must_not_find(api, changed[name], last)
        cleared = api.update(customer.id, {name: None})
        if cleared.ok and cleared.customer()[name] is None:
            must_not_find(api, last[name], last)
    customer = given.full_customer()
    with prerequisite("updating all fields"):
        changed = api.update(customer.id, data.fields()).customer()
    for name in ("first_name", "last_name", "email"):
        must_find(api, changed[name], changed)
        must_not_find(api, customer[name], changed)


@check("SEARCH-15", shape=True, read_only=True)
def an_empty_query_is_not_answered_with_a_5xx(api: Api, choices: Choices) -> None:
    """Send `q=`, `q` without an equals sign, and spaces."""
    answer = api.list(q="").no_server_error("an empty query not to be answered with a 5xx")
    if not answer.ok:
        choices.saw("empty-query", f"status {answer.status}")
    else:
        choices.saw(
            "empty-query", "finds all customers" if answer.page()["total_entries"] else "finds no customer"
        )
    for raw in ("q", "q=%20", "q=+", "q=&page=1", "q=%09"):
        answer = api.send("GET", f"{list_path(api)}?{raw}")
        answer.no_server_error(f"the query ?{raw} not to be answered with a 5xx")


def _must_find_by_parts_of(name: str, other: str, api: Api, given: Given, data: Data) -> Customer:
    """Require that parts of this name find their customer. Return a customer that has both names."""
    plans: tuple[tuple[list[str], dict[str, Any]], ...] = (
        ([data.word()], {}),
        ([data.word(), data.word().upper()], {}),
        ([data.word()], {other: data.word()}),
    )
    number = data.other("phone", {})[-7:]
    numbered: dict[str, Any] = {name: f"{data.word()}{number}e5"}
    customer = given.customer(**numbered)
    for query in (number, f"{number}e5"):
        must_find(api, query, customer)
    must_not_find(api, f"0{number}", customer)
    meanings: dict[str, Any] = {name: f"{data.word()} null  the True"}
    worded = given.customer(**meanings)
    for query in ("null", "the", "True", "null  the"):
        must_find(api, query, worded)
    for words, others in plans:
        text = " ".join(words)
        middle = len(text) // 2
        customer = given.customer(**{**others, name: text})
        for part in (text[:5], text[middle - 3 : middle + 3], text[-3:], text):
            must_find(api, part, customer)
    return customer


def _must_find_exactly(customers: list[Customer], api: Api, *, by: str = "last_name", **query: Any) -> None:
    """Require that the pages of a search for a name these customers share show all of them and no others."""
    word, name = customers[0][by], by.replace("_", " ")
    walked = list(pages(api, q=word, **query))
    for answer, page in walked:
        if others := [customer.id for customer in page.customers if customer[by] != word]:
            raise answer.violation(
                f"only customers with the {name} {word!r} on every page of the search",
                "it shows other customers too",
                about=[*others, *(one.id for one in customers)],
            )
    shown = {customer_id for _, page in walked for customer_id in page.ids}
    if missing := [customer for customer in customers if customer.id not in shown]:
        raise Violation(
            f"all {len(customers)} customers with the {name} {word!r} on the pages of the search",
            f"{len(missing)} of them are on none of the {len(walked)} pages",
            [answer.exchange for answer, _ in walked],
            about=[missing[0].id],
        )
