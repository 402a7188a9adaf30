"""Reading an API description: valid, and with its references and merged schemas within reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from partially_generator.errors import GeneratorError, SpecError, one_line
from partially_generator.expressible import Json, check_circles, check_references
from partially_spec import Document, DocumentError, read_yaml


def read_document(path: Path) -> Document:
    """Read and validate an OpenAPI 3.0 or 3.1 document.

    Raises:
        GeneratorError: It cannot be read, or is not valid. The message names file and place.
    """
    try:
        raw = _with_text_keys(read_yaml(path))
    except DocumentError as error:
        raise GeneratorError(one_line(str(error))) from error
    try:
        check_references(raw)
        check_circles(raw)
        _validate(raw)
    except SpecError as error:
        raise GeneratorError(f"{path}: {error}") from error
    return Document(raw, path)


def _with_text_keys(value: Any) -> Any:
    """YAML reads an unquoted status as a number; in an OpenAPI document every key is a text."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def _validate(raw: Json) -> None:
    version = str(raw.get("openapi", ""))
    validator: OpenAPIV30SpecValidator | OpenAPIV31SpecValidator
    if version.startswith("3.1"):
        validator = OpenAPIV31SpecValidator(raw)
    elif version.startswith("3.0"):
        validator = OpenAPIV30SpecValidator(raw)
    else:
        raise SpecError(["openapi"], f"expected an OpenAPI version 3.0.x or 3.1.x, got {version or 'none'}")
    try:
        first = next(iter(validator.iter_errors()), None)
    except Exception as error:  # the validator lets the errors of its reference resolver through
        raise SpecError([], f"a reference cannot be followed: {error}") from error
    if first is not None:
        raise SpecError(first.absolute_path, first.message.splitlines()[0] if first.message else "not valid")


def flat(document: Document, schema: Any) -> Json:
    """A schema with its reference followed and its `allOf` parts merged, properties in document order."""
    if not isinstance(schema, dict):
        return {}
    beside = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
    merged: Json = {}
    parts = [document.resolve({"$ref": schema["$ref"]})] if "$ref" in schema else []
    for part in [*(flat(document, p) for p in [*parts, *schema.get("allOf", [])]), beside]:
        _merge(document, merged, part)
    return merged


def _merge(document: Document, merged: Json, part: Json) -> None:
    properties = merged.get("properties", {})
    for name, value in part.get("properties", {}).items():
        earlier = properties.get(name)
        properties[name] = value if earlier is None else {**flat(document, earlier), **flat(document, value)}
    before = merged.get("required", [])
    required = [*before, *(name for name in part.get("required", []) if name not in before)]
    merged.update(part)
    if properties:
        merged["properties"] = properties
    if required:
        merged["required"] = required
