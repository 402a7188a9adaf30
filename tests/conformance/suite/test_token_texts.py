"""Changing tokens, generating similar ones, and finding patterns in them."""

from __future__ import annotations

import random

import pytest

from partially_conformance.suite.servers.token.texts import (
    rise_by_small_steps,
    similar_token,
    with_one_change,
)

TOKENS = (
    "482193",
    "N5E9gL",
    "K7QD-93XZ",
    "blue-otter-sings",
    "3e7a2c19-6b1f-4a2e-9c57-8d1e0f3a4b11",
    "O0Il1",
)


@pytest.mark.parametrize("token", TOKENS)
def test_a_changed_token_differs_in_one_letter_or_digit_of_the_same_kind(token: str) -> None:
    for place in range(len(token)):
        other = with_one_change(token, place)
        differing = [(old, new) for old, new in zip(token, other, strict=True) if old != new]
        assert len(differing) == 1
        old, new = differing[0]
        assert (old.isdigit(), old.isupper()) == (new.isdigit(), new.isupper())
        assert old.lower() != new.lower()


def test_a_similar_token_has_the_characters_of_issued_tokens() -> None:
    known = ["K7QD-93XZ", "M2WE-11QP", "ZZ9T-40VB"]
    generated = {similar_token(known, random.Random(seed)) for seed in range(50)}
    assert len(generated) > 40
    for token in generated:
        assert token[4] == "-"
        assert set(token) <= set("".join(known))
        assert [one.isdigit() for one in token] == [one.isdigit() for one in known[-1]]


def test_no_issued_token_is_generated() -> None:
    sent = {f"{number:04}" for number in range(10_000)} - {"3141", "2718"}
    assert with_one_change("3141", 0) in sent
    assert with_one_change("2714", 3, sent) == "2718"
    known = ["1234", "5678", "3148"]
    generated = {similar_token(known, random.Random(seed), {"3141"}) for seed in range(300)}
    assert not generated & {"3141", "1234", "5678", "3148"}


@pytest.mark.parametrize(
    ("tokens", "predictable"),
    [
        (["100001", "100002", "100005"], True),
        (["1790000000123", "1790000000450", "1790000001200"], True),
        (["00000a", "00000b", "00000c"], True),
        (["482193", "093755", "553001"], False),
        (["N5E9gL", "q7RtB2", "Zw81Kd"], False),
        (["01J9ZK3B6Y8D4W7QXN5T2M0RCA", "01J9ZK3B6ZQ1V8H3JE6P9S4FKT", "01J9ZK3B70A5C2N7GXW1Y8MRDB"], False),
    ],
)
def test_only_counters_and_times_rise_by_small_steps(tokens: list[str], predictable: bool) -> None:
    assert rise_by_small_steps(tokens) is predictable
