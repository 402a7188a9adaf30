# Shipped by partially-generate with every client. Edit it there, not here.
"""The table of operations, as the fake reads it."""

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
    """Its name there; None when it is the whole body."""
    required: bool
    schema: dict[str, Any]
    default: Any = msgspec.UNSET
    """What the server fills in when it is not sent."""
    secret: bool = False
    styled: bool = False
    """Whether it is written in another way than by its name and value."""

    @property
    def label(self) -> str:
        """Its name as the sentences in `errors` begin."""
        return (self.wire or self.name).replace("_", " ").capitalize()


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the fields of a page; None for those it does not have."""

    number: str
    size: str | None
    entries: str | None
    pages: str


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the query parameters of a list, and of what comes back."""

    page: str
    size: str | None
    envelope: Envelope


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which fields a text is looked up in."""

    parameter: str
    signs: dict[str, list[str]] = msgspec.field(name="with")
    """The fields for a text that has this sign in it."""
    otherwise: list[str]


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What the fake does for an operation. Most fields are about one kind of behaviour only."""

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
    """The method of the client, as in `things.get`."""
    authenticated: bool
    body_required: bool
    body_kind: Literal["json", "form", "multipart", "text", "bytes"] | None
    arguments: list[Argument]
    answer: Literal["json", "text", "bytes", "none"]
    status: int
    returns: dict[str, Any] = {}
    example: Any = msgspec.UNSET
    refusals: dict[str, Any]
    """Documented statuses other than 2xx, and the body that is shown for each."""
    paging: Paging | None
    behaviour: Behaviour


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """Things that are created, listed and read below one path."""

    path: str
    model: str
    key: str
    key_type: Literal["uuid", "int", "str"]
    fields: list[str]
    nullable: list[str]
    times: dict[str, Literal["utc", "local", "date"]]
    """Fields that hold when a thing was made, and the form they have."""
    fresh: dict[str, Any]
    """What the other fields hold before anything is known of them."""


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
    """The table that lies in a package."""
    content = (importlib.resources.files(package) / _FILE).read_bytes()
    return msgspec.json.decode(content, type=OperationTable)
