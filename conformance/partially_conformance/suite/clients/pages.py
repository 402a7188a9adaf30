"""CLIENT-12: a walk over the pages of a list yields every item once, and ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from partially_conformance.clients.calling.answers import Answer, json_answer
from partially_conformance.clients.calling.caller import AnswerFunction, Call, CallResult, Side
from partially_conformance.clients.calling.checked_client import SIDES, Client, describe_error
from partially_conformance.clients.calling.package import Method
from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.clients.requests.validation import Validation
from partially_conformance.clients.values.comparison import difference
from partially_conformance.clients.values.description import Paging, Schema
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import client_check
from partially_conformance.traffic.check_end import NotObservable

_EXAMPLES, _LEAST = 60, 16

_SIZE = 3
"""Items of a full page."""


@dataclass(frozen=True, slots=True)
class _List:
    """A list: its method, the names in its envelope, and a valid envelope."""

    method: Method
    paging: Paging
    items: Schema = field(repr=False)
    envelope: Any = field(repr=False)


def _lists(client: Client) -> list[_List]:
    found = []
    for method in client.lists:
        paging, answer = method.operation.paging, method.operation.answers[method.operation.status]
        assert paging is not None, method.call
        assert answer is not None, method.call
        items = client.description.flat(client.description.flat(answer)["properties"][paging.items])["items"]
        envelope = json.loads(client.success(method.operation).body)
        found.append(_List(method, paging, items, envelope))
    if not found:
        raise NotObservable("the document describes no list in pages")
    return found


def _page(of: _List, items: Sequence[Any], number: int, pages: int, entries: int) -> Answer:
    paging = of.paging
    envelope = {paging.items: list(items), paging.number: number, paging.pages: pages}
    envelope |= {paging.page_size: _SIZE} if paging.page_size else {}
    envelope |= {paging.entries: entries} if paging.entries else {}
    return json_answer(of.method.operation.status, {**of.envelope, **envelope})


def _requested_page(of: _List, found: Validation) -> int:
    """Return the number of the requested page; the default is the first page."""
    numbers = [value for name, value in found.query if name == of.paging.parameter]
    return int(numbers[0]) if numbers and numbers[0].isdigit() else 1


def _items_of(client: Client, of: _List, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(client.answer_values.of(of.items), max_size=most, unique_by=json.dumps)


@client_check("CLIENT-12")
def a_walk_yields_every_item_once(client: Client, fuzz: Fuzz) -> None:
    """Walk over generated lists: all items come in order, and every page is requested with the arguments."""

    def check_case(case: tuple[Side, _List, list[Any], Call]) -> None:
        side, of, items, call = case
        pages = [items[start : start + _SIZE] for start in range(0, len(items), _SIZE)]

        def answer(sent: SentRequest, _number: int) -> Answer:
            number = _requested_page(of, client.validator.validate(sent))
            page = pages[number - 1] if 0 < number <= len(pages) else []
            return _page(of, page, number, len(pages), len(items))

        result = client.caller.walk(side, call, answer)
        client.require_end(result, f"a walk over {len(pages)} pages to end")
        if result.error is not None:
            raise client.violation(result, "all items of all pages", describe_error(result.error))
        if (found := difference(items, result.value)) is not None:
            expected = f"all {len(items)} items of {len(pages)} pages, in order"
            raise client.violation(result, expected, f"{len(result.value)} items: {found}")
        _must_send_arguments_with_every_page(client, of, call, result)

    for of in _lists(client):
        calls = _calls_without_page(client, of)
        cases = st.tuples(SIDES, st.just(of), _items_of(client, of, 10), calls)
        fuzz.each(cases, check_case, standard=_EXAMPLES, least=_LEAST)


def _calls_without_page(client: Client, of: _List) -> st.SearchStrategy[Call]:
    def without(call: Call) -> Call:
        kept = {a: value for a, value in call.arguments.items() if a.wire != of.paging.parameter}
        return Call(call.method, kept)

    return client.calls_of(of.method).map(without)


def _must_send_arguments_with_every_page(client: Client, of: _List, call: Call, result: CallResult) -> None:
    """Require that every page is requested with the arguments of the call."""
    queries = [client.validator.validate(sent).query for sent in result.sent]
    first = [pair for pair in queries[0] if pair[0] != of.paging.parameter]
    for number, query in enumerate(queries):
        if [pair for pair in query if pair[0] != of.paging.parameter] != first:
            expected = "every page to be requested with the arguments of the call"
            raise client.violation(result, expected, f"the query {_query(query)}", [result.exchanges[number]])
    wanted = {str(argument.wire) for argument in call.arguments if argument.place == "query"}
    if {name for name, _ in first} != wanted:
        expected = f"the query to have {', '.join(sorted(wanted)) or 'no parameters'}"
        raise client.violation(result, expected, f"the query {_query(first)}")


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs) or "without parameters"


_FALSE_ENVELOPES = (
    "constant number",
    "falling number",
    "repeated last page",
    "repeated first page",
    "pages in a circle",
    "empty pages",
    "no pages",
    "number too high",
    "huge total",
)


def _server_with_false_envelopes(client: Client, of: _List, items: list[Any], kind: str) -> AnswerFunction:
    """Return a server whose envelopes are false in this way."""
    pages = [[item] for item in items] or [[]]

    def answer(sent: SentRequest, number: int) -> Answer:
        asked = _requested_page(of, client.validator.validate(sent))
        last = pages[min(asked, len(pages)) - 1]
        page, number_shown, total = {
            "constant number": (last, 1, 9),  # page_number never rises
            "falling number": (last, max(1, 5 - number), 9),
            "repeated last page": (last, asked, 10**9),  # the last page again and again, with new numbers
            "repeated first page": (pages[0], asked, 9999),  # always the first page
            "pages in a circle": (pages[(asked - 1) % len(pages)], asked, 10**6),
            "empty pages": ([], asked, 10**6),
            "no pages": (last, asked, 0),
            "number too high": (last, 10**6, 10**7),
            "huge total": (last, asked, 2**62),
        }[kind]
        return _page(of, page, number_shown, total, total)

    return answer


@client_check("CLIENT-12")
def a_walk_ends_even_if_the_envelopes_are_false(client: Client, fuzz: Fuzz) -> None:
    """Walk over lists whose page numbers do not rise, whose pages repeat, or whose totals are false."""

    def check_case(case: tuple[Side, _List, list[Any], str]) -> None:
        side, of, items, kind = case
        result = client.caller.walk(
            side, client.call(of.method), _server_with_false_envelopes(client, of, items, kind)
        )
        client.require_end(result, "a walk over false envelopes to end")
        if result.error is None:
            for item in result.value:
                if all(difference(one, item) is not None for one in items):
                    raise client.violation(result, "only items that were sent", f"the item {item!r}")

    for of in _lists(client):
        cases = st.tuples(SIDES, st.just(of), _items_of(client, of, 4), st.sampled_from(_FALSE_ENVELOPES))
        fuzz.each(cases, check_case, standard=_EXAMPLES, least=_LEAST)
