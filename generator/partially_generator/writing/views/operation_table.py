"""`operations.json`, the table of operations in every client, for programs that use it or imitate the API.

It names the method for each operation of the document, the name and schema of each argument on the wire, and
what the fake in `testing` does. The client itself does not read it.
"""

from __future__ import annotations

import json
from typing import Any

from partially_generator.api import ir
from partially_generator.reading.config import Config
from partially_generator.writing.views import client_classes, fake_behaviours, methods, sample_answers

FILE_NAME = "operations.json"
"""The name of the file within the package."""

FORMAT = 1
"""Raised when programs that read the file must change."""

_TYPES: dict[ir.ScalarName, dict[str, Any]] = {
    "str": {"type": "string"},
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "local-datetime": {"type": "string", "format": "local-date-time"},
    "date": {"type": "string", "format": "date"},
    "bytes": {"type": "string", "format": "byte"},
    "decimal": {"type": "string", "format": "decimal"},
    "file": {"type": "string", "format": "binary"},
    "any": {},
    "none": {"type": "null"},
}
_KEYWORDS = {
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
_LENGTHS = {"min_length": "min", "max_length": "max"}


def operation_table(api: ir.Api, config: Config) -> str:
    """The table as JSON text.

    An operation is identified by its method and its path, as in the document. Its `call` names the method of
    the client. Each argument has its Python name, its location (`path`, `query`, `header` or `body`), and its
    name there; the last is null if the argument is the whole body. Schemas are JSON Schema; a `$ref` is the
    name of a class in `models`.
    """
    table = {
        "format": FORMAT,
        "title": api.title,
        "version": api.version,
        "client": config.client_class,
        "async_client": config.async_client_class,
        "error": config.error_class,
        "base_url": client_classes.default_base_url(api),
        "key": _key(api),
        "collections": [
            fake_behaviours.collection_entry(api, collection)
            for collection in fake_behaviours.collections(api)
        ],
        "operations": [
            {**_operation(api, operation), "behaviour": behaviour}
            for operation, behaviour in zip(api.operations, fake_behaviours.behaviours(api), strict=True)
        ],
    }
    return json.dumps(table, indent=2, ensure_ascii=True) + "\n"


def _key(api: ir.Api) -> dict[str, str] | None:
    """The key, if there is exactly one and it is sent in a header, unchanged."""
    if len(api.keys) != 1 or api.keys[0].place != "header" or api.keys[0].is_basic:
        return None
    return {"header": api.keys[0].parameter, "prefix": api.keys[0].prefix}


def _operation(api: ir.Api, operation: ir.Operation) -> dict[str, Any]:
    success = operation.success
    return {
        "method": operation.http_method,
        "path": operation.path,
        "call": f"{operation.resource}.{operation.name}",
        "authenticated": operation.authenticated,
        "body_required": operation.body is not None and operation.body.required,
        "body_kind": operation.body.kind if operation.body else None,
        "arguments": [
            {
                "name": field.name,
                "in": location,
                "wire": wire,
                **_argument(field),
                **_styled(operation, field),
            }
            for field, location, wire in methods.argument_places(operation)
        ],
        "answer": success.kind,
        "status": success.status,
        **({"returns": json_schema(success.type)} if success.type else {}),
        **({"example": example[0]} if (example := sample_answers.answer(api, operation)) else {}),
        "refusals": {r.status: r.example[0] if r.example else None for r in operation.refusals},
        "paging": _paging(operation.paging),
    }


def _argument(field: ir.Field) -> dict[str, Any]:
    return {
        "required": field.required,
        "schema": json_schema(field.type),
        **({"default": field.default} if field.has_default else {}),
        **({"secret": True} if field.secret else {}),
    }


def _styled(operation: ir.Operation, field: ir.Field) -> dict[str, Any]:
    """Marks a parameter that is not written as its name and value."""
    return {"styled": True} if any(p.field is field and p.style for p in operation.parameters) else {}


def _paging(paging: ir.Paging | None) -> dict[str, Any] | None:
    if paging is None or paging.style != "page-number":
        return None
    wire = paging.wire
    envelope = {"number": wire.number, "size": wire.size, "entries": wire.entries, "pages": wire.pages}
    return {"page": paging.parameter, "size": paging.size, "items": paging.items, "envelope": envelope}


def json_schema(kind: ir.TypeRef) -> dict[str, Any]:
    """A type as JSON Schema."""
    match kind:
        case ir.Scalar(name=name, constraints=constraints):
            return {**_TYPES[name], **_constraints(constraints, "Length")}
        case ir.Enum(values=values):
            return {"enum": list(values)}
        case ir.ListOf(item=item, constraints=constraints):
            return {"type": "array", "items": json_schema(item), **_constraints(constraints, "Items")}
        case ir.MapOf(value=value, constraints=constraints):
            return {
                "type": "object",
                "additionalProperties": json_schema(value),
                **_constraints(constraints, "Properties"),
            }
        case ir.ModelRef(name=name) | ir.UnionRef(name=name):
            return {"$ref": name}
        case ir.OneOf(members=members):
            return {"anyOf": [json_schema(member) for member in members]}


def _constraints(constraints: tuple[ir.Constraint, ...], counted: str) -> dict[str, Any]:
    return {
        f"{_LENGTHS[name]}{counted}" if name in _LENGTHS else _KEYWORDS[name]: value
        for name, value in constraints
    }
