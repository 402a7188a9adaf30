# Copied by partially-generate into every client. Edit it there, not here.
"""Reads `operations.json`, the table of operations."""

from __future__ import annotations

import importlib.resources
from typing import Any, Literal

import msgspec

_FILE = "operations.json"


class Argument(msgspec.Struct, frozen=True, kw_only=True):
    """An argument of an operation."""

    name: str
    place: Literal["path", "query", "header", "cookie", "body"] = msgspec.field(name="in")
    wire: str | None
    """Its name there; None if it is the whole body."""
    required: bool
    schema: dict[str, Any]
    default: Any = msgspec.UNSET
    """The default of the server."""
    secret: bool = False
    styled: bool = False
    """Whether it is not written as its name and value."""

    @property
    def label(self) -> str:
        """Its name at the start of a sentence in `errors`."""
        return (self.wire or self.name).replace("_", " ").capitalize()


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the fields of a page; None for a field that it does not have."""

    number: str
    size: str | None
    entries: str | None
    pages: str


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the query parameters of a list, and of the fields of its pages."""

    page: str
    size: str | None
    envelope: Envelope


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that a search looks at."""

    parameter: str
    signs: dict[str, list[str]] = msgspec.field(name="with")
    """The fields for a text that contains this sign."""
    otherwise: list[str]


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What the fake does for an operation. Most fields belong to one value of `does`."""

    does: str
    collection: str = ""
    items: str | None = None
    search: Search | None = None
    refused_while: list[str] = []
    field: str = ""
    password: str = ""
    token: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One operation."""

    method: str
    path: str
    call: str
    """The method of the client, such as `things.get`."""
    authenticated: bool
    body_required: bool
    body_kind: Literal["json", "form", "multipart", "text", "bytes"] | None
    arguments: list[Argument]
    answer: Literal["json", "text", "bytes", "none"]
    status: int
    returns: dict[str, Any] = {}
    example: Any = msgspec.UNSET
    refusals: dict[str, Any]
    """Documented statuses other than 2xx, and the example body of each."""
    paging: Paging | None
    behaviour: Behaviour


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """Objects that are created, listed and read below one path."""

    path: str
    model: str
    key: str
    key_type: Literal["uuid", "int", "str"]
    fields: list[str]
    nullable: list[str]
    times: dict[str, Literal["utc", "local", "date"]]
    """Fields with the time of creation, and the form of each."""
    fresh: dict[str, Any]
    """The first values of other required fields."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """How the key of the API is sent."""

    header: str
    prefix: str


class OperationTable(msgspec.Struct, frozen=True, kw_only=True):
    """All operations of the API."""

    base_url: str | None
    key: Key | None
    collections: list[Collection]
    operations: list[Entry]


def read_operation_table(package: str) -> OperationTable:
    """The table in a package."""
    content = (importlib.resources.files(package) / _FILE).read_bytes()
    return msgspec.json.decode(content, type=OperationTable)
