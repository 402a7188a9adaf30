"""What an error tells: one line for a log, and everything in its attributes."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import httpx2
import pytest
from tests.client.conftest import Caller

import partially_client as pc


def refused(call: Caller, **answer: Any) -> pc.APIError:
    with pytest.raises(pc.APIError) as raised:
        call(lambda _: httpx2.Response(400, **answer), "get", "a")
    return raised.value


def test_the_text_is_one_line_of_printable_characters(call: Caller) -> None:
    error = refused(call, json={"message": "a\nb\r\n\x1b[31mred\u2028\0", "errors": ["c\td"]})
    assert str(error) == "400: a b [31mred (c d)"
    assert repr(error) == "BadRequestError('400: a b [31mred (c d)')"
    assert error.message == "a\nb\r\n\x1b[31mred\u2028\0"


def test_the_text_has_an_end(call: Caller) -> None:
    error = refused(call, json={"message": "x" * 100_000, "errors": ["y" * 100_000] * 9})
    assert len(str(error)) < 1100
    assert len(error.message) == 100_000


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"json": {"message": "m", "code": 7}}, {"message": "m", "code": 7}),
        ({"json": [1]}, [1]),
        ({"content": b"<html>"}, "<html>"),
        ({"content": b""}, ""),
        ({"content": b'{"x":' * 30_000}, '{"x":' * 30_000),
    ],
)
def test_the_body_is_decoded(call: Caller, answer: dict[str, Any], body: object) -> None:
    assert refused(call, **answer).body == body


def test_errors_keep_what_is_no_text(call: Caller) -> None:
    problems = [{"field": "email", "message": "taken"}, "short", 7, None]
    error = refused(call, json={"errors": problems})
    assert error.errors == problems
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (twin.errors, twin.body, str(twin)) == (problems, error.body, str(error))


@pytest.mark.parametrize("name", ["X-Request-Id", "request-id", "X-Correlation-Id", "x-amzn-RequestId"])
def test_the_id_of_a_request(call: Caller, name: str) -> None:
    assert refused(call, headers={name: "r-7"}).request_id == "r-7"
    assert refused(call).request_id is None


def test_the_id_of_a_request_whose_body_does_not_fit(call: Caller) -> None:
    with pytest.raises(pc.ResponseValidationError) as raised:
        call(lambda _: httpx2.Response(200, json=[], headers={"x-request-id": "r-8"}), "get", "a")
    assert raised.value.request_id == "r-8"
    assert pc.APITimeoutError("m").request_id is None


def test_half_a_character_in_an_unknown_field_does_not_lose_the_page(call: Caller, page: Any) -> None:
    text = httpx2.Response(200, json=page(1, ["a", "b"], 1)).content
    text = text.replace(b'"phone":null', rb'"more":"\\ud800 \ud83d\ude00 \udc00","phone":null')
    found = call(lambda _: httpx2.Response(200, content=text), "list")
    assert [one.id for one in found.data.customers] == ["a", "b"]
    assert found.data.customers[0].extra == {"more": "\\ud800 \U0001f600 \udc00"}
