"""Generated ids have the form of the ids of the target and belong to no customer."""

from __future__ import annotations

import random
import re

import pytest

from partially_conformance.target.ids import is_random, may_be_an_id, unknown_id

FORMS = {
    "53479e98-27a9-49e2-856c-bf47d0796ffc": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "53479E98-27A9-49E2-856C-BF47D0796FFC": r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}",
    "1": r"\d{10}",
    "104302": r"\d{10}",
    "716905531418411008": r"71690553\d{10}",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV": r"01ARZ3NDEKTSV[0-9A-HJKMNP-TV-Z]{13}",
    "507f1f77bcf86cd799439011": r"507f1f77bcf8[0-9a-f]{12}",
    "cus_4f3a9b2c1d0e8f7a6b5c": r"cus_[0-9a-f]{20}",
    "k3_d8F-2": r"[\w-]{8}",
}
"""An id, and the form of other ids of the same target."""


@pytest.mark.parametrize("known", FORMS)
def test_an_unknown_id_has_the_form_of_a_known_one(known: str) -> None:
    chance = random.Random(0)
    made = {unknown_id(known, chance) for _ in range(20)}
    assert known not in made
    assert all(re.fullmatch(FORMS[known], one, re.ASCII) for one in made), made


def test_an_unknown_number_is_far_from_counted_ones_and_fits_four_bytes() -> None:
    chance = random.Random(0)
    assert all(10**9 < int(unknown_id("17", chance)) < 2**31 for _ in range(100))


def test_an_unknown_id_is_a_uuid_if_no_other_id_of_the_form_exists() -> None:
    assert is_random(unknown_id(None, random.Random(0)))
    assert is_random(unknown_id("aaaa", random.Random(0)))


@pytest.mark.parametrize(
    ("known", "text", "may_be"),
    [
        ("1043", "104", True),
        ("1043", "0", True),
        ("1043", "1043x", False),
        ("1043", "-1", False),
        ("k3d8f2a1", "abc", True),
        ("k3d8f2a1", "' OR '1'='1", False),
        ("53479e98-27a9-49e2-856c-bf47d0796ffc", "abc", False),
        ("53479e98-27a9-49e2-856c-bf47d0796ffc", "53479e98-27a9-49e2-856c-bf47d0796ff", False),
    ],
)
def test_which_texts_may_be_the_id_of_another_customer(known: str, text: str, may_be: bool) -> None:
    assert may_be_an_id(text, known) is may_be


@pytest.mark.parametrize(
    "counted", ["01890a5d-ac96-774b-bcce-b302099a8057", "507f1f77bcf86cd799439011", "1043"]
)
def test_counted_ids_are_not_random(counted: str) -> None:
    assert not is_random(counted)
