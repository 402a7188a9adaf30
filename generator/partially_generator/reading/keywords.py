"""Checks that the keywords of schemas have values of the right kind: the schema of OpenAPI 3.1 does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from partially_generator.reading.errors import SpecError
from partially_generator.reading.places import Place, is_data

_NAMED = frozenset(
    {
        *(
            "properties",
            "patternProperties",
            "dependentSchemas",
            "$defs",
            "schemas",
            "responses",
            "parameters",
        ),
        *(
            "requestBodies",
            "headers",
            "securitySchemes",
            "links",
            "callbacks",
            "pathItems",
            "paths",
            "webhooks",
        ),
        *("content", "encoding", "variables", "mapping", "scopes"),
    }
)
"""Keywords whose value is a map from names: a property may be called `type`."""


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_named_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_schema, value.values()))


def _is_types(value: Any) -> bool:
    return isinstance(value, str) or (_is_texts(value) and bool(value))


def _is_schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_schema, value))


_KEYWORDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "$ref": (lambda value: isinstance(value, str), "a string"),
    "allOf": (_is_schemas, "a list of schemas"),
    "anyOf": (_is_schemas, "a list of schemas"),
    "oneOf": (_is_schemas, "a list of schemas"),
    "items": (_is_schema, "a schema"),
    "additionalProperties": (_is_schema, "a schema, true or false"),
    "properties": (
        lambda value: isinstance(value, dict) and all(map(_is_schema, value.values())),
        "schemas by name",
    ),
    # In a parameter, a body and a header, `required` is true or false.
    "required": (lambda value: isinstance(value, bool) or _is_texts(value), "a list of names"),
    "enum": (lambda value: isinstance(value, list), "a list of values"),
    "type": (
        lambda value: isinstance(value, str) or (_is_texts(value) and bool(value)),
        "a type or a list of types",
    ),
    "format": (lambda value: isinstance(value, str), "a string"),
    "pattern": (lambda value: isinstance(value, str), "a string"),
    "discriminator": (
        lambda value: isinstance(value, dict) and isinstance(value.get("propertyName"), str),
        "an object with a propertyName",
    ),
}


def check_keywords(node: Any, place: Place = (), *, named: bool = False) -> None:
    """Refuse a keyword whose value has the wrong kind.

    Args:
        named: Whether the keys of the node are names.

    Raises:
        SpecError: A keyword has such a value.
    """
    if isinstance(node, list):
        for index, item in enumerate(node):
            check_keywords(item, (*place, index))
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        where = (*place, key)
        if not named and key in _KEYWORDS:
            fits, wanted = _KEYWORDS[key]
            if not fits(value):
                raise SpecError(where, f"expected {wanted}, got {value!r}")
        # Only a map has names, such as `components.parameters`; a list under `parameters` has none.
        if not is_data(key, place) and not key.startswith("x-"):
            check_keywords(value, where, named=not named and key in _NAMED and isinstance(value, dict))
