"""Where a request carries its key."""

from __future__ import annotations

import base64

import pytest

from partially_conformance.clients.requests.keys import key_problems, places_with_key
from partially_conformance.clients.requests.sent_request import SentRequest

KEY = "k3y+with/odd=signs&more"
BEARER = ("Authorization", f"Bearer {KEY}")


def sent(*headers: tuple[str, str], target: str = "/api/customer", body: bytes = b"") -> SentRequest:
    return SentRequest("GET", target, headers, body)


@pytest.mark.parametrize(
    "header", [BEARER, ("authorization", f"bearer {KEY}"), ("Authorization", f"Bearer  {KEY} ")]
)
def test_a_bearer_token_is_what_is_wanted(header: tuple[str, str]) -> None:
    assert key_problems(sent(header, ("Accept", "application/json")), KEY) == []
    assert places_with_key(sent(header), KEY) == ["header.Authorization"]


@pytest.mark.parametrize(
    ("headers", "observed"),
    [
        ((), "no such header"),
        ((BEARER, BEARER), "2 such headers"),
        ((("Authorization", KEY),), "the key without Bearer before it"),
        ((("Authorization", "Bearer other"),), "Bearer and another key"),
        ((("Authorization", f"Bearer {KEY[:-1]}"),), "Bearer and another key"),
        ((("Authorization", "Bearer"),), "Bearer and no key"),
        ((("Authorization", f"Token {KEY}"),), "the scheme Token"),
        ((("Authorization", "other"),), "another value"),
    ],
)
def test_anything_else_is_told_without_a_key(headers: tuple[tuple[str, str], ...], observed: str) -> None:
    (problem,) = key_problems(sent(*headers), KEY)
    assert (problem.place, problem.observed) == ("header.Authorization", observed)
    assert KEY not in str(problem)


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        (sent(BEARER, target="/api/customer?key=k3y%2Bwith/odd%3Dsigns%26more"), "query.key"),
        (sent(BEARER, target="/api/k3y+with%2Fodd=signs&more/customer"), "path"),
        (sent(BEARER, ("X-Api-Key", KEY)), "header.X-Api-Key"),
        (sent(BEARER, ("Cookie", f"a=b; key={KEY}")), "header.Cookie"),
        (sent(BEARER, ("X-Basic", base64.b64encode(f":{KEY}".encode()).decode())), "header.X-Basic"),
        (sent(BEARER, body=f'{{"key": "{KEY}"}}'.encode()), "body"),
        (sent(BEARER, body=b"key=k3y%2Bwith%2Fodd%3Dsigns%26more"), "body"),
    ],
)
def test_the_key_anywhere_else_is_told(request_: SentRequest, place: str) -> None:
    (problem,) = key_problems(request_, KEY)
    assert problem.place == place
    assert KEY not in str(problem)
    assert places_with_key(request_, KEY) == ["header.Authorization", place]


def test_a_key_within_a_basic_authorization_is_carried_all_the_same() -> None:
    request = sent(("Authorization", "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()))
    assert places_with_key(request, KEY) == ["header.Authorization"]
    assert [problem.observed for problem in key_problems(request, KEY)] == ["the scheme Basic"]


def test_what_carries_no_key_is_not_said_to() -> None:
    assert places_with_key(sent(("Authorization", "Bearer other"), body=b"\xff\x00"), KEY) == []
