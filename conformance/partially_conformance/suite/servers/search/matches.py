"""SEARCH: what a query finds, and what it must not."""

from __future__ import annotations

from typing import Any

from partially_conformance.bench.api import Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.suite.servers.search.steps import (
    finds,
    must_all_contain,
    must_find_among,
    odd_customer,
    other_letter,
    path_of,
)
from partially_conformance.suite.servers.shared.expectations import (
    must_find,
    must_not_find,
    pages,
    text_fields,
)
from partially_conformance.suite.servers.shared.lists import (
    LONG_PAGE,
    SMALL_PAGE,
    USUAL_PAGE,
    crowd,
    page_size,
)
from partially_conformance.suite.servers.shared.texts import long_text
from partially_conformance.traffic.check_end import NotObservable, Violation

NAMES = ("first_name", "last_name")
"""What a query without an @ searches."""


@check("SEARCH-1")
def the_whole_email_finds_its_customer(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Plain emails, one with a plus sign and one with capitals, each as the server shows it."""
    plain = given.customer()
    others = (given.customer(email=data.email("jo.an+tag")), given.customer(email=data.email("JoAn")))
    for customer in (plain, *others):
        must_find(api, customer.email, customer)
    choices.saw("email-search-case", "is ignored" if finds(api, plain.email.upper(), plain) else "counts")
    parts = {"the start": plain.email[:-4], "the end": plain.email[3:]}
    partly = [name for name, part in parts.items() if finds(api, part, plain)]
    choices.saw("email-search-part", f"finds by {' and '.join(partly)}" if partly else "finds nobody")


@check("SEARCH-2")
def a_query_with_an_at_searches_emails_only(api: Api, given: Given, data: Data) -> None:
    """One customer has the email; others have the same text in a name or in another field."""
    email = data.email()
    owner = given.customer(email=email)
    made = {name: odd_customer(api, data, **{name: email}) for name in text_fields(api)}
    others = [customer for customer in made.values() if customer is not None]
    if not others:
        raise NotObservable("no field but the email takes a text with an @")
    must_find_among(api, owner.email, [owner], but_not=others)
    before, after = data.word(), data.word()
    for name in NAMES:
        customer = odd_customer(api, data, **{name: f"a {before}@{after} z"})
        for query in (f"{before}@", f"@{after}", f"a {before}@", f"{before}@{after}"):
            if customer is not None:
                must_not_find(api, query, customer)


@check("SEARCH-3")
def a_query_without_an_at_does_not_search_emails(api: Api, given: Given, data: Data) -> None:
    """The start and the whole of what stands before the @, what stands after it, and both without the @."""
    word = data.word().lower()
    customer = given.full_customer(email=data.email(word))
    namesake, nameless = given.customer(first_name=word), given.customer(email=data.email(f"{word}.x"))
    must_find_among(api, word, [namesake], but_not=[customer, nameless])
    local, _, domain = customer.email.partition("@")
    for query in (word[:6], local, local + domain, domain):
        must_not_find(api, query, customer)


@check("SEARCH-4")
def a_part_of_the_first_name_finds(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Start, middle, end and whole of a first name of one word and of two, with a last name and without.

    Also a number in a name, words that mean something elsewhere, and two blanks.
    """
    customer = _must_find_by_parts_of("first_name", "last_name", api, given, data)
    swapped = str(customer["first_name"]).swapcase()
    choices.saw("name-search-case", "is ignored" if finds(api, swapped, customer) else "counts")


@check("SEARCH-5")
def a_part_of_the_last_name_finds(api: Api, given: Given, data: Data, choices: Choices) -> None:
    """Start, middle, end and whole of a last name of one word and of two, with a first name and without.

    Also a number in a name, words that mean something elsewhere, and two blanks.
    """
    customer = _must_find_by_parts_of("last_name", "first_name", api, given, data)
    both = f"{customer['first_name']} {customer['last_name']}"
    choices.saw("name-search-across", "finds" if finds(api, both, customer) else "finds nobody")


@check("SEARCH-6")
def a_name_that_only_looks_alike_is_not_found(api: Api, given: Given, data: Data) -> None:
    """Names with one letter changed, left out or moved, with a part of the query, and other names; no ids."""
    name = data.word()
    customer = given.customer(first_name=data.word(), last_name=name)
    alike = [
        given.customer(first_name=one, last_name=data.word())
        for one in (
            name[:5] + other_letter(name[5]) + name[6:],
            name[:5] + name[6:],
            name[::-1],
            name[:6],
            name[6:],
        )
    ]
    must_find_among(api, name, [customer], but_not=alike)
    both = str(customer["first_name"]) + name  # without a blank, which is nobody's name
    for query in (
        f"{name}x",
        f"x{name}",
        f"{name} {data.word()}",
        f"{data.word()} {name}",
        customer.id,
        both,
    ):
        must_not_find(api, query, customer)
    must_all_contain(api, name[2:7], NAMES)


@check("SEARCH-6")
def a_long_name_counts_to_the_end(api: Api, data: Data) -> None:
    """A name of 180 characters, or of fewer where that is refused: found by its end, not by another end."""
    for length in (180, 90, 45):
        name = long_text(data.word(), length - 1) + "z"
        customer = odd_customer(api, data, last_name=name)
        if customer is not None:
            must_find(api, name[-12:], customer)
            must_not_find(api, f"{name[:-1]}y", customer)
            break


@check("SEARCH-6")
def an_email_that_only_looks_alike_is_not_found(api: Api, given: Given) -> None:
    """Emails with another local part at the same domain, without a dot, and one the query only contains."""
    customer = given.customer()
    start, letter, rest = customer.email[:3], customer.email[3], customer.email[4:]
    alike = [
        given.customer(email=start + other_letter(letter) + rest),
        given.customer(email=customer.email.replace(".", "", 1)),
        given.customer(),
    ]
    must_find_among(api, customer.email, [customer], but_not=alike)
    several, marked = f"{customer.email} {alike[-1].email}", f"{start}\u00e9{letter}{rest}"
    for query in (f"x{customer.email}", f"{customer.email}x", several, marked):
        must_not_find(api, query, customer)
    must_all_contain(api, customer.email, ("email",))


@check("SEARCH-7")
def a_name_search_looks_at_names_only(api: Api, given: Given, data: Data) -> None:
    """A customer has a word in every other field that takes text, and usual values elsewhere."""
    word = data.word()
    texts = [name for name in text_fields(api) if name not in NAMES]
    shared: dict[str, Any] = dict.fromkeys(texts, word)
    language = data.language()
    customer = given.full_customer(**shared, language=language)
    namesake = given.customer(last_name=word)
    must_find_among(api, word, [namesake], but_not=[customer])
    names = " ".join(str(customer[name]) for name in NAMES).lower()
    for name in api.contract.kept_fields:
        for query in {customer[name], str(customer[name]).removeprefix("+")}:
            if name not in (*NAMES, *texts, "email") and query.lower() not in names:
                must_not_find(api, query, customer)
    for query in (language, str(customer["inserted_at"])[:4], str(customer["inserted_at"])[:10]):
        if query not in names:
            must_not_find(api, query, customer)


@check("SEARCH-9")
def customers_without_names_do_not_disturb(api: Api, given: Given, data: Data) -> None:
    """Customers with a first name only, with a last name only, and with none."""
    first, last, none = (
        given.customer(first_name=data.word()), given.customer(last_name=data.word()), given.customer(),
    )  # fmt: skip
    must_find_among(api, first["first_name"], [first], but_not=[last, none])
    must_find_among(api, last["last_name"], [last], but_not=[first, none])
    word = data.word()
    for name, empty in (NAMES, NAMES[::-1]):
        customer = odd_customer(api, data, **{name: word, empty: ""})
        if customer is not None:
            must_find(api, word, customer)
    for query in ("null", "None", "undefined", f"{first['first_name']} None"):
        for customer in (first, last, none):
            must_not_find(api, query, customer)


@check("SEARCH-12")
def the_totals_count_the_matches(api: Api, given: Given, data: Data) -> None:
    """Three of one name, one of them by first and last name; one email; nobody."""
    word = data.word()
    crowd(given, 2, word)
    given.customer(first_name=word, last_name=word)
    alone = given.customer()
    for query, count in ((word, 3), (alone.email, 1), (data.word(), 0), (data.email(), 0)):
        answer = api.list(q=query)
        page = answer.page()
        if page["total_entries"] != count:
            raise answer.violation(
                f"total_entries {count}, the number of customers that match {query!r}",
                f"it is {page['total_entries']}",
            )
        if count == 0 and page.ids:
            raise answer.violation("nobody on the page, as nobody matches", f"{len(page.ids)} are on it")


@check("SEARCH-13")
def a_search_goes_beyond_the_first_page(api: Api, given: Given, data: Data) -> None:
    """More customers of one name than fit on two pages of the usual size."""
    query: dict[str, Any] = {}
    try:
        size = page_size(api, data)
    except NotObservable:
        query = {"per_page": USUAL_PAGE}
        size = page_size(api, data, **query)
    _must_meet_all(crowd(given, 2 * size + 1, data.word()), api, **query)


@check("SEARCH-13")
def a_search_among_others_goes_beyond_the_first_page(api: Api, given: Given, data: Data) -> None:
    """Customers of one name who fill three small pages, between others who were created before and after."""
    size = page_size(api, data, per_page=SMALL_PAGE)
    crowd(given, size, data.word())
    members = crowd(given, 2 * size + 1, data.word())
    crowd(given, size, data.word())
    _must_meet_all(members, api, per_page=SMALL_PAGE)


@check("SEARCH-13")
def a_search_goes_beyond_a_hundred(api: Api, given: Given, data: Data) -> None:
    """One customer more than the longest page holds, on such pages where they can be asked for."""
    members = crowd(given, LONG_PAGE + 1, data.word())
    longest: dict[str, Any] = {"per_page": LONG_PAGE}
    _must_meet_all(members, api, **({} if api.list(q=data.word(), **longest).is_refusal else longest))


@check("SEARCH-13")
def all_of_the_same_names_are_found(api: Api, given: Given, data: Data) -> None:
    """Three customers with the same first and the same last name, by either."""
    names: dict[str, Any] = {"first_name": data.word(), "last_name": data.word()}
    namesakes = [given.customer(**names) for _ in range(3)]
    for name in names:
        _must_meet_all(namesakes, api, by=name)


@check("SEARCH-14")
def a_search_sees_changes_at_once(api: Api, given: Given, data: Data) -> None:
    """Found by the old values, not any more after an update; then found by the new ones."""
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
def an_empty_query_does_no_harm(api: Api, choices: Choices) -> None:
    """`q=`, `q` without a sign of equality, and blanks."""
    answer = api.list(q="").no_server_error("an empty query to be answered without a 5xx")
    if not answer.ok:
        choices.saw("empty-query", f"status {answer.status}")
    else:
        choices.saw("empty-query", "finds everybody" if answer.page()["total_entries"] else "finds nobody")
    for raw in ("q", "q=%20", "q=+", "q=&page=1", "q=%09"):
        answer = api.send("GET", f"{path_of(api)}?{raw}")
        answer.no_server_error(f"the query ?{raw} to be answered without a 5xx")


def _must_find_by_parts_of(name: str, other: str, api: Api, given: Given, data: Data) -> Customer:
    """Parts of this name find their customer. The last of the customers, who has the other name too."""
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


def _must_meet_all(members: list[Customer], api: Api, *, by: str = "last_name", **query: Any) -> None:
    """The pages of a search for a name they share have all of these customers and nobody else."""
    word, name = members[0][by], by.replace("_", " ")
    walked = list(pages(api, q=word, **query))
    for answer, page in walked:
        if others := [customer.id for customer in page.customers if customer[by] != word]:
            raise answer.violation(
                f"only customers with the {name} {word!r} on every page of the search",
                "others are there too",
                about=[*others, *(member.id for member in members)],
            )
    met = {customer_id for _, page in walked for customer_id in page.ids}
    if missing := [member for member in members if member.id not in met]:
        raise Violation(
            f"all {len(members)} customers with the {name} {word!r} on the pages of the search",
            f"{len(missing)} are on none of its {len(walked)} pages",
            [answer.exchange for answer, _ in walked],
            about=[missing[0].id],
        )
