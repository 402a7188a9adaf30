"""The outline of a document: all it says apart from its schemas, in small frozen classes without the parser.

Each part knows its place in the document. A part whose schemas, examples or `x-` extensions are read
elsewhere also holds its raw node. Nothing is decided here: what the document leaves out is empty, or None
where that differs from an empty value.
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
"""Alternatives. Each is the names of the keys that are sent together."""


@dataclass(frozen=True, slots=True)
class Server:
    """An address of the API."""

    url: str
    description: str
    variables: tuple[tuple[str, str], ...]
    """Names and defaults of the variables in the address."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A group of operations."""

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
    """One media type of a body, with its schema."""

    media_type: str
    encoding: Mapping[str, Encoding]
    raw: Json
    place: Place

    @property
    def schema(self) -> Any:
        """Its schema as written: an object or a boolean; an empty object if there is none."""
        return self.raw.get("schema", {})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path, the query, the headers or the cookies."""

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
    """The documented response of one status."""

    status: str
    description: str
    content: tuple[MediaType, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    path: str
    method: str
    """In lower case, as documents write it."""
    tags: tuple[str, ...]
    operation_id: str
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    """Those of the path first; a parameter of the operation replaces one with the same name and location."""
    body: Body | None
    answers: tuple[Answer, ...]
    callbacks: tuple[str, ...]
    security: Requirements | None
    """None if those of the document apply; an empty tuple if no key is needed."""
    servers: tuple[Server, ...]
    """Its own servers, else those of its path."""
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
    """The security schemes that operations use and the document describes."""
    operations: tuple[Operation, ...]
    webhooks: tuple[str, ...]
