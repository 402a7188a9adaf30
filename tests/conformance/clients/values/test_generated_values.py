"""Made-up values are what they are said to be, and what comes back is compared for what it means."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partially_conformance.clients.values.comparison import difference
from partially_conformance.clients.values.description import Description
from partially_conformance.clients.values.generated_values import ValueStrategies
from partially_conformance.clients.values.invalid_values import invalid_changes, invalid_values
from partially_conformance.clients.values.plain_values import plain_value
from partially_spec import Document, load

DESCRIPTION = Description(load())
MANY = settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))

SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "minLength": 2, "maxLength": 4},
    "pattern": {"type": "string", "pattern": "^[a-c]{2,3}$"},
    "moment": {"type": "string", "format": "date-time"},
    "whole": {"type": "integer", "minimum": 3, "exclusiveMaximum": 9, "multipleOf": 2},
    "number": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "list": {
        "type": "array",
        "items": {"type": "boolean"},
        "minItems": 1,
        "maxItems": 2,
        "uniqueItems": True,
    },
    "free": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1},
    "closed": {"type": "object", "properties": {"a": {"const": 1}}, "additionalProperties": False},
    "either": {
        "oneOf": [{"type": "integer"}, {"type": "object", "required": ["a"], "properties": {"a": {}}}]
    },
    "customer": {"$ref": "#/components/schemas/Customer"},
    "page": {"$ref": "#/components/schemas/CustomerPage"},
}


@pytest.mark.parametrize("name", SCHEMAS)
@given(data=st.data())
@MANY
def test_values_are_allowed_and_changed_ones_are_not(name: str, data: st.DataObject) -> None:
    schema, values = SCHEMAS[name], ValueStrategies(DESCRIPTION, extra=True)
    value = data.draw(values.of(schema))
    assert DESCRIPTION.mismatch(schema, value, formats=True) is None
    wrong = data.draw(invalid_values(DESCRIPTION, values, schema))
    assert DESCRIPTION.mismatch(schema, wrong.value) == wrong.why


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("full", [False, True])
def test_plain_values_are_allowed_and_the_same_each_time(name: str, full: bool) -> None:
    value = plain_value(DESCRIPTION, SCHEMAS[name], full=full)
    assert DESCRIPTION.mismatch(SCHEMAS[name], value, formats=True) is None
    assert value == plain_value(DESCRIPTION, SCHEMAS[name], full=full)


def test_every_required_field_is_left_out_once_and_every_type_is_changed() -> None:
    schema = SCHEMAS["customer"]
    value = plain_value(DESCRIPTION, schema, full=True)
    wrong = [one.value for one in invalid_changes(DESCRIPTION, schema, value)]
    fields = DESCRIPTION.flat(schema)
    assert all(
        {key: one for key, one in value.items() if key != name} in wrong for name in fields["required"]
    )
    alike = [one for one in wrong if isinstance(one, dict) and one.keys() == value.keys()]
    changed = {name for one in alike for name in one if one[name] != value[name]}
    assert changed == set(fields["properties"])


def read(schema: dict[str, Any], version: str = "3.0.3") -> Description:
    raw = {"openapi": version, "info": {"title": "x", "version": "1"}, "paths": {}}
    return Description(Document({**raw, "components": {"schemas": {"Thing": schema}}}, Path("x.yaml")))


@pytest.mark.parametrize(
    ("schema", "allowed", "refused"),
    [
        ({"type": "string", "nullable": True}, [None, "a"], [1]),
        ({"type": "string", "nullable": True, "enum": ["a"]}, [None, "a"], ["b"]),
        ({"allOf": [{"type": "object"}], "nullable": True}, [None, {}], ["a"]),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, [2], [1, None]),
        ({"type": "integer", "maximum": 1, "exclusiveMaximum": False}, [1], [2]),
    ],
    ids=["type", "enum", "parts", "above", "up to"],
)
def test_openapi_3_0_is_read_as_it_is_meant(schema: dict[str, Any], allowed: Any, refused: Any) -> None:
    description = read(schema)
    reference = {"$ref": "#/components/schemas/Thing"}
    assert [description.mismatch(reference, value) for value in allowed] == [None] * len(allowed)
    assert None not in [description.mismatch(reference, value) for value in refused]


MOMENT = dt.datetime(2018, 11, 27, 20, 10, 19)  # noqa: DTZ001 - as the API sends it


@pytest.mark.parametrize(
    ("sent", "given_back"),
    [
        ("2018-11-27T20:10:19.000", MOMENT),
        ("2018-11-27T20:10:19.000000", "2018-11-27T20:10:19"),
        ("2018-11-27T20:10:19Z", MOMENT.replace(tzinfo=dt.UTC)),
        ("2018-11-27", dt.date(2018, 11, 27)),
        ("53479E98-27a9-49e2-856c-bf47d0796ffc", uuid.UUID("53479e98-27a9-49e2-856c-bf47d0796ffc")),
        (1, 1.0),
        (1.5, decimal.Decimal("1.5")),
        ("eA==", b"x"),
        ({"a": [1, None]}, {"a": [1, None]}),
    ],
)
def test_a_value_may_come_back_as_what_it_stands_for(sent: Any, given_back: Any) -> None:
    assert difference(sent, given_back) is None


@pytest.mark.parametrize(
    ("sent", "given_back", "place"),
    [
        ("2018-11-27T20:10:19", MOMENT.replace(tzinfo=dt.UTC), "$ is"),
        ("2018-11-27T20:10:19Z", MOMENT, "$ is"),
        ("2018-11-27T20:10:19.5", MOMENT, "$ is"),
        (True, 1, "$ is 1"),
        (1, True, "$ is True"),
        ("1", 1, "$ is 1"),
        (0, None, "$ is None"),
        ("", None, "$ is None"),
        ({"a": 1}, {}, "$.a is missing"),
        ({}, {"a": 1}, "$.a is 1"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "$.a[0].b is 2, expected 1"),
        ([1], [1, 2], "$ is [1, 2]"),
    ],
)
def test_what_differs_is_told_with_its_place(sent: Any, given_back: Any, place: str) -> None:
    assert (difference(sent, given_back) or "").startswith(place)
