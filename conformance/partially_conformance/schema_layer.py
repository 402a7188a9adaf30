"""The one place that knows Schemathesis: it makes up requests from the document, and does nothing else.

Requests are sent and judged by the suite itself, so that rate, time-outs, journal and stories hold for them
too.

One document cannot say both what must be accepted and what must be refused, so two are derived from it:
a positive one, of what every server takes, and a negative one, of nothing but what the text demands.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from partially_conformance.contract import Contract
from partially_conformance.exchange import MISSING

POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE

_TEXT = "partially-text"
_LONGEST_TEXT = 60  # characters; no length is documented

_CONFIG: dict[str, Any] = {
    "base-url": "http://localhost",  # never called
    "generation": {"database": "none", "allow-x00": False},
    "cache": {"enabled": False},
}

# A generator, not a validator: text without control, format, unassigned and private characters, and
# without blanks around it, which a server may trim.
schemathesis.openapi.format(
    _TEXT,
    st.text(
        st.characters(categories=("L", "N", "P", "S"), include_characters=" ", max_codepoint=0xFFFF),
        min_size=1,
        max_size=_LONGEST_TEXT,
    )
    .map(str.strip)
    .filter(bool),
)


@dataclass(frozen=True, slots=True)
class MadeUpRequest:
    """A request made up from a document.

    Attributes:
        customer_id: What stands in the path, None if nothing does.
        body: A JSON value, `MISSING` if there is none.
    """

    operation: str
    customer_id: str | None
    query: Mapping[str, Any]
    body: Any


class Maker:
    """Makes up the requests of one document.

    Args:
        document: A whole OpenAPI document.
        mode: `POSITIVE` keeps to it, `NEGATIVE` breaks it in some place.
    """

    def __init__(self, document: Mapping[str, Any], mode: GenerationMode) -> None:
        config = schemathesis.Config.from_dict(copy.deepcopy(_CONFIG))
        self._schema = schemathesis.openapi.from_dict(dict(document), config=config)
        self._mode = mode

    def requests(self, operation: str) -> st.SearchStrategy[MadeUpRequest]:
        """Requests of the operation with this operationId."""
        described = self._schema.find_operation_by_id(operation)
        # Broken bytes are a matter of other rules; here they would crowd out JSON that breaks the text.
        cases = described.as_strategy(generation_mode=self._mode).filter(_has_json)
        return cases.map(lambda case: self._taken(operation, case))

    def _taken(self, operation: str, case: Case[Any]) -> MadeUpRequest:
        if case.meta is None or case.meta.generation.mode is not self._mode:
            # Schemathesis falls back to the other mode when it finds nothing to break.
            raise AssertionError(f"{operation}: expected a {self._mode.value} request, got another")
        body = MISSING if _has_no_body(case) else case.body
        customer_id = case.path_parameters.get("id")
        return MadeUpRequest(operation, customer_id, dict(case.query or {}), body)


def _has_json(case: Case[Any]) -> bool:
    """Whether the body, if there is one, can be written as JSON."""
    try:
        json.dumps(None if _has_no_body(case) else case.body, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _has_no_body(case: Case[Any]) -> bool:
    return type(case.body).__name__ == "NotSet"


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
            else {"type": "string", "format": _TEXT}
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
            parameter["schema"]["format"] = _TEXT
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
