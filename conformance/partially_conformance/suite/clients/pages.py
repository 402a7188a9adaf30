"""CLIENT-12: walking over the pages of a list."""

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
    """A list on a server: its method, how its pages look, and what a page must be."""

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
        raise NotObservable("the document has no list in pages")
    return found


def _page(of: _List, items: Sequence[Any], number: int, pages: int, entries: int) -> Answer:
    paging = of.paging
    told = {paging.items: list(items), paging.number: number, paging.pages: pages}
    told |= {paging.page_size: _SIZE} if paging.page_size else {}
    told |= {paging.entries: entries} if paging.entries else {}
    return json_answer(of.method.operation.status, {**of.envelope, **told})


def _asked(of: _List, found: Validation) -> int:
    """The number of the page a request asks for; the first one if it names none."""
    numbers = [value for name, value in found.query if name == of.paging.parameter]
    return int(numbers[0]) if numbers and numbers[0].isdigit() else 1


def _items_of(client: Client, of: _List, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(client.answer_values.of(of.items), max_size=most, unique_by=json.dumps)


@client_check("CLIENT-12")
def a_walk_meets_every_item_once(client: Client, fuzz: Fuzz) -> None:
    """Walking over a list gives all items of all pages in order, with the arguments of the call on each."""

    def judge(case: tuple[Side, _List, list[Any], Call]) -> None:
        side, of, items, call = case
        pages = [items[start : start + _SIZE] for start in range(0, len(items), _SIZE)]

        def answer(sent: SentRequest, _number: int) -> Answer:
            number = _asked(of, client.validator.validate(sent))
            page = pages[number - 1] if 0 < number <= len(pages) else []
            return _page(of, page, number, len(pages), len(items))

        result = client.caller.walk(side, call, answer)
        client.require_end(result, f"a walk over {len(pages)} pages to end")
        if result.error is not None:
            raise client.violation(result, "all items of all pages", describe_error(result.error))
        if (found := difference(items, result.value)) is not None:
            expected = f"all {len(items)} items of {len(pages)} pages, in order"
            raise client.violation(result, expected, f"{len(result.value)} items: {found}")
        _judge_arguments(client, of, call, result)

    for of in _lists(client):
        calls = _calls_without_page(client, of)
        cases = st.tuples(SIDES, st.just(of), _items_of(client, of, 10), calls)
        fuzz.each(cases, judge, standard=_EXAMPLES, least=_LEAST)


def _calls_without_page(client: Client, of: _List) -> st.SearchStrategy[Call]:
    def without(call: Call) -> Call:
        kept = {a: value for a, value in call.arguments.items() if a.wire != of.paging.parameter}
        return Call(call.method, kept)

    return client.calls_of(of.method).map(without)


def _judge_arguments(client: Client, of: _List, call: Call, result: CallResult) -> None:
    """Each page is asked for once, in order, and with the arguments of the call."""
    queries = [client.validator.validate(sent).query for sent in result.sent]
    first = [pair for pair in queries[0] if pair[0] != of.paging.parameter]
    for number, query in enumerate(queries):
        if [pair for pair in query if pair[0] != of.paging.parameter] != first:
            expected = "every page to be asked for with the arguments of the call"
            raise client.violation(result, expected, f"{dict(query)}", [result.exchanges[number]])
    wanted = {str(argument.wire) for argument in call.arguments if argument.place == "query"}
    if {name for name, _ in first} != wanted:
        expected = f"the query to hold {', '.join(sorted(wanted)) or 'nothing'}"
        raise client.violation(result, expected, f"{dict(first)}")


_LIES = ("stuck", "backwards", "endless", "repeated", "circle", "empty", "short", "far", "huge")


def _lying(client: Client, of: _List, items: list[Any], lie: str) -> AnswerFunction:
    """A server whose envelopes say what is not so."""
    pages = [[item] for item in items] or [[]]

    def answer(sent: SentRequest, number: int) -> Answer:
        asked = _asked(of, client.validator.validate(sent))
        last = pages[min(asked, len(pages)) - 1]
        page, told, total = {
            "stuck": (last, 1, 9),  # the number of the page never grows
            "backwards": (last, max(1, 5 - number), 9),
            "endless": (last, asked, 10**9),  # after the last page it comes again, under new numbers
            "repeated": (pages[0], asked, 9999),  # one and the same page, whatever is asked for
            "circle": (pages[(asked - 1) % len(pages)], asked, 10**6),
            "empty": ([], asked, 10**6),
            "short": (last, asked, 0),
            "far": (last, 10**6, 10**7),
            "huge": (last, asked, 2**62),
        }[lie]
        return _page(of, page, told, total, total)

    return answer


@client_check("CLIENT-12")
def a_walk_ends_whatever_the_envelopes_say(client: Client, fuzz: Fuzz) -> None:
    """A server that never moves on, goes in circles or names a million pages does not keep a walk going."""

    def judge(case: tuple[Side, _List, list[Any], str]) -> None:
        side, of, items, lie = case
        result = client.caller.walk(side, client.call(of.method), _lying(client, of, items, lie))
        client.require_end(result, "a walk to end when the pages do not go on")
        if result.error is None:
            for item in result.value:
                if all(difference(one, item) is not None for one in items):
                    raise client.violation(result, "items that were sent", f"{item!r}")

    for of in _lists(client):
        cases = st.tuples(SIDES, st.just(of), _items_of(client, of, 4), st.sampled_from(_LIES))
        fuzz.each(cases, judge, standard=_EXAMPLES, least=_LEAST)
