"""Reads operations, schemas, field names and defaults from the OpenAPI documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from partially_spec import HARNESS, Document, load

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """One operation of a document."""

    id: str
    method: str
    path: str
    body_schema: dict[str, Any] | None
    """The schema of the JSON body with the components that it refers to. None if there is no body."""
    body_fields: frozenset[str]
    """The names of the documented fields of the body."""
    query: dict[str, dict[str, Any]]
    """The schema of each query parameter by its name."""
    required_query: frozenset[str]


def operations(document: Document) -> Iterator[Operation]:
    """All operations of a document, in document order."""
    for path, item in document.raw["paths"].items():
        for method in _METHODS:
            if method not in item:
                continue
            node = item[method]
            parameters = [
                document.resolve(one) for one in [*item.get("parameters", []), *node.get("parameters", [])]
            ]
            body = _body(document, node)
            query = {one["name"]: one for one in parameters if one["in"] == "query"}
            yield Operation(
                id=node["operationId"],
                method=method.upper(),
                path=path,
                body_schema={"allOf": [body], "components": document.raw["components"]} if body else None,
                body_fields=frozenset(document.fields(body) if body else ()),
                query={name: one["schema"] for name, one in query.items()},
                required_query=frozenset(name for name, one in query.items() if one.get("required")),
            )


def _body(document: Document, node: dict[str, Any]) -> dict[str, Any] | None:
    body = document.resolve(node.get("requestBody"))
    schema: dict[str, Any] | None = body and body["content"]["application/json"]["schema"]
    return schema


API: Document = load()
"""The customers API."""

HARNESS_API: Document = load(HARNESS)
"""The harness."""

_CREATE = API.fields({"$ref": "#/components/schemas/CustomerCreate"})

INPUT_FIELDS: tuple[str, ...] = tuple(_CREATE)
"""The fields of a customer that a merchant may set, with the email."""

DEFAULTS: dict[str, Any] = {name: prop["default"] for name, prop in _CREATE.items() if "default" in prop}
"""The values that a create stores for fields that were not sent."""

OUTPUT_FIELDS: tuple[str, ...] = tuple(API.fields({"$ref": "#/components/schemas/Customer"}))
"""The fields of a customer in a response."""

_PLAN = HARNESS_API.fields({"$ref": "#/components/schemas/PaymentPlan"})

PLAN_COPIES: tuple[str, ...] = tuple(name for name in INPUT_FIELDS if name in _PLAN)
"""The fields of a customer that each payment plan keeps its own copy of."""
