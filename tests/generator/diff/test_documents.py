"""Whole documents: what is no change, that no change is overlooked, and that each is told at its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import partially_spec
from partially_generator.diff.changes.findings import Change
from partially_generator.diff.comparing.documents import changes_between
from partially_generator.reading.document import read_document
from partially_spec import Document

Json = dict[str, Any]
Compare = Callable[[Json, Json], tuple[Change, ...]]

SPEC: Json = partially_spec.read_yaml(partially_spec.OPENAPI)


@pytest.fixture
def spec() -> Json:
    return copy.deepcopy(SPEC)


def backwards(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: backwards(node[key]) for key in reversed(node)}
    return [backwards(item) for item in node] if isinstance(node, list) else node


def inlined(node: Any, root: Json) -> Any:
    """The node with every reference replaced by what it refers to."""
    if isinstance(node, dict):
        if "$ref" in node:
            target: Any = root
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return inlined(target, root)
        return {key: inlined(value, root) for key, value in node.items()}
    return [inlined(item, root) for item in node] if isinstance(node, list) else node


def test_the_same_document_has_not_changed(spec: Json, compare: Compare) -> None:
    assert compare(SPEC, spec) == ()


def test_the_order_of_keys_is_no_change(spec: Json, compare: Compare) -> None:
    assert compare(SPEC, backwards(spec)) == ()


def test_references_are_no_change(spec: Json, compare: Compare) -> None:
    components = {"securitySchemes": spec["components"]["securitySchemes"]}
    written_out = {**inlined(spec, spec), "components": components}
    assert "$ref" not in json.dumps(written_out)
    assert compare(SPEC, written_out) == ()
    assert compare(written_out, SPEC) == ()


def test_other_names_of_components_are_no_change(compare: Compare) -> None:
    text = json.dumps(SPEC)
    names = (
        ("schemas", "Customer"),
        ("examples", "Customer"),
        ("schemas", "Message"),
        ("parameters", "CustomerId"),
    )
    for kind, old in names:
        text = text.replace(f'"{old}": {{', f'"Other{old}": {{').replace(
            f'"#/components/{kind}/{old}"', f'"#/components/{kind}/Other{old}"'
        )
    renamed = json.loads(text.replace('"bearerAuth"', '"key"'))
    assert renamed != SPEC
    assert compare(SPEC, renamed) == ()


@pytest.mark.parametrize(
    ("three_zero", "three_one"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        (
            {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 1},
        ),
        ({"type": "string", "example": "a"}, {"type": "string", "examples": ["a"]}),
        (
            {"type": "string", "nullable": True, "enum": ["a", None]},
            {"type": ["null", "string"], "enum": [None, "a"]},
        ),
        (
            {"nullable": True, "allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]},
            {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"type": "string"}}}]},
        ),
        ({"type": "string", "enum": ["a"]}, {"const": "a"}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"type": ["integer", "string"]}),
        ({"type": "string", "minLength": 0}, {"allOf": [{"type": "string"}]}),
    ],
)
def test_two_ways_of_writing_one_thing_are_no_change(
    three_zero: Json, three_one: Json, compare: Compare
) -> None:
    def document(version: str, schema: Json) -> Json:
        content = {"application/json": {"schema": {"type": "object", "properties": {"a": schema}}}}
        operation = {
            "requestBody": {"content": content},
            "responses": {"200": {"description": "Done", "content": content}},
        }
        info = {"title": "Things", "version": "1"}
        return {"openapi": version, "info": info, "paths": {"/things": {"post": operation}}}

    pair = document("3.0.3", three_zero), document("3.1.0", three_one)
    for old, new in (pair, pair[::-1]):
        assert [change.rule.id for change in compare(old, new)] == ["openapi-version-changed"]


def leaves(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all single values."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, (*place, key))
    else:
        yield place


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"{value}other"


def changed(document: Json, place: tuple[Any, ...]) -> Json:
    """The document with the value at a place replaced by another."""
    new = copy.deepcopy(document)
    node: Any = new
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = other(node[place[-1]])
    return new


SCHEMAS = ("components", "schemas")
MEANS_NOTHING = {
    # Whoever refers to these has a description of its own, which is the one that is read.
    (*SCHEMAS, "CustomerFields", "description"),
    (*SCHEMAS, "CustomerInput", "description"),
    # Nobody sends these.
    (*SCHEMAS, "Customer", "allOf", 1, "properties", "id", "readOnly"),
    (*SCHEMAS, "Customer", "allOf", 1, "properties", "inserted_at", "readOnly"),
    # In parameters.yaml: the operation has a parameter of its own instead; OpenAPI ignores it.
    ("paths", "/plain/{a}/{b}", "parameters", 2, "schema", "type"),
    ("paths", "/plain/{a}/{b}", "get", "parameters", 4, "schema", "type"),
}


def means_something(place: tuple[Any, ...]) -> bool:
    """Whether a value there is part of the API: references and names of keys are only ways to write it."""
    return "$ref" not in place and place[0] != "security" and place not in MEANS_NOTHING


LEAVES = [place for place in leaves(SPEC) if means_something(place)]


@pytest.mark.parametrize("part", range(8))
def test_no_value_of_the_description_changes_unnoticed(part: int) -> None:
    look_for_changes(SPEC, LEAVES[part::8])


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "documents").iterdir()), ids=lambda p: p.name
)
def test_no_value_of_another_description_changes_unnoticed(path: Path) -> None:
    document = read_document(path).raw
    used = json.dumps(document)
    look_for_changes(
        document,
        [
            place
            for place in leaves(document)
            if means_something(place) and (place[0] != "components" or f'/{place[2]}"' in used)
        ],
    )


def look_for_changes(document: Json, places: list[tuple[Any, ...]]) -> None:
    """Change the values at some places, one at a time; each must be found, at places that are there."""
    overlooked = []
    for place in places:
        new = changed(document, place)
        try:
            found = changes_between(Document(document, Path("old")), Document(new, Path("new")))
        except Exception as error:
            found = ()
            overlooked.append((place, repr(error)))
        if not found:
            overlooked.append((place, "nothing found"))
        for change in found:
            assert change.places
            for where in change.places:
                assert resolves(where.before, document), (place, where)
                assert resolves(where.after, new), (place, where)
    assert not overlooked


def resolves(pointer: str | None, document: Json) -> bool:
    node: Any = document
    for step in (pointer or "").split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            return False
    return True


def test_an_optional_password_asks_servers_alone(spec: Json, compare: Compare) -> None:
    properties = spec["components"]["schemas"]["CustomerInput"]["allOf"][1]["properties"]
    properties["password"] = {"type": "string", "format": "password"}
    (change,) = compare(SPEC, spec)
    assert change.text == "`password` is new and may be sent."
    assert (change.rule.callers, change.rule.servers) == ("safe", "breaking")
    assert change.operations == ("POST /customer", "PUT /customer/{id}")
    pointer = "/components/schemas/CustomerInput/allOf/1/properties/password"
    assert {(place.part, place.before, place.after) for place in change.places} == {
        ("request body", None, pointer)
    }


def test_a_login_that_also_requires_the_email_breaks_callers(spec: Json, compare: Compare) -> None:
    schema = spec["components"]["schemas"]["TokenLogin"]
    schema["required"].append("email")
    schema["properties"]["email"] = {"type": "string", "format": "email"}
    (change,) = compare(SPEC, spec)
    assert change.text == "`email` is new and must be sent."
    assert (change.rule.callers, change.rule.servers) == ("breaking", "breaking")
    assert change.operations == ("POST /customer/login_token",)


def test_one_schema_in_many_answers_is_one_change(spec: Json, compare: Compare) -> None:
    spec["components"]["schemas"]["Customer"]["allOf"][1]["required"].remove("phone")
    (change,) = compare(SPEC, spec)
    assert change.text == "`phone` may be missing now."
    assert len(change.operations) == 6


def test_the_same_change_in_two_schemas_is_told_once(spec: Json, compare: Compare) -> None:
    for name in ("PasswordLogin", "TokenRequest"):
        spec["components"]["schemas"][name]["properties"]["email"]["maxLength"] = 100
    (change,) = compare(SPEC, spec)
    assert change.operations == ("POST /customer/login_password", "POST /customer/login_email")
    assert len({place.after for place in change.places}) == 2


def test_a_schema_of_its_own_kind_comes_to_an_end(compare: Compare) -> None:
    def document(kind: str) -> Json:
        node = {
            "type": "object",
            "properties": {
                "value": {"type": kind},
                "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
            },
        }
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
        responses = {"200": {"description": "Done", "content": content}}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Trees", "version": "1"},
            "paths": {"/tree": {"get": {"responses": responses}}},
            "components": {"schemas": {"Node": node}},
        }

    (change,) = compare(document("string"), document("integer"))
    assert change.text == "`value` is integer now, no longer string."


def test_many_schemas_that_refer_to_each_other_take_no_longer_than_their_number(compare: Compare) -> None:
    """Each of 60 schemas refers to all: walking all ways through them would never end."""

    def document(kind: str) -> Json:
        names = [f"S{number}" for number in range(60)]
        properties = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
        schemas: Json = {
            name: {"type": "object", "properties": {**properties, "own": {"type": kind}}} for name in names
        }
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
        responses = {"200": {"description": "Done", "content": content}}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Nets", "version": "1"},
            "paths": {"/net": {"get": {"responses": responses}}},
            "components": {"schemas": schemas},
        }

    found = compare(document("string"), document("integer"))
    assert {change.rule.id for change in found} == {"response-type-changed"}
    assert sum(len(change.places) for change in found) == 60


def test_a_moved_operation_is_looked_into(spec: Json, compare: Compare) -> None:
    item = spec["paths"].pop("/customer/login_token")
    spec["paths"]["/sessions"] = item
    spec["components"]["schemas"]["TokenLogin"]["properties"]["token"]["maxLength"] = 10
    assert [change.text for change in compare(SPEC, spec)] == [
        "POST /customer/login_token is POST /sessions now.",
        "`token` is limited more tightly: maxLength 10, before no limit.",
    ]


def test_foreign_text_stays_on_its_line(spec: Json, compare: Compare) -> None:
    spec["components"]["schemas"]["Message"]["properties"]["a\nb\x1b[31m"] = {"type": "string"}
    (change,) = compare(SPEC, spec)
    assert change.text.isprintable()


def zoo(mapping: Json | None, dog: str = "Dog") -> Json:
    """An API that returns a cat or a dog, told apart by `kind`."""
    discriminator = {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}
    names = ("Cat", dog)
    pet = {
        "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names],
        "discriminator": discriminator,
    }
    schemas = {
        name: {"type": "object", "properties": {"kind": {"type": "string"}, noise: {"type": "string"}}}
        for name, noise in zip(names, ("purr", "bark"), strict=True)
    }
    responses = {"200": {"description": "Done", "content": {"application/json": {"schema": pet}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Zoo", "version": "1"},
        "paths": {"/pet": {"get": {"responses": responses}}},
        "components": {"schemas": schemas},
    }


def test_a_mapping_by_name_or_by_reference_is_the_same(compare: Compare) -> None:
    references = {"c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog"}
    assert compare(zoo({"c": "Cat", "d": "Dog"}), zoo(references)) == ()
    assert compare(zoo(None), zoo({"Cat": "Cat", "Dog": "Dog"})) == ()
    assert compare(zoo({"c": "Cat", "d": "Dog"}), zoo({"d": "Hound", "c": "Cat"}, "Hound")) == ()


def test_other_values_of_a_discriminator_are_a_change(compare: Compare) -> None:
    mapping = {"c": "Cat", "d": "Dog"}
    swapped = {"c": "Dog", "d": "Cat"}
    for old, new in (
        (zoo(mapping), zoo(swapped)),
        (zoo(mapping), zoo({**mapping, "dog": "Dog"})),
        (zoo(mapping), zoo(None)),
        # Without a mapping the name of the component is what is sent.
        (zoo(None), zoo(None, "Hound")),
    ):
        assert [change.rule.id for change in compare(old, new)] == ["response-discriminator-changed"]
