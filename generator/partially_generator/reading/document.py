"""Reads an API description from a file and validates it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from partially_generator.reading.errors import GeneratorError, SpecError, one_line
from partially_generator.reading.keywords import check_keywords
from partially_generator.reading.merging import merged_schema
from partially_generator.reading.places import Json, Place
from partially_generator.reading.references import check_references
from partially_spec import Document, DocumentError, read_yaml
from partially_spec.bounds import DEEPEST

_LARGEST_NUMBER = 2**1024
"""Larger than any number that JSON readers accept."""


def read_document(path: Path) -> Document:
    """Read and validate an OpenAPI 3.0 or 3.1 document.

    Raises:
        GeneratorError: It cannot be read, or is not valid. The message names file and place.
    """
    try:
        raw = read_yaml(path)
    except DocumentError as error:
        raise GeneratorError(one_line(str(error))) from error
    try:
        raw = _plain(raw)
        check_references(raw)
        check_keywords(raw)
        document = Document(raw, path)
        try:
            _validate(raw)
        except RecursionError:
            _check_circles(document)
            raise SpecError([], "is nested too deeply") from None
    except (SpecError, DocumentError) as error:
        raise GeneratorError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from error
    return document


def _check_circles(document: Document) -> None:
    """Refuse a schema that contains itself.

    Raises:
        SpecError: A schema does. The message names it.
    """
    for name, schema in document.raw["components"]["schemas"].items():
        merged_schema(document, schema, ("components", "schemas", name))


def _plain(value: Any, place: Place = ()) -> Any:
    """The value with every key as a string; YAML reads an unquoted status as a number.

    Raises:
        SpecError: JSON cannot hold the value, or a string in it is not valid Unicode.
    """
    if len(place) > DEEPEST:
        raise SpecError(place[:5], f"is nested deeper than {DEEPEST} levels")
    if isinstance(value, dict):
        found: Json = {}
        for key, item in value.items():
            name = _key(key)
            _check_text(name, place)
            if name in found:
                raise SpecError(place, f"the key {name!r} is written twice")
            found[name] = _plain(item, (*place, name))
        return found
    if isinstance(value, list):
        return [_plain(item, (*place, index)) for index, item in enumerate(value)]
    if isinstance(value, str):
        _check_text(value, place)
    elif isinstance(value, float) and not math.isfinite(value):
        raise SpecError(place, f"expected a JSON number, got {value}")
    elif isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        raise SpecError(place, "the number is too large")
    elif not isinstance(value, int | float | None):
        raise SpecError(place, f"expected a JSON value, got a {type(value).__name__}")
    return value


def _key(key: Any) -> str:
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    return str(key)


def _check_text(text: str, place: Place) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SpecError(place, "the string holds half a character (a lone surrogate)") from error


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
        first = next((error for error in validator.iter_errors() if not _is_pattern(error)), None)
    except RecursionError:
        raise
    except Exception as error:  # the validator does not catch the errors of its reference resolver
        raise SpecError([], f"a reference cannot be followed: {error}") from error
    if first is not None:
        raise SpecError(first.absolute_path, first.message.splitlines()[0] if first.message else "not valid")


def _is_pattern(error: Any) -> bool:
    """Whether the error is about a pattern that only Python refuses: OpenAPI uses those of ECMA 262."""
    return bool(error.validator == "format" and error.validator_value == "regex")
