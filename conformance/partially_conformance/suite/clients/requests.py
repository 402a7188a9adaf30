"""CLIENT-1 to CLIENT-5: the requests of a client match the document and the arguments of the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from partially_conformance.clients.calling.answers import Answer, AnswerSequence
from partially_conformance.clients.calling.caller import Call, CallResult, Side
from partially_conformance.clients.calling.checked_client import SIDES, Client
from partially_conformance.clients.calling.package import Method
from partially_conformance.clients.requests.keys import key_problems, other_places_with_key
from partially_conformance.clients.requests.sent_request import Aspect, Problem, SentRequest
from partially_conformance.clients.requests.validation import Validation
from partially_conformance.clients.values.comparison import difference
from partially_conformance.clients.values.description import JSON, Argument
from partially_conformance.clients.values.generated_values import TEXTS
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import client_check
from partially_conformance.traffic.check_end import NotObservable
from partially_conformance.traffic.exchange import MISSING

_EXAMPLES, _LEAST = 24, 5
"""Calls of each method."""

_UNUSUAL_EXAMPLES, _UNUSUAL_LEAST = 300, 120
"""Unusual strings in all arguments together."""

_BUSY = Answer(429, (("Retry-After", "1"),))


def _call(client: Client, side: Side, call: Call) -> CallResult:
    """Make a call that is answered as the document says, and return its result."""
    result = client.caller.call(side, call, AnswerSequence([client.success(call.method.operation)]))
    client.returned_value(result, "a value for a call with arguments that the document allows")
    if not result.sent:
        raise client.violation(result, f"a request for {call.method.operation.id}", "no request")
    return result


def _validations(client: Client, call: Call, result: CallResult) -> Iterator[tuple[int, Validation]]:
    """Return the validation of each request of a call, with its number.

    Raises:
        Violation: A request is for another operation than that of the call.
    """
    wanted = call.method.operation
    for number, sent in enumerate(result.sent):
        found = client.validator.validate(sent)
        operation = found.operation
        if operation is None or (operation.method, operation.path) != (wanted.method, wanted.path):
            observed = f"{sent.method} {sent.target}"
            raise client.violation(
                result, f"{call.method.call} to send {wanted.method} {wanted.path}", observed
            )
        yield number, found


def _must_have_no_problems(client: Client, result: CallResult, number: int, problems: list[Problem]) -> None:
    if problems:
        first = problems[0]
        exchange = result.exchanges[number]
        raise client.violation(result, f"{first.expected} at {first.place}", first.observed, [exchange])


@client_check("CLIENT-1")
def every_request_matches_the_document(client: Client, fuzz: Fuzz) -> None:
    """Call every method with generated arguments, and compare each request with the document."""

    def check_case(case: tuple[Side, Call]) -> None:
        side, call = case
        result = _call(client, side, call)
        aspects = [one for one in Aspect if one is not Aspect.LABEL]
        if not call.method.operation.sends_json:
            aspects.remove(Aspect.BODY)
        for number, found in _validations(client, call, result):
            _must_have_no_problems(client, result, number, found.of(*aspects))

    for method in client.validated:
        fuzz.each(st.tuples(SIDES, client.calls_of(method)), check_case, standard=_EXAMPLES, least=_LEAST)


_KEYS = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~+/=-", min_size=8, max_size=40
)


@client_check("CLIENT-2")
def the_key_is_a_bearer_token(client: Client, fuzz: Fuzz) -> None:
    """Send generated keys with every method, also in a retry: the key is in its header and nowhere else."""
    place = client.description.key
    if place is None:
        raise NotObservable("the document describes no key")

    def problems(sent: SentRequest, key: str) -> list[Problem]:
        if place.header == "Authorization":
            return key_problems(sent, key)
        found = [
            Problem(aspect, where, f"the key in {place.header} only", "the key")
            for aspect, where in other_places_with_key(sent, key)
            if where.lower() != f"header.{place.header.lower()}"
        ]
        if sent.header(place.header) != [place.prefix + key]:
            found.append(Problem(Aspect.HEADER, f"header.{place.header}", "the key", "another value"))
        return found

    def check_case(case: tuple[Side, Call, str]) -> None:
        side, call, rest = case
        key = f"sk-{rest}"  # no generated argument looks like this
        caller = client.caller.client(side, api_key=key)
        script = AnswerSequence([_BUSY, client.success(call.method.operation)])
        result = client.caller.call(side, call, script, client=caller, key=key)
        client.require_end(result, "an answer, or an error of the client's own")
        for number, sent in enumerate(result.sent):
            _must_have_no_problems(client, result, number, problems(sent, key))

    for method in client.authenticated:
        cases = st.tuples(SIDES, client.calls_of(method), _KEYS)
        fuzz.each(cases, check_case, standard=_EXAMPLES // 2, least=_LEAST)


@client_check("CLIENT-3")
def only_the_given_arguments_are_sent(client: Client, fuzz: Fuzz) -> None:
    """Call every method with some arguments: the body, query and headers contain these and no others."""

    def check_case(case: tuple[Side, Call]) -> None:
        side, call = case
        result = _call(client, side, call)
        for number, found in _validations(client, call, result):
            problem = _unexpected_or_missing_argument(call, result.sent[number], found)
            if problem is not None:
                expected = f"{call.method.call} to send {_names_of_arguments(call)} and nothing else"
                raise client.violation(result, expected, problem, [result.exchanges[number]])

    for method in client.validated:
        fuzz.each(st.tuples(SIDES, client.calls_of(method)), check_case, standard=_EXAMPLES, least=_LEAST)


def _names_of_arguments(call: Call) -> str:
    names = [str(argument.wire or "the body") for argument in call.arguments if argument.place != "path"]
    return ", ".join(names) if names else "no argument"


def _unexpected_or_missing_argument(call: Call, sent: SentRequest, found: Validation) -> str | None:
    names = {argument.wire for argument in _arguments_in(call, "query")}
    queried = {name for name, _ in found.query}
    if names != queried:
        return f"the query has {', '.join(sorted(queried)) or 'no parameters'}"
    for argument in call.method.operation.arguments:
        if argument.place == "header" and argument not in call.arguments and sent.header(str(argument.wire)):
            return f"the header {argument.wire}"
    return _wrong_body(call, found.body) if call.method.operation.sends_json else None


def _wrong_body(call: Call, body: Any) -> str | None:
    given = _arguments_in(call, "body")
    whole = next((value for argument, value in given.items() if argument.wire is None), MISSING)
    expected = {argument.wire: value for argument, value in given.items()} if whole is MISSING else whole
    if body is MISSING:
        return "no body" if given or call.method.operation.body_required else None
    return difference(expected, body)


def _arguments_in(call: Call, place: str) -> Mapping[Argument, Any]:
    return {argument: value for argument, value in call.arguments.items() if argument.place == place}


_UNUSUAL_SEGMENTS = (
    "",
    ".",
    "..",
    "a/b",
    "../../customer",
    "%2e%2e",
    "?q=1",
    "#",
    "a b",
    ";x",
    "é",
    "\ud800",
    "%",
)


@client_check("CLIENT-4")
def arguments_arrive_unchanged(client: Client, fuzz: Fuzz) -> None:
    """Send unusual strings in paths and queries: they arrive unchanged, or are refused before sending."""
    free = [
        (method, argument)
        for method in client.validated
        for argument in method.operation.arguments
        if argument.place in {"path", "query"} and _takes_text(client, argument)
    ]
    if not free:
        raise NotObservable("no operation takes a string in its path or its query")

    def check_case(case: tuple[Side, tuple[Method, Argument], str]) -> None:
        side, (method, argument), text = case
        assume("\ud800" in text or client.description.mismatch(argument.schema, text) is None)
        call = client.call(method, {argument: text})
        result = client.caller.call(side, call, AnswerSequence([client.success(method.operation)]))
        client.require_end(result, f"{argument.wire} to be sent unchanged, or refused before sending")
        if _may_be_refused(argument, text) and result.error is not None and not result.sent:
            return
        if _must_be_refused(argument, text):
            expected = (
                f"{text!r} as {argument.wire} to be refused before sending, since it cannot be sent unchanged"
            )
            raise client.violation(result, expected, "a request was sent" if result.sent else "no error")
        client.returned_value(result, f"{argument.wire} to be sent unchanged")
        for number, found in _validations(client, call, result):
            pairs = (
                [found.path_values] if argument.place == "path" else [dict([pair]) for pair in found.query]
            )
            arrived = [pair[str(argument.wire)] for pair in pairs if argument.wire in pair]
            if arrived != [text]:
                expected = f"{argument.wire} to arrive as {text!r}"
                raise client.violation(
                    result,
                    expected,
                    f"it arrives as {', '.join(map(repr, arrived)) or 'nothing'}",
                    [result.exchanges[number]],
                )

    texts = st.one_of(TEXTS, st.sampled_from(_UNUSUAL_SEGMENTS))
    cases = st.tuples(SIDES, st.sampled_from(free), texts)
    fuzz.each(cases, check_case, standard=_UNUSUAL_EXAMPLES, least=_UNUSUAL_LEAST)


def _takes_text(client: Client, argument: Argument) -> bool:
    flat = client.description.flat(argument.schema)
    return flat.get("type") == "string" and not {"enum", "pattern", "const"} & flat.keys()


def _may_be_refused(argument: Argument, text: str) -> bool:
    return argument.place == "path" or "\ud800" in text


def _must_be_refused(argument: Argument, text: str) -> bool:
    return "\ud800" in text or (argument.place == "path" and text in {"", ".", ".."})


@client_check("CLIENT-5")
def requests_have_the_right_content_type_and_accept(client: Client, fuzz: Fuzz) -> None:
    """Check Content-Type and Accept of requests with a JSON body and of requests without a body."""
    operations = [(method, method.operation) for method in client.validated]
    methods = [method for method, one in operations if one.sends_json and JSON in one.accepts]
    if not methods:
        raise NotObservable("no operation sends only JSON and is answered with JSON")

    def check_case(case: tuple[Side, Call]) -> None:
        side, call = case
        result = _call(client, side, call)
        for number, sent in enumerate(result.sent):
            _must_have_no_problems(client, result, number, client.validator.validate(sent).of(Aspect.LABEL))

    for method in methods:
        fuzz.each(st.tuples(SIDES, client.calls_of(method)), check_case, standard=_LEAST, least=_LEAST)
