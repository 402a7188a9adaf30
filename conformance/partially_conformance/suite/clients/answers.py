"""CLIENT-8 to CLIENT-11: a client returns allowed responses whole, and raises its own errors for others."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from partially_conformance.clients.calling.answers import JSON_HEADER, Answer, AnswerSequence, ConnectionFault
from partially_conformance.clients.calling.caller import CallResult, Side
from partially_conformance.clients.calling.checked_client import SIDES, Client, describe_error
from partially_conformance.clients.calling.package import Method
from partially_conformance.clients.values.comparison import difference
from partially_conformance.clients.values.description import Schema
from partially_conformance.clients.values.generated_values import ANY_JSON, TEXTS, one_of_these
from partially_conformance.clients.values.invalid_values import InvalidValue, invalid_changes, invalid_values
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import client_check
from partially_conformance.traffic.check_end import NotObservable

_EXAMPLES, _LEAST = 24, 4
"""Responses to each method."""

_MANY, _FEW = 300, 40
"""Responses to all methods together."""

_SPARSE = 5
"""Of the responses already tried with another method of the same schema, every fifth is tried."""


def _methods_with_json(client: Client) -> list[Method]:
    methods = [method for method in client.methods if method.operation.answers_json]
    if not methods:
        raise NotObservable("no operation is answered with JSON")
    return methods


def _json_responses(client: Client) -> Iterator[tuple[Method, int, Schema]]:
    """Return method, status and schema of all JSON responses in the document."""
    for method in _methods_with_json(client):
        for status, schema in method.operation.answers.items():
            if schema is not None:
                yield method, status, schema


_ENCODED = st.sampled_from(("plain", "escaped", "indented", "packed"))


def _json_response(status: int, value: Any, way: str) -> Answer:
    """Return a response with a JSON body, in one of the ways a server may encode it."""
    text = json.dumps(value, ensure_ascii=way == "escaped", indent=2 if way == "indented" else None)
    body = text.encode()
    if way != "packed":
        return Answer(status, (JSON_HEADER,), body)
    return Answer(status, (JSON_HEADER, ("Content-Encoding", "gzip")), gzip.compress(body, mtime=0))


@client_check("CLIENT-8")
def allowed_responses_are_returned_whole(client: Client, fuzz: Fuzz) -> None:
    """Answer with generated responses that the document allows, also with unknown fields."""
    for method, status, schema in _json_responses(client):

        def check_case(case: tuple[Side, Any, str], method: Method = method, status: int = status) -> None:
            side, value, way = case
            result = client.caller.call(
                side, client.call(method), AnswerSequence([_json_response(status, value, way)])
            )
            given = client.returned_value(result, "a response that the document allows to be returned")
            if (found := difference(value, given)) is not None:
                raise client.violation(result, "every field to be returned as it was sent", found)

        values = st.tuples(SIDES, client.answer_values.of(schema), _ENCODED)
        fuzz.each(values, check_case, standard=_EXAMPLES, least=_LEAST)


_MESSAGES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)

_REFUSALS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"message": _MESSAGES},
    optional={"errors": st.lists(_MESSAGES, max_size=2), "code": st.integers(0, 99)},
)


@client_check("CLIENT-9")
def refusals_raise_an_error_with_all_details(client: Client, fuzz: Fuzz) -> None:
    """Answer with statuses other than 2xx: the error has the status, message, errors and body."""

    def check_case(case: tuple[Side, Method, int, dict[str, Any]]) -> None:
        side, method, status, body = case
        content = json.dumps(body, ensure_ascii=False).encode()
        result = client.caller.call(
            side, client.call(method), AnswerSequence([Answer(status, (JSON_HEADER,), content)])
        )
        client.require_end(result, f"an error with status {status}")
        error: Any = result.error
        if error is None:
            raise client.violation(result, f"an error with status {status}", "a value was returned")
        actual = {
            "status_code": getattr(error, "status_code", None),
            "message": getattr(error, "message", None),
            "errors": getattr(error, "errors", None),
            "body": getattr(getattr(error, "response", None), "content", None),
        }
        wanted = {"status_code": status, "message": body["message"], "errors": body.get("errors", [])}
        wanted["body"] = content
        for name, value in wanted.items():
            if actual[name] != value:
                raise client.violation(
                    result, f"an error whose {name} is {_shown(value)}", f"{name} is {_shown(actual[name])}"
                )
        if body["message"] not in str(error):
            raise client.violation(
                result, f"an error whose text contains {body['message']!r}", describe_error(error)
            )

    statuses = st.one_of(
        st.sampled_from((400, 401, 403, 404, 409, 422, 429, 500, 503)), st.integers(300, 599)
    )
    cases = st.tuples(SIDES, st.sampled_from(client.methods), statuses, _REFUSALS)
    fuzz.each(cases, check_case, standard=_MANY // 2, least=_FEW)


@client_check("CLIENT-10")
def every_single_change_of_a_response_is_an_error(client: Client) -> None:
    """Answer with full responses in which one value has another type, is out of range or is missing."""
    seen: set[str] = set()
    for method, status, schema in _json_responses(client):
        changes = invalid_changes(client.description, schema, client.full_answer(method, status))
        known = client.description.key_of(schema) in seen
        seen.add(client.description.key_of(schema))
        for number, wrong in enumerate(changes):
            if known and number % _SPARSE:
                continue  # tried with another method
            side = tuple(Side)[number % 2]
            _must_raise_error(client, side, method, _json_response(status, wrong.value, "plain"), wrong.why)


@client_check("CLIENT-10")
def responses_that_are_not_allowed_are_errors(client: Client, fuzz: Fuzz) -> None:
    """Answer with generated 2xx responses in which one value is not as the document says."""
    for method, status, schema in _json_responses(client):
        if not any(invalid_changes(client.description, schema, client.full_answer(method, status))):
            continue  # the schema allows any value

        def check_case(
            case: tuple[Side, InvalidValue, str], method: Method = method, status: int = status
        ) -> None:
            side, wrong, way = case
            _must_raise_error(client, side, method, _json_response(status, wrong.value, way), wrong.why)

        values = st.tuples(SIDES, invalid_values(client.description, client.answer_values, schema), _ENCODED)
        fuzz.each(values, check_case, standard=_EXAMPLES, least=_LEAST)


@client_check("CLIENT-10")
def responses_that_are_not_json_are_errors(client: Client, fuzz: Fuzz) -> None:
    """Answer with 2xx responses that are cut short, empty, HTML or otherwise not JSON."""

    def check_case(case: tuple[Side, Method, str]) -> None:
        side, method, how = case
        answer = client.success(method.operation)
        body = _UNREADABLE[how](answer.body)
        # A part of a number is a number, and a string in quotes is a string.
        assume(not _allowed(client, method, body))
        unreadable = Answer(answer.status, answer.headers, body)
        _must_raise_error(client, side, method, unreadable, f"its body is {how}")

    cases = st.tuples(
        SIDES, st.sampled_from(_methods_with_json(client)), st.sampled_from(sorted(_UNREADABLE))
    )
    fuzz.each(cases, check_case, standard=_FEW, least=_FEW)


def _shown(value: Any) -> str:
    return repr(value.decode("utf-8", "replace")) if isinstance(value, bytes) else repr(value)


def _must_raise_error(client: Client, side: Side, method: Method, answer: Answer, why: str) -> None:
    result = client.caller.call(side, client.call(method), AnswerSequence([answer]))
    expected = f"an error of the client's own, since the document does not allow the response: {why}"
    client.require_end(result, expected)
    if result.error is None:
        raise client.violation(result, expected, "a value was returned")


def _allowed(client: Client, method: Method, body: bytes) -> bool:
    schema = method.operation.answers[method.operation.status]
    try:
        return client.description.mismatch(schema or {}, json.loads(body)) is None
    except ValueError:
        return False


_UNREADABLE: dict[str, Any] = {
    "cut short": lambda body: body[:-1],
    "empty": lambda _: b"",
    "followed by more": lambda body: body + b" x",
    "a page of HTML": lambda _: b"<html><body>Bad gateway</body></html>",
    "not UTF-8": lambda body: body[:-1] + b', "x": "\xff"' + body[-1:],
    "JSON of JSON": lambda body: json.dumps(body.decode()).encode(),
}

_UNUSUAL_BODIES = (
    b"", b"null", b"[" * 100_000, b'{"a":' * 5_000, b"\xef\xbb\xbf{}", b"NaN", b"-", b"1e999", b"\x00",
    b'{"message": 1e400}', b'{"message": "\\ud800"}', b'{"id": 1, "id": 2}', b"9" * 5_000,
)  # fmt: skip

_NAMES = (
    "Content-Type", "Content-Encoding", "Retry-After", "Location", "Content-Length", "Set-Cookie", "Date",
    "Transfer-Encoding", "Link", "WWW-Authenticate",
)  # fmt: skip

_UNUSUAL_HEADER_VALUES = (
    "", "gzip", "deflate, gzip", "br", "identity", "x", "-1", "0", "1e999", "9" * 40, "nan", "\xff",
    "application/json; charset=utf-99", "text/html", "Wed, 99 Foo 2020 99:99:99 GMT", "http://[", "//",
    "a=b; Expires=x",
    "Fri, 31 Dec 0000 00:00:00 GMT",
)  # fmt: skip

_HEADERS = st.lists(
    st.tuples(
        st.sampled_from(_NAMES),
        st.one_of(
            st.sampled_from(_UNUSUAL_HEADER_VALUES),
            st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=12),
        ),
    ),
    max_size=3,
).map(tuple)

_BODIES: st.SearchStrategy[bytes] = st.one_of(
    st.binary(max_size=40),
    one_of_these(_UNUSUAL_BODIES),
    ANY_JSON.map(lambda value: json.dumps(value).encode()),
    TEXTS.map(str.encode),
)

_STATUSES = st.one_of(st.sampled_from((200, 201, 204, 304, 404, 429, 503)), st.integers(200, 999))

_ANSWERS: st.SearchStrategy[Answer] = st.builds(
    Answer,
    _STATUSES,
    _HEADERS,
    _BODIES,
    st.one_of(st.none(), st.none(), st.sampled_from(tuple(ConnectionFault))),
    st.integers(0, 12),
)


_ENCODINGS = ("gzip", "deflate", "br", "zstd", "gzip, gzip", "unknown")


def _difficult_responses(success: int) -> Iterator[Answer]:
    """Return unusual responses and faults that are known to break clients."""
    for status in (success, 404):
        yield from (Answer(status, (JSON_HEADER,), body) for body in _UNUSUAL_BODIES)
        for encoding in _ENCODINGS:
            yield Answer(status, (JSON_HEADER, ("Content-Encoding", encoding)), b'{"message": "x"}')
        for fault in ConnectionFault:
            yield from (Answer(status, (), b'{"message": "x"}', fault, cut) for cut in (0, 5))
    yield from (Answer(status, (JSON_HEADER,), b"{}") for status in (299, 304, 399, 418, 499, 599, 600, 999))
    yield from (Answer(429, (("Retry-After", value),), b"{}") for value in _UNUSUAL_HEADER_VALUES)
    yield from (Answer(302, (("Location", value),), b"") for value in _UNUSUAL_HEADER_VALUES)


@client_check("CLIENT-11")
def known_difficult_responses_end_in_a_value_or_an_own_error(client: Client) -> None:
    """Answer with unusual responses and faults that are known to break clients."""
    for place, method in enumerate(client.methods):
        for number, answer in enumerate(_difficult_responses(method.operation.status)):
            if place > 1 and (number + place) % _SPARSE:
                continue
            side = tuple(Side)[number % 2]
            result = client.caller.call(side, client.call(method), AnswerSequence([answer]))
            client.require_end(result, "a value or an error of the client's own")
            _must_be_readable(client, result)


@client_check("CLIENT-11")
def arbitrary_responses_end_in_a_value_or_an_own_error(client: Client, fuzz: Fuzz) -> None:
    """Answer with arbitrary bytes, statuses, headers and faults."""

    def check_case(case: tuple[Side, Method, list[Answer]]) -> None:
        side, method, answers = case
        result = client.caller.call(side, client.call(method), AnswerSequence(answers))
        client.require_end(result, "a value or an error of the client's own")
        _must_be_readable(client, result)

    cases = st.tuples(SIDES, st.sampled_from(client.methods), st.lists(_ANSWERS, min_size=1, max_size=3))
    fuzz.each(cases, check_case, standard=_MANY, least=_FEW)


_UNUSUAL_FIELD_VALUES = (
    b"1e999", b"-1e999", b"9" * 5_000, b'"\xff"', b'"\\ud800"', b"[" * 900 + b"]" * 900, b"NaN", b"tru",
    b"-0",
    b'{"a": 1, "a": 2}', b'"\x01"', b"0.1e-999", b'"\\u0000"',
)  # fmt: skip


@client_check("CLIENT-11")
def unknown_fields_with_unusual_values_end_in_a_value_or_an_own_error(client: Client, fuzz: Fuzz) -> None:
    """Answer with an unknown field whose value is unusual JSON, or not JSON."""

    def check_case(case: tuple[Side, Method, bytes]) -> None:
        side, method, value = case
        body = client.success(method.operation).body
        if not body.endswith(b"}"):
            return
        comma = b"" if body == b"{}" else b", "
        answer = Answer(method.operation.status, (JSON_HEADER,), body[:-1] + comma + b'"x": ' + value + b"}")
        result = client.caller.call(side, client.call(method), AnswerSequence([answer]))
        client.require_end(result, "a value or an error of the client's own")
        _must_be_readable(client, result)

    cases = st.tuples(SIDES, st.sampled_from(_methods_with_json(client)), one_of_these(_UNUSUAL_FIELD_VALUES))
    fuzz.each(cases, check_case, standard=_FEW, least=_FEW)


@client_check("CLIENT-11")
def almost_allowed_json_ends_in_a_value_or_an_own_error(client: Client, fuzz: Fuzz) -> None:
    """Answer with JSON that differs from an allowed response in one value."""

    def check_case(case: tuple[Side, Method, Any]) -> None:
        side, method, wrong = case
        answer = _json_response(method.operation.status, wrong, "plain")
        result = client.caller.call(side, client.call(method), AnswerSequence([answer]))
        client.require_end(result, "a value or an error of the client's own")
        _must_be_readable(client, result)

    methods = [
        method
        for method, status, schema in _json_responses(client)
        if any(invalid_changes(client.description, schema, client.full_answer(method, status)))
    ]
    if not methods:
        raise NotObservable("the document allows any value in every response")

    def near(method: Method) -> st.SearchStrategy[tuple[Method, Any]]:
        schema = method.operation.answers[method.operation.status] or {}
        return st.tuples(st.just(method), invalid_values(client.description, client.answer_values, schema))

    cases = st.tuples(SIDES, st.sampled_from(methods).flatmap(near))
    fuzz.each(
        cases.map(lambda case: (case[0], case[1][0], case[1][1].value)),
        check_case,
        standard=_FEW,
        least=_FEW // 2,
    )


def _must_be_readable(client: Client, result: CallResult) -> None:
    """Require that the value or the error of a call can be printed and converted."""
    subject = result.value if result.error is None else result.error
    data: Any = getattr(subject, "data", subject)
    try:
        repr(subject), str(subject)
        if hasattr(data, "to_dict"):
            data.to_dict()
    except Exception as error:
        expected = "a value or an error that can be printed and converted"
        raise client.violation(result, expected, describe_error(error)) from error
