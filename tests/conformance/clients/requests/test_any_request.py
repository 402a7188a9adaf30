"""Made-up requests: what the document allows has no problem, and nothing whatever is too odd to be read."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from partially_conformance.clients.requests.keys import key_problems, places_with_key
from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.clients.requests.validation import RequestValidator
from partially_conformance.rules.contract import contract
from partially_spec import load

VALIDATOR = RequestValidator(load(), "/api")
OPERATIONS = VALIDATOR.operations
KEY = "kEy-0123456789"

LABELS = (("Accept", "application/json"), ("Content-Type", "application/json"))

TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
IDS = TEXTS.filter(lambda text: text not in ("", ".", ".."))
LATIN = st.text(st.characters(max_codepoint=255))


def fields_of(operation: str) -> dict[str, dict[str, Any]]:
    """The fields of a body by their names, in the document's own words."""
    described = next(one for one in OPERATIONS if one.id == operation)
    return load().fields(described.body_schema)


def bodies(operation: str) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies the document allows, with texts of any characters."""
    fields = fields_of(operation)
    values = {
        name: TEXTS.filter(bool) if field["type"] == "string" else st.none() | TEXTS
        for name, field in fields.items()
    }
    needed = contract().operations[operation].example or {}
    required = [name for name in fields if operation != "updateCustomer" and name in needed]
    if operation == "createCustomer":
        required = ["email"]
    return st.fixed_dictionaries(
        {name: values[name] for name in required},
        optional={name: value for name, value in values.items() if name not in required},
    )


@st.composite
def allowed(draw: st.DrawFn) -> tuple[str, SentRequest, str, Any]:
    """A request the document allows: its operation, the request, the id in it and its body."""
    operation = draw(st.sampled_from(OPERATIONS))
    customer = draw(IDS)
    target = "/api" + operation.path.replace("{id}", quote(customer, safe=""))
    if operation.id == "listCustomers":
        query = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "q": TEXTS,
                    "page": st.integers(1, 10**6),
                    "per_page": st.integers(1, 100),
                },
            )
        )
        target += draw(st.sampled_from(["?", "?&"])) + urlencode(query, quote_via=draw(QUOTING))
    body = draw(bodies(operation.id)) if operation.body is not None else None
    ascii_only = draw(st.booleans())
    raw = b"" if body is None else json.dumps(body, ensure_ascii=ascii_only).encode()
    headers = LABELS[: 1 if body is None else 2]
    return operation.id, SentRequest(operation.method, target, headers, raw), customer, body


def _plus(text: str, safe: str = "", encoding: str | None = None, errors: str | None = None) -> str:
    return quote(text, safe, encoding, errors).replace("%20", "+")


QUOTING = st.sampled_from([quote, _plus])


@settings(max_examples=60, deadline=None)
@given(allowed())
def test_what_the_document_allows_has_no_problem(made: Any) -> None:
    operation, sent, customer, body = made
    found = VALIDATOR.validate(sent)
    assert found.problems == ()
    assert found.operation is not None
    assert found.operation.id == operation
    assert found.path_values == ({"id": customer} if "{id}" in found.operation.path else {})
    if body is not None:
        assert found.body == body


@settings(max_examples=60, deadline=None)
@given(allowed(), st.data())
def test_one_change_for_the_worse_is_one_problem(made: Any, data: st.DataObject) -> None:
    operation, sent, _, body = made
    if body is None:
        worse = SentRequest(sent.method, sent.target, LABELS, b"{}")
        place = "$"
    else:
        name = data.draw(st.sampled_from(sorted(fields_of(operation))))
        wrong = data.draw(st.integers() | st.booleans() | st.lists(st.integers()) | st.just({}))
        body = {**body, name: wrong}
        worse = SentRequest(sent.method, sent.target, LABELS, json.dumps(body).encode())
        place = f"$.{name}"
    assert [problem.place for problem in VALIDATOR.validate(worse).problems] == [place]


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["GET", "PUT", "POST", "HEAD"]) | LATIN,
    st.sampled_from(["", "/api/customer", "/api/customer/", "/api/customer/gdpr_remove/"]),
    LATIN,
    st.lists(st.tuples(st.sampled_from(["Accept", "Content-Type", "Authorization", "Cookie"]), LATIN)),
    st.binary() | st.recursive(st.none() | st.floats() | TEXTS, st.lists).map(json.dumps).map(str.encode),
)
def test_nothing_is_too_odd_to_be_read(
    method: str, beginning: str, rest: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    sent = SentRequest(method, beginning + rest, tuple(headers), body)
    found = VALIDATOR.validate(sent)
    assert (found.operation is None) <= bool(found.undescribed)
    for problem in (*found.problems, *key_problems(sent, KEY)):
        assert problem.place
        assert problem.expected
        assert problem.observed
    assert places_with_key(sent, KEY) == []


@settings(max_examples=40, deadline=None)
@given(allowed(), st.sampled_from(["path", "query", "header", "body"]), TEXTS, TEXTS)
def test_a_key_is_found_wherever_it_is(made: Any, where: str, before: str, after: str) -> None:
    _, sent, _, _ = made
    text = before + KEY + after
    encoded = quote(text, safe="")
    target, headers, body = sent.target, sent.headers, sent.body
    if where == "path":
        target = re.sub(r"\??&?$", f"/{encoded}", sent.path)
    elif where == "query":
        target = f"{sent.path}?x={encoded}"
    elif where == "header":
        headers = (*headers, ("X-Other", encoded))
    else:
        body = json.dumps({"x": text}).encode()
    (place,) = places_with_key(SentRequest(sent.method, target, headers, body), KEY)
    assert place.startswith(where)
