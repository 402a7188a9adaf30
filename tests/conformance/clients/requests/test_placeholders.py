"""Placeholders in a path are told apart from ids."""

from __future__ import annotations

import pytest

from partially_conformance.clients.requests.placeholders import placeholder_problems


@pytest.mark.parametrize(
    "value",
    ["{id}", "{customerId}", "{}", ":id", ":customer_id", "undefined", "null", "None", "nil", "NaN", "<id>",
     "[object Object]"],
)  # fmt: skip
def test_a_placeholder_is_told(value: str) -> None:
    (problem,) = placeholder_problems({"id": value})
    assert (problem.place, problem.observed) == ("path.id", f"the placeholder {value!r}")


@pytest.mark.parametrize(
    "value",
    ["53479e98-27a9-49e2-856c-bf47d0796ffc", "17", "cus_null", "nullable", "undefined1", "a:id", ":1", "id",
     "nanette"],
)  # fmt: skip
def test_an_id_of_any_form_is_none(value: str) -> None:
    assert list(placeholder_problems({"id": value})) == []
