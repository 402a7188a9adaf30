"""Generated values: the same for the same scope, and nothing that a target may take for a code."""

from __future__ import annotations

import re

from partially_conformance.bench.data import _PLACES, LANGUAGES, LETTERS, Data
from partially_conformance.rules.contract import contract

CONTRACT = contract()


def data(tag: str = "qxvwzkpb", seed: int = 0) -> Data:
    return Data(CONTRACT, seed=seed, tag=tag, domain="example.com")


def some(values: Data) -> list[object]:
    return [
        values.word(),
        values.email(),
        values.password(),
        values.fields(),
        values.uuid(),
        values.unknown_id(),
    ]


def test_a_scope_has_the_same_values_whatever_came_before() -> None:
    one, other = data(), data()
    other.begin("something else")
    some(other)
    one.begin("CREATE-1/check/1")
    other.begin("CREATE-1/check/1")
    assert some(one) == some(other)


def test_scopes_and_seeds_have_different_values() -> None:
    values = [data(), data(), data(seed=1)]
    for one, scope in zip(values, ("a", "b", "a"), strict=True):
        one.begin(scope)
    assert len({str(some(one)) for one in values}) == 3


def test_two_scopes_never_share_an_email() -> None:
    values, emails = data(), []
    for scope in ("CREATE-1/check/1", "CREATE-1/check/2", "CREATE-2/check/1"):
        values.begin(scope)
        emails += [values.email("same"), values.email("same")]
    assert len(set(emails)) == len(emails)


def test_a_scope_aside_leaves_the_other_as_it_was() -> None:
    one, other = data(), data()
    for values in (one, other):
        values.begin("READ-1/check/1")
    with one.aside("login token"):
        some(one)
    assert some(one) == some(other)
    assert one.scope == "READ-1/check/1"


def test_the_form_of_ids_changes_no_other_value() -> None:
    one, other = data(), data()
    one.note_id_form("4711")
    other.note_id_form("cus_0a1b2c3d4e5f6071829304")
    assert (one.unknown_id() == other.unknown_id(), one.word() == other.word()) == (False, True)


def test_another_tag_has_the_same_values_in_other_letters() -> None:
    one, other = data(), data("aaaaaaaa")
    left, right = ("".join(values.word().lower() for _ in range(50)) for values in (one, other))
    pairs = set(zip(left, right, strict=True))
    assert left != right
    assert len(pairs) == len(set(left)) == len(set(right)) == len(LETTERS)
    assert re.sub("[a-z]", "", one.password().lower()) == re.sub("[a-z]", "", other.password().lower())


def test_no_code_consists_of_the_letters_of_words() -> None:
    codes = {*LANGUAGES, *(code for place in _PLACES for code in place[:2])}
    codes |= {str(one) for one in CONTRACT.defaults.values()}
    assert [code for code in codes if set(code.lower()) <= set(LETTERS)] == []
