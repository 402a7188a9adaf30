"""Requests, right and wrong, against the document: hand-written cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.clients.requests.sent_request import Aspect, SentRequest
from partially_conformance.clients.requests.validation import RequestValidator, Validation
from partially_conformance.rules.contract import contract
from partially_conformance.traffic.exchange import MISSING
from partially_spec import Document, DocumentError, load

VALIDATOR = RequestValidator(load(), "/api")

ASKING = (("accept", "application/json"),)
LABELLED = (*ASKING, ("content-type", "application/json"))

ID = "53479e98-27a9-49e2-856c-bf47d0796ffc"


def validate(method: str, target: str, body: Any = MISSING, *, headers: Any = None) -> Validation:
    raw = body if isinstance(body, bytes) else b"" if body is MISSING else json.dumps(body).encode()
    headers = (LABELLED if raw else ASKING) if headers is None else headers
    return VALIDATOR.validate(SentRequest(method, target, headers, raw))


def wrong(method: str, target: str, body: Any = MISSING, *, headers: Any = None) -> list[str]:
    return [str(problem) for problem in validate(method, target, body, headers=headers).problems]


def test_the_published_example_of_every_operation_is_described() -> None:
    operations = contract().operations.values()
    assert len(operations) == 8
    for operation in operations:
        target = f"/api{operation.path.replace('{id}', ID)}"
        body = MISSING if operation.example is None else operation.example
        found = validate(operation.method, target, body)
        assert found.operation is not None
        assert (found.operation.id, found.problems) == (operation.id, ())
        assert found.body == body


@pytest.mark.parametrize(
    ("target", "query"),
    [
        ("/api/customer", ()),
        ("/api/customer?", ()),
        ("/api/customer?q=", (("q", ""),)),
        ("/api/customer?q=a+b%26&page=2&per_page=100", (("q", "a b&"), ("page", "2"), ("per_page", "100"))),
        ("/api/customer?q=%C3%A9&&", (("q", "é"),)),
        ("/api/customer?q=a?b/c", (("q", "a?b/c"),)),
        ("http://127.0.0.1:8080/api/customer?q=x", (("q", "x"),)),
    ],
)
def test_queries_that_are_described(target: str, query: Any) -> None:
    found = validate("GET", target)
    assert found.problems == ()
    assert found.query == query


@pytest.mark.parametrize(
    ("segment", "value"),
    [(ID, ID), ("odd", "odd"), ("a%2Fb%3F%23", "a/b?#"), ("%E2%82%AC", "€"), ("a+b", "a+b"), ("...", "...")],
)
def test_an_id_of_any_characters_is_read_as_it_was_meant(segment: str, value: str) -> None:
    found = validate("GET", f"/api/customer/{segment}")
    assert found.problems == ()
    assert found.path_values == {"id": value}


def test_literal_paths_go_before_templates() -> None:
    found = validate("GET", "/api/customer/login_email")
    assert found.operation is None
    assert [str(problem) for problem in found.problems] == [
        "method: expected POST for /api/customer/login_email, observed GET"
    ]
    removal = validate("PUT", f"/api/customer/gdpr_remove/{ID}")
    assert removal.operation is not None
    assert removal.operation.id == "gdprRemoveCustomer"


@pytest.mark.parametrize(
    ("method", "target", "place", "observed"),
    [
        ("GET", "/customer", "path", "/customer (did you mean '/api/customer'?)"),
        ("GET", "/api/customers", "path", "/api/customers (did you mean '/api/customer'?)"),
        ("GET", "/api/customer/", "path", "/api/customer/ (did you mean '/api/customer'?)"),
        ("GET", "//api/customer", "path", "//api/customer (did you mean '/api/customer'?)"),
        ("GET", "/api/Customer", "path", "/api/Customer (did you mean '/api/customer'?)"),
        ("GET", f"/api/customer/{ID}/x", "path", None),
        ("PUT", f"/api/customer/gdpr-remove/{ID}", "path", None),
        ("OPTIONS", "*", "path", "*"),
        ("PATCH", f"/api/customer/{ID}", "method", "PATCH"),
        ("HEAD", "/api/customer", "method", "HEAD"),
        ("get", "/api/customer", "method", "get"),
        ("DELETE", f"/api/customer/gdpr_remove/{ID}", "method", "DELETE"),
        ("GET", "/api/customer/..", "path.id", "'..'"),
        ("GET", "/api/customer/%2E%2e", "path.id", "'..'"),
        ("GET", "/api/customer/%2", "path.id", "a % without two hexadecimal digits in '%2'"),
        ("GET", "/api/customer/%ff", "path.id", "bytes that are not UTF-8 in '%ff'"),
        ("GET", "/api/customer/\xe9", "path.id", "the character 'é', which is not percent-encoded"),
        ("GET", f"/api/customer/{ID}#top", "path.id", "the character '#', which is not percent-encoded"),
        ("GET", "/api/customer?Q=a", "query.Q", None),
        ("GET", "/api/customer?query=a", "query.query", "'query'"),
        ("GET", "/api/customer?perpage=3", "query.perpage", "'perpage' (did you mean 'per_page'?)"),
        ("GET", f"/api/customer/{ID}?page=1", "query.page", "'page'"),
        ("GET", "/api/customer?page=1&page=2", "query.page", "2 values"),
        ("GET", "/api/customer?page=two", "query.page", 'the string "two"'),
        ("GET", "/api/customer?page=", "query.page", 'the string ""'),
        ("GET", "/api/customer?page=1.0", "query.page", 'the string "1.0"'),
        ("GET", "/api/customer?page=0", "query.page", "the integer 0"),
        ("GET", "/api/customer?per_page=101", "query.per_page", "the integer 101"),
        ("GET", "/api/customer?q=%", "query", "a % without two hexadecimal digits in '%'"),
        ("GET", "/api/customer?q=\xe9", "query", "the character 'é', which is not percent-encoded"),
    ],
)
def test_paths_methods_and_queries_that_are_not_described(
    method: str, target: str, place: str, observed: str | None
) -> None:
    (problem,) = validate(method, target).problems
    assert problem.place == place
    assert problem.aspect is not Aspect.LABEL
    assert observed is None or problem.observed == observed


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ["$: expected a JSON body, observed no body"]),
        (b"email=a@b.co", ["$: expected JSON, observed no JSON: Expecting value at line 1, column 1"]),
        (
            b"\xef\xbb\xbf{}",
            ["$: expected JSON, observed no JSON: it begins with a byte order mark"],
        ),
        (
            b'{"email": "\xe9"}',
            ["$: expected JSON, observed no JSON: bytes that are not UTF-8, from byte 11 on"],
        ),
        (b'{"email": NaN}', ["$: expected JSON, observed no JSON: NaN, which is not a JSON number"]),
        ([], ["$: expected an object, observed an array"]),
        (None, ["$: expected an object, observed null"]),
        ("{}", ['$: expected an object, observed the string "{}"']),
        ({}, ["$.email: expected a value: it is required, observed no such field"]),
        ({"email": None}, ["$.email: expected a string, observed null"]),
        ({"email": ""}, ['$.email: expected at least 1 character, observed the string ""']),
        ({"email": "a@b.co", "phone": 5}, ["$.phone: expected a string or null, observed the integer 5"]),
        (
            {"email": "a@b.co", "phone": True},
            ["$.phone: expected a string or null, observed the boolean true"],
        ),
        (
            {"email": "a@b.co", "phone": ["5"]},
            ["$.phone: expected a string or null, observed an array"],
        ),
        (
            b'{"email": "a@b.co", "email": "b@b.co"}',
            ["$.email: expected each name once, observed a name that is repeated in one object"],
        ),
        (
            b'{"email": "a@b.co", "phone": 1e999}',
            ["$.phone: expected a string or null, observed the number 1.7976931348623157e+308"],
        ),
    ],
)
def test_bodies_that_are_not_described(body: Any, said: list[str]) -> None:
    assert wrong("POST", "/api/customer", body) == said


def test_a_field_that_is_not_documented_is_told_with_the_nearest_that_is() -> None:
    body = {"email": "a@b.co", "shipto_contry": "US", "id": ID}
    first, second = validate("POST", "/api/customer", body).problems
    assert first.place == "$.shipto_contry"
    assert first.observed == "'shipto_contry' (did you mean 'shipto_country'?)"
    assert set(first.expected.split(": ")[1].split(", ")) == contract().create_fields.keys()
    assert second.place == "$.id"


def test_formats_are_no_demand() -> None:
    body = {"email": "not an email", "timezone": "Nowhere", "shipto_country": "Utopia", "phone": "none"}
    assert wrong("POST", "/api/customer", body) == []


def test_null_is_described_where_the_document_has_it() -> None:
    nullable = {name: None for name in contract().update_fields if name != "email"}
    assert wrong("PUT", f"/api/customer/{ID}", nullable) == []
    assert wrong("PUT", f"/api/customer/{ID}", {}) == []


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/api/customer"), ("PUT", f"/api/customer/gdpr_remove/{ID}")]
)
def test_no_body_where_none_is_described(method: str, target: str) -> None:
    assert wrong(method, target, {}) == ["$: expected no body, observed 2 bytes"]


def test_a_secret_of_the_wrong_type_is_not_shown() -> None:
    (said,) = wrong("POST", "/api/customer/login_password", {"email": "a@b.co", "password": 4711})
    assert said == "$.password: expected a string, observed an integer"


@pytest.mark.parametrize("depth", [300, 3_000, 100_000])
def test_a_body_that_is_nested_without_end_is_told_and_not_followed(depth: int) -> None:
    body = b'{"email": ' + b"[" * depth + b"]" * depth + b"}"
    assert wrong("POST", "/api/customer", body) == [
        "$: expected JSON, observed a value that is nested too deeply to be parsed"
    ]


def test_an_integer_without_end_is_a_number_of_the_wrong_type() -> None:
    (said,) = wrong("PUT", f"/api/customer/{ID}", b'{"phone": ' + b"9" * 5000 + b"}")
    assert said.startswith("$.phone: expected a string or null, observed the number 1.79")


def test_a_compressed_body_is_not_described() -> None:
    headers = (*LABELLED, ("content-encoding", "gzip"))
    assert wrong("PUT", f"/api/customer/{ID}", b"\x1f\x8b", headers=headers) == [
        "$: expected plain JSON, observed Content-Encoding: gzip"
    ]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (None, "no Content-Type"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("text/json", "text/json"),
        ("application/json; charset=latin-1", "application/json; charset=latin-1"),
        ("application/json;charset=UTF-8", None),
        ("Application/JSON", None),
        ("json", "json"),
    ],
)
def test_labels_of_bodies(label: str | None, said: str | None) -> None:
    headers = (*ASKING, *([("Content-Type", label)] if label else []))
    found = validate("PUT", f"/api/customer/{ID}", {}, headers=headers)
    assert found.undescribed == []
    assert [problem.observed for problem in found.of(Aspect.LABEL)] == ([said] if said else [])


def test_a_label_without_a_body_and_two_labels_are_told() -> None:
    assert wrong("GET", "/api/customer", headers=LABELLED) == [
        "header.Content-Type: expected no Content-Type, since there is no body, observed application/json"
    ]
    twice = (*LABELLED, ("Content-Type", "text/plain"))
    assert wrong("PUT", f"/api/customer/{ID}", {}, headers=twice) == [
        "header.Content-Type: expected application/json, observed application/json, text/plain"
    ]


@pytest.mark.parametrize(
    ("accept", "fine"),
    [
        (["application/json"], True),
        (["application/json, text/plain, */*"], True),
        (["text/html", "application/json;q=0.5"], True),
        (["APPLICATION/JSON; charset=utf-8"], True),
        (["*/*"], False),
        (["application/json;q=0"], False),
        (["text/html"], False),
        ([], False),
    ],
)
def test_json_is_asked_for(accept: list[str], fine: bool) -> None:
    found = validate("GET", "/api/customer", headers=tuple(("Accept", value) for value in accept))
    assert found.undescribed == []
    assert [problem.place for problem in found.problems] == ([] if fine else ["header.Accept"])


def described(paths: dict[str, Any], components: dict[str, Any] | None = None) -> RequestValidator:
    raw = {"info": {"version": "1"}, "paths": paths, "components": components or {}}
    return RequestValidator(Document(raw, Path("test.yaml")))


def test_any_document_will_do() -> None:
    parameters = [
        {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
        {
            "name": "n",
            "in": "query",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "integer"}},
        },
        {"name": "all", "in": "query", "schema": {"type": "boolean"}},
        {"name": "share", "in": "query", "required": True, "schema": {"type": "number", "maximum": 1}},
        {"name": "X-Shop", "in": "header", "required": True, "schema": {"type": "string"}},
    ]
    path = {"name": "n", "in": "path", "required": True, "schema": {"type": "integer"}}
    validator = described({"/things/{n}.json": {"parameters": [path], "get": {"parameters": parameters}}})
    fine = SentRequest(
        "GET", "/things/7.json?tag=a&tag=b&n=1,2&all=true&share=0.5", (*ASKING, ("x-shop", "one"))
    )
    found = validator.validate(fine)
    assert found.problems == ()
    assert found.path_values == {"n": "7"}
    assert found.operation is not None
    assert found.operation.id == "get /things/{n}.json"
    odd = validator.validate(SentRequest("GET", "/things/x.json?n=1,b&all=yes&share=2", ASKING))
    assert {problem.place for problem in odd.problems} == {
        *("path.n", "query.n", "query.all", "query.share", "header.X-Shop"),
    }
    missing = validator.validate(SentRequest("GET", "/things/1.json", (*ASKING, ("X-Shop", "one"))))
    assert [str(one) for one in missing.problems] == [
        "query.share: expected a value: it is required, observed none"
    ]


def test_names_within_objects_and_arrays_are_held_to_the_document_too() -> None:
    inner = {"type": "object", "properties": {"a": {"type": "string"}}}
    schema = {
        "allOf": [{"$ref": "#/components/schemas/Base"}],
        "properties": {
            "many": {"type": "array", "items": inner},
            "free": {"type": "object"},
            "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        },
    }
    body = {"content": {"application/json": {"schema": schema}}}
    validator = described(
        {"/things": {"post": {"operationId": "make", "requestBody": body}}},
        {"schemas": {"Base": {"type": "object", "properties": {"one": inner}}}},
    )
    sent = {
        "one": {"a": "x", "b": "x"},
        "many": [{"a": "x"}, {"c": 1}],
        "free": {"anything": 1},
        "open": {"anything": 1},
    }
    found = validator.validate(SentRequest("POST", "/things", LABELLED, json.dumps(sent).encode()))
    assert [problem.place for problem in found.problems] == ["$.one.b", "$.many[1].c"]


@pytest.mark.parametrize(
    "parameter",
    [
        {"name": "a", "in": "cookie", "schema": {"type": "string"}},
        {"name": "a", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
        {"name": "a", "in": "query", "schema": {"type": "object"}},
        {"name": "a", "in": "query", "content": {"application/json": {}}},
    ],
)
def test_a_parameter_that_cannot_be_checked_is_refused_and_not_passed_over(parameter: Any) -> None:
    with pytest.raises(DocumentError, match=r"parameter 'a': "):
        described({"/things": {"get": {"parameters": [parameter]}}})
