"""CLIENT-14: the blocking and the asynchronous client send the same and return the same."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from partially_conformance.clients.calling.answers import Answer, AnswerSequence, ConnectionFault, json_answer
from partially_conformance.clients.calling.caller import Call, CallResult, Side
from partially_conformance.clients.calling.checked_client import Client, describe_error
from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.clients.values.generated_values import ANY_JSON
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import client_check

_EXAMPLES, _LEAST = 160, 60

_OWN = frozenset({"user-agent", "connection"})
"""Headers in which the two clients may differ."""

_FAILURES: st.SearchStrategy[Answer] = st.one_of(
    st.builds(json_answer, st.sampled_from((400, 404, 408, 422, 429, 500, 502, 503, 504)), ANY_JSON),
    st.builds(lambda fault: Answer(200, (), b"{}", fault, 1), st.sampled_from(tuple(ConnectionFault))),
    st.just(json_answer(429, {"message": "later"}, {"Retry-After": "7"})),
    st.just(Answer(302, (("Location", "/elsewhere"),))),
)


@client_check("CLIENT-14")
def both_clients_send_and_return_the_same(client: Client, fuzz: Fuzz) -> None:
    """Make the same calls with both clients, and compare their requests, pauses, values and errors."""

    def check_case(case: tuple[Call, list[Answer], Any, bool]) -> None:
        call, failures, value, succeeds = case
        operation = call.method.operation
        last = client.success(operation) if succeeds else json_answer(operation.status, value)
        script = AnswerSequence([*failures, last])
        one, other = (client.caller.call(side, call, script) for side in Side)
        if (found := _requests_differ(one, other) or _outcomes_differ(one, other)) is not None:
            expected = "the blocking and the asynchronous client to do the same"
            raise client.violation(other, expected, found, (*one.exchanges, *other.exchanges))

    failures = st.lists(_FAILURES, max_size=2)
    cases = st.tuples(client.calls(), failures, ANY_JSON, st.booleans())
    fuzz.each(cases, check_case, standard=_EXAMPLES, least=_LEAST)


def _requests_differ(one: CallResult, other: CallResult) -> str | None:
    if len(one.sent) != len(other.sent):
        return f"{len(one.sent)} requests and {len(other.sent)} requests"
    for first, second in zip(one.sent, other.sent, strict=True):
        if (first.method, first.target, _body(first)) != (second.method, second.target, _body(second)):
            return f"{first.method} {first.target} and {second.method} {second.target}, or different bodies"
        differing = _headers(first).items() ^ _headers(second).items()
        if differing:
            return f"different headers: {', '.join(sorted({name for name, _ in differing}))}"
    for earlier, later in zip(one.at, other.at, strict=True):
        if (earlier > 0) != (later > 0):
            return f"a pause of {earlier:.1f} seconds and a pause of {later:.1f} seconds"
    return None


def _headers(sent: SentRequest) -> dict[str, str]:
    return {
        name.lower(): _BOUNDARY.sub("", value) for name, value in sent.headers if name.lower() not in _OWN
    }


_BOUNDARY = re.compile(r"boundary=([^;]+)")


def _body(sent: SentRequest) -> bytes:
    """Return the body without the random boundary of its parts."""
    found = _BOUNDARY.search("".join(sent.header("content-type")))
    return sent.body.replace(found[1].encode(), b"") if found else sent.body


def _outcomes_differ(one: CallResult, other: CallResult) -> str | None:
    first, second = _outcome(one), _outcome(other)
    return None if first == second else f"{first} and {second}"


def _outcome(result: CallResult) -> str:
    if result.endless:
        return "a call that does not end"
    if result.error is not None:
        return describe_error(result.error)
    value = result.value.data if hasattr(result.value, "has_next_page") else result.value
    return f"{value!r} with {getattr(value, 'extra', {})!r}"
