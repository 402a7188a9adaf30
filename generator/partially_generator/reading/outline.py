"""What a document says, apart from its schemas: small frozen values, free of any parser.

Each stands beside its place in the document, and where something of it is read elsewhere (schemas, examples,
`x-` extensions) beside the node itself. Nothing is decided here: what is not written is empty, or None where
that differs from what is written empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from partially_generator.reading.places import Json, Place

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The methods of HTTP that a path can have."""

Location = Literal["path", "query", "header", "cookie"]
"""Where a parameter is sent."""

Requirements = tuple[tuple[str, ...], ...]
"""Alternatives of keys that are sent together, by their names."""


@dataclass(frozen=True, slots=True)
class Server:
    """An address of the API."""

    url: str
    description: str
    variables: tuple[tuple[str, str], ...]
    """Names and defaults of what is in braces in the address."""


@dataclass(frozen=True, slots=True)
class Tag:
    """What operations are grouped by."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Key:
    """A security scheme."""

    kind: str
    """Its type: `http`, `apiKey`, ..."""
    scheme: str
    location: str
    parameter: str
    description: str
    place: Place


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one field of a form is written."""

    content_type: str
    style: str | None
    explode: bool | None


@dataclass(frozen=True, slots=True)
class MediaType:
    """One form that a content can have."""

    media_type: str
    encoding: Mapping[str, Encoding]
    raw: Json
    place: Place

    @property
    def schema(self) -> Any:
        """Its schema as it is written: a node or a boolean; an empty one where there is none."""
        return self.raw.get("schema", {})


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is sent in the path, the query, the headers or the cookies."""

    name: str
    location: Location
    required: bool
    style: str | None
    explode: bool | None
    description: str
    deprecated: bool
    content: tuple[MediaType, ...]
    raw: Json
    place: Place


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request."""

    required: bool
    description: str
    content: tuple[MediaType, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Answer:
    """What one status stands for."""

    status: str
    description: str
    content: tuple[MediaType, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does on one path."""

    path: str
    method: str
    """In lower case, as documents write it."""
    tags: tuple[str, ...]
    operation_id: str
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    """Those of the path first, each replaced by that of the operation with the same name and location."""
    body: Body | None
    answers: tuple[Answer, ...]
    callbacks: tuple[str, ...]
    security: Requirements | None
    """None where those of the document hold; none at all is another thing."""
    servers: tuple[Server, ...]
    """Its own, else those of its path."""
    raw: Json
    place: Place


@dataclass(frozen=True, slots=True)
class Outline:
    """All of a document."""

    title: str
    version: str
    summary: str
    description: str
    servers: tuple[Server, ...]
    tags: tuple[Tag, ...]
    security: Requirements
    keys: Mapping[str, Key]
    """The security schemes that are asked for and described."""
    operations: tuple[Operation, ...]
    webhooks: tuple[str, ...]
