"""Rule ids and needs in the words that every report uses."""

from __future__ import annotations

import pytest

from partially_conformance.rules.catalogue import Need, load_catalogue
from partially_conformance.rules.id_ranges import id_ranges
from partially_conformance.rules.needs import NEED_WORDS, needs_in_words


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ("", ""),
        ("AUTH-1", "AUTH-1"),
        ("AUTH-1 AUTH-2", "AUTH-1, AUTH-2"),
        ("AUTH-1 AUTH-2 AUTH-3", "AUTH-1 to AUTH-3"),
        ("AUTH-9 AUTH-10 AUTH-11 LIST-12", "AUTH-9 to AUTH-11, LIST-12"),
        ("AUTH-1 AUTH-3 AUTH-2 AUTH-1", "AUTH-1, AUTH-3, AUTH-2, AUTH-1"),
    ],
)
def test_consecutive_ids_are_a_range(ids: str, text: str) -> None:
    assert id_ranges(ids.split()) == text


def test_a_limit_says_how_many_rules_are_left_out() -> None:
    ids = ["AUTH-1", "AUTH-2", "AUTH-3", "LIST-1", "READ-1", "READ-2", "READ-3"]
    assert id_ranges(ids, limit=1) == "AUTH-1 to AUTH-3 and 4 more rules"
    assert id_ranges(ids, limit=2) == "AUTH-1 to AUTH-3, LIST-1 and 3 more rules"
    assert id_ranges(ids, limit=3) == "AUTH-1 to AUTH-3, LIST-1, READ-1 to READ-3"
    assert id_ranges(["AUTH-1", "LIST-1"], limit=1) == "AUTH-1 and 1 more rule"


def test_the_ids_of_the_whole_catalogue_fit_in_three_lines() -> None:
    assert len(id_ranges(rule.id for rule in load_catalogue().rules)) < 300


def test_every_need_has_words() -> None:
    assert set(NEED_WORDS) == set(Need)
    assert needs_in_words({Need.CLOCK, Need.PASSWORD}) == (
        "needs a harness that sets passwords, and a harness that moves the clock"
    )
