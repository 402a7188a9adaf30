"""The marks against what the schemas mean: values that one allows and the other does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import jsonschema_rs
from hypothesis import strategies as st

from partially_generator.diff.changes.findings import Change
from partially_generator.diff.changes.rules import Level
from partially_generator.diff.comparing.documents import changes_between
from partially_spec import Document

Json = dict[str, Any]

WORDS = ("a", "b", "ab", "abc", "")

TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 3),
        "enum": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True),
        "pattern": st.sampled_from(("^a", "b$")),
    },
)
NUMBERS = st.fixed_dictionaries(
    {"type": st.sampled_from(("integer", "number"))},
    optional={
        "minimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 3),
        "multipleOf": st.sampled_from((1, 2, 3)),
    },
)


def or_null(schema: Json) -> Json:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def larger_step(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    named = st.dictionaries(st.sampled_from(("a", "b")), inner, max_size=2)
    objects = st.builds(
        lambda properties, required, more: {
            "type": "object",
            "properties": properties,
            "required": sorted(required & properties.keys()),
            **more,
        },
        named,
        st.frozensets(st.sampled_from(("a", "b"))),
        st.sampled_from(({}, {"additionalProperties": False}, {"additionalProperties": {"type": "string"}})),
    )
    lists = st.builds(
        lambda items, more: {"type": "array", "items": items, **more},
        inner,
        st.sampled_from(({}, {"maxItems": 1}, {"minItems": 1}, {"uniqueItems": True})),
    )
    parts = st.builds(lambda one, two: {"allOf": [one, two]}, inner, inner)
    either = st.builds(lambda members: {"anyOf": members}, st.lists(inner, min_size=2, max_size=3))
    return objects | lists | parts | either | inner.map(or_null)


SCHEMAS = st.recursive(TEXTS | NUMBERS | st.just({"type": "boolean"}), larger_step, max_leaves=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 4) | st.just(1.5) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(("a", "b", "c")), inner, max_size=2)
    ),
    max_leaves=4,
)


DETERMINED = hypothesis.settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)


def compare(old: Json, new: Json, *, sent: bool) -> tuple[Change, ...]:
    def document(schema: Json) -> Document:
        content = {"content": {"application/json": {"schema": schema}}}
        operation: Json = {"responses": {"200": {"description": "Done"}}}
        if sent:
            operation["requestBody"] = content
        else:
            operation["responses"]["200"] |= content
        info = {"title": "Things", "version": "1"}
        raw = {"openapi": "3.1.0", "info": info, "paths": {"/things": {"post": operation}}}
        return Document(raw, Path("spec.yaml"))

    return changes_between(document(old), document(new))


def known_properties(schema: Any) -> set[str]:
    """The names of properties anywhere in a schema."""
    if isinstance(schema, dict):
        own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
        return own.union(*map(known_properties, schema.values()))
    return set().union(*map(known_properties, schema)) if isinstance(schema, list) else set()


def names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


@hypothesis.settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)
@hypothesis.given(SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=1, max_size=30))
def test_a_value_that_is_no_longer_allowed_is_never_called_safe(
    old: Json, new: Json, values: list[Any]
) -> None:
    """Sent, it would be refused now; the other way round, it can come now and could not before.

    Values with properties that the stricter side does not know are left out: an open object allows them in
    theory, and nobody counts on it.
    """
    allowed, strict = jsonschema_rs.validator_for(old), jsonschema_rs.validator_for(new)
    lost = [
        value
        for value in values
        if allowed.is_valid(value) and not strict.is_valid(value) and names(value) <= known_properties(old)
    ]
    hypothesis.assume(lost)
    for changes, side in (
        (compare(old, new, sent=True), "callers"),
        (compare(old, new, sent=False), "servers"),
        (compare(new, old, sent=False), "callers"),
        (compare(new, old, sent=True), "servers"),
    ):
        grave = [change for change in changes if getattr(change.rule, side) is not Level.SAFE]
        assert grave, (lost, [change.text for change in changes])


@hypothesis.settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)
@hypothesis.given(SCHEMAS)
def test_a_schema_is_the_same_as_itself_in_another_dress(schema: Json) -> None:
    for dressed in ({"allOf": [schema]}, {"anyOf": [schema]}, {"allOf": [{}, schema, schema]}):
        assert compare(schema, dressed, sent=True) == ()
        assert compare(dressed, schema, sent=False) == ()
