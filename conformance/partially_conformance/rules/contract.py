"""The API as its document describes it: operations, fields, defaults, and the schemas of responses."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from partially_spec import Document, load

_SHOWN_VALUE = 120  # characters that a message shows of each end of a long value


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document.

    Attributes:
        id: Its operationId.
        method: Its HTTP method in upper case.
        path: Its path template, such as `/customer/{id}`.
        example: An example of a request body from the document; None if the operation has no body.
    """

    id: str
    method: str
    path: str
    example: Mapping[str, Any] | None

    @property
    def takes_id(self) -> bool:
        """Whether its path contains the id of a customer."""
        return "{id}" in self.path


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A difference between the body of a response and its schema.

    Attributes:
        topic: The schema, or `Schema.property`, that it is about.
        text: What differs, and where.
    """

    topic: str
    text: str


class Contract:
    """What the checks need to know of the document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.operations: dict[str, Operation] = {}
        self._successes: dict[str, Any] = {}
        for path, item in document.raw["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    self._add(path, method, operation)
        self.create_fields = document.fields(document.schema("CustomerCreate"))
        self.update_fields = document.fields(document.schema("CustomerUpdate"))
        self.response_fields = document.fields(document.schema("Customer"))

    def _add(self, path: str, method: str, operation: dict[str, Any]) -> None:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = [example["value"] for example in content.get("examples", {}).values()]
        name = operation["operationId"]
        self.operations[name] = Operation(name, method.upper(), path, examples[0] if examples else None)
        success = self.document.resolve(operation["responses"]["200"])
        self._successes[name] = success["content"]["application/json"]["schema"]

    @property
    def kept_fields(self) -> tuple[str, ...]:
        """Fields that both a create and a response have, in document order."""
        return tuple(name for name in self.create_fields if name in self.response_fields)

    @property
    def server_fields(self) -> tuple[str, ...]:
        """Fields of a response that no create has: the server sets them."""
        return tuple(name for name in self.response_fields if name not in self.create_fields)

    @property
    def defaults(self) -> dict[str, str]:
        """The documented default of each field of a create that has one."""
        return {name: field["default"] for name, field in self.create_fields.items() if "default" in field}

    def mismatches(self, operation: str, body: Any) -> Iterator[Mismatch]:
        """How and where the body of a 2xx differs from the schema of the operation."""
        for error in self._validator(operation).iter_errors(body):
            path = list(error.instance_path)
            place = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
            message = error.message
            if len(message) > 2 * _SHOWN_VALUE:
                message = f"{message[:_SHOWN_VALUE]}…{message[-_SHOWN_VALUE:]}"
            yield Mismatch(self.topic(operation, path), f"{message} at {place}")

    def topic(self, operation: str, path: Sequence[str | int] = ()) -> str:
        """The schema that a place in the body of a 2xx belongs to, with the property if there is one.

        Args:
            path: Where the place is; empty for the whole body.
        """
        schema, where, rest = self._successes[operation], "", list(path)
        while True:
            if "$ref" in schema:
                where = schema["$ref"].rpartition("/")[2]
                schema = self.document.resolve(schema)
            if not rest:
                return where
            part = rest.pop(0)
            if isinstance(part, int):
                schema = schema.get("items", {})
                continue
            inner = schema.get("properties", {}).get(part, {})
            if not rest or ("$ref" not in inner and "items" not in inner):
                return f"{where}.{part}"
            schema = inner

    @functools.cache  # noqa: B019 - one contract lives as long as the program
    def _validator(self, operation: str) -> Any:
        return jsonschema_rs.Draft202012Validator(
            {**self._successes[operation], "components": self.document.raw["components"]}
        )


@functools.cache
def contract() -> Contract:
    """The contract of the customers API."""
    return Contract(load())
