"""The documents from which requests are generated, both derived from the document of the API.

One document cannot say both what must be accepted and what must be refused, so there are two: a positive
one, with requests that every server accepts, and a negative one, with nothing but the demands of the text.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from partially_conformance.rules.contract import Contract

TEXT_FORMAT = "partially-text"
"""The `format` of plain text in the positive document."""


class Mode(StrEnum):
    """Which requests are generated from a document."""

    POSITIVE = "positive"
    """Requests that conform to it."""

    NEGATIVE = "negative"
    """Requests that violate it somewhere."""


def document_for(mode: Mode, contract: Contract, values: Mapping[str, list[str]]) -> dict[str, Any]:
    """The document from which requests of a mode are generated.

    Args:
        mode: Which requests.
        contract: The described API.
        values: A few values of each field that has a `format`.
    """
    return positive_document(contract, values) if mode is Mode.POSITIVE else negative_document(contract)


def positive_document(contract: Contract, values: Mapping[str, list[str]]) -> dict[str, Any]:
    """A document of what every server accepts: no null, no unknown fields, and plain texts.

    Args:
        contract: The described API.
        values: A few values of each field that has a `format`.
    """

    def plain(name: str) -> dict[str, Any]:
        return (
            {"type": "string", "enum": values[name]}
            if name in values
            else {"type": "string", "format": TEXT_FORMAT}
        )

    def body(schema: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
        required = list(_required(contract, schema))
        return {
            "type": "object",
            "properties": {name: plain(name) for name in fields},
            "required": required,
            "additionalProperties": False,
            **({} if required else {"minProperties": 1}),
        }

    document = _derived(contract, body)
    for parameter in document["paths"]["/customer"]["get"]["parameters"]:
        if parameter["schema"]["type"] == "string":
            parameter["schema"]["format"] = TEXT_FORMAT
    return document


def negative_document(contract: Contract) -> dict[str, Any]:
    """A document of what the text demands of a body: an object with the required fields, all texts."""

    def body(schema: Mapping[str, Any], _fields: Mapping[str, Any]) -> dict[str, Any]:
        required = list(_required(contract, schema))
        return {
            "type": "object",
            "properties": {name: {"type": "string"} for name in required},
            "required": required,
        }

    return _derived(contract, body)


def _derived(contract: Contract, body: Any) -> dict[str, Any]:
    """The document with other schemas for request bodies, without authentication and without examples."""
    document = copy.deepcopy(contract.document.raw)
    document.pop("security", None)
    document["components"].pop("securitySchemes", None)
    for item in document["paths"].values():
        for method, operation in item.items():
            if method == "parameters":
                continue
            for parameter in operation.get("parameters", ()):
                parameter.pop("example", None)
                parameter.pop("examples", None)
            for response in operation["responses"].values():
                response.pop("links", None)
            if "requestBody" in operation:
                content = operation["requestBody"]["content"]["application/json"]
                schema = contract.document.resolve(content["schema"])
                content.clear()
                content["schema"] = body(schema, contract.document.fields(schema))
    return document


def required_fields(contract: Contract, operation: str) -> tuple[str, ...]:
    """The fields that the request body of an operation must have."""
    described = contract.operations[operation]
    node = contract.document.raw["paths"][described.path][described.method.lower()]
    content = node["requestBody"]["content"]["application/json"]
    return _required(contract, contract.document.resolve(content["schema"]))


def _required(contract: Contract, schema: Mapping[str, Any]) -> tuple[str, ...]:
    inherited = [
        name
        for part in schema.get("allOf", ())
        for name in _required(contract, contract.document.resolve(part))
    ]
    return (*inherited, *schema.get("required", ()))
