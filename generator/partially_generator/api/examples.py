"""The examples of a document, and the links between operations."""

from __future__ import annotations

from typing import Any

from partially_generator.api import ir
from partially_generator.api.http import is_success, preferred_media
from partially_generator.reading import outline
from partially_generator.reading.outline import METHODS
from partially_generator.reading.places import Json
from partially_spec import Document

_FIELD_OF_ANSWER = "$response.body#/"


def first_example(document: Document, node: Json) -> tuple[Any] | None:
    """The first example of a parameter or of a media type, in a tuple: it may be null."""
    if "example" in node:
        return (node["example"],)
    for entry in node.get("examples", {}).values():
        example = document.resolve(entry)
        if "value" in example:
            return (example["value"],)
    return None


def schema_example(schema: Json) -> tuple[Any] | None:
    """The first example of a schema, in a tuple: it may be null."""
    if schema.get("examples"):
        return (schema["examples"][0],)
    return (schema["example"],) if "example" in schema else None


def read_refusal(document: Document, answer: outline.Answer) -> ir.Refusal:
    """A documented status other than 2xx, with the first body that is shown for it."""
    content = preferred_media(answer.content)
    example = first_example(document, content[0].raw) if content else None
    return ir.Refusal(status=answer.status, description=answer.description, example=example)


def link_to(document: Document, operation_id: str) -> ir.Link | None:
    """The first link to an operation whose parameters are all fields of a response body."""
    for item in document.raw.get("paths", {}).values():
        for method in METHODS:
            source = item.get(method, {})
            for status, answer in source.get("responses", {}).items():
                if not is_success(str(status)) or "operationId" not in source:
                    continue
                for link in document.resolve(answer).get("links", {}).values():
                    found = _link(source["operationId"], document.resolve(link), operation_id)
                    if found is not None:
                        return found
    return None


def _link(source: str, link: Json, target: str) -> ir.Link | None:
    given = {name: str(value) for name, value in link.get("parameters", {}).items()}
    if link.get("operationId") != target or not given:
        return None
    # A name may be qualified, as in `path.id`. A pointer deeper than one field is not followed.
    fields = tuple(
        (name.removeprefix("path."), value.removeprefix(_FIELD_OF_ANSWER))
        for name, value in given.items()
        if value.startswith(_FIELD_OF_ANSWER) and "/" not in value.removeprefix(_FIELD_OF_ANSWER)
    )
    return ir.Link(operation=source, fields=fields) if len(fields) == len(given) else None
