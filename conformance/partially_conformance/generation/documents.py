"""What requests are made up from: documents derived from the one document.

One document cannot say both what must be accepted and what must be refused, so there are two: a positive
one, of what every server takes, and a negative one, of nothing but what the text demands.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from partially_conformance.rules.contract import Contract

TEXT_FORMAT = "partially-text"
"""The format of a plain text in the positive document."""


class Mode(StrEnum):
    """What is made up from a document."""

    POSITIVE = "positive"
    """Requests that keep to it."""

    NEGATIVE = "negative"
    """Requests that break it in some place."""


def document_for(mode: Mode, contract: Contract, values: Mapping[str, list[str]]) -> dict[str, Any]:
    """The document for requests of a mode.

    Args:
        contract: What the document says.
        values: For fields with a form of their own, values of that form.
    """
    return positive_document(contract, values) if mode is Mode.POSITIVE else negative_document(contract)


def positive_document(contract: Contract, values: Mapping[str, list[str]]) -> dict[str, Any]:
    """What every server takes: the document without null, without unknown fields, and with plain texts.

    Args:
        contract: What the document says.
        values: For fields with a form of their own, values of that form.
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
    """What the text demands of a body and nothing more: an object with the required fields, all texts."""

    def body(schema: Mapping[str, Any], _fields: Mapping[str, Any]) -> dict[str, Any]:
        required = list(_required(contract, schema))
        return {
            "type": "object",
            "properties": {name: {"type": "string"} for name in required},
            "required": required,
        }

    return _derived(contract, body)


def _derived(contract: Contract, body: Any) -> dict[str, Any]:
    """The document with other schemas for its bodies, without authentication and without examples."""
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
    """The fields without which the body of an operation is refused."""
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
