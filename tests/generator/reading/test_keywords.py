"""Descriptions whose schemas cannot be read: one line that says where, and never a wrong client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from partially_generator.reading.document import read_document
from partially_generator.reading.errors import GeneratorError


def document(schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    responses = {"200": {"description": "Done", "content": content}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"get": {"responses": responses}}},
        "components": {"schemas": {"Thing": schema}},
    }


def read(tmp_path: Path, schema: Any) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(yaml.safe_dump(document(schema)))
    read_document(path)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": 0}, "type: expected a type or a list of types, got 0"),
        ({"type": []}, "type: expected a type or a list of types"),
        ({"type": "object", "properties": ["a"]}, "properties: expected schemas by name"),
        ({"properties": {"a": "string"}}, "properties: expected schemas by name"),
        ({"required": "a"}, "required: expected a list of names"),
        ({"allOf": True}, "allOf: expected a list of schemas"),
        ({"anyOf": []}, "anyOf: expected a list of schemas"),
        ({"oneOf": ["a"]}, "oneOf: expected a list of schemas"),
        ({"$ref": {}}, "$ref: expected a string"),
        ({"items": [{}]}, "items: expected a schema"),
        ({"enum": "a"}, "enum: expected a list of values"),
        ({"discriminator": "kind"}, "discriminator: expected an object with a propertyName"),
    ],
)
@pytest.mark.parametrize("within", [False, True])
def test_a_keyword_of_a_wrong_kind(schema: Any, said: str, within: bool, tmp_path: Path) -> None:
    place = "components.schemas.Thing."
    if within:
        schema = {"type": "object", "properties": {"type": schema}}
        place += "properties.type."
    with pytest.raises(GeneratorError) as refused:
        read(tmp_path, schema)
    assert f"{place}{said}" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_names_and_data_are_no_keywords(tmp_path: Path) -> None:
    names = {name: {"type": "string"} for name in ("type", "enum", "required", "properties", "$ref", "allOf")}
    example = {"required": "a", "properties": "b", "allOf": "c"}
    read(tmp_path, {"type": "object", "properties": names, "examples": [example], "default": example})
