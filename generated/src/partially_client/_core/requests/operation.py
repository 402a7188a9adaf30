# Shipped by partially-generate with every client. Edit it there, not here.
"""What the client knows of one operation before it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import msgspec

from ..settings.credentials import Alternatives
from ..settings.timeouts import Timeout

T = TypeVar("T")


class Paging(NamedTuple):
    """How a list is cut into pages: names of a query parameter and of fields of the answer."""

    parameter: str
    """The query parameter that asks for a page: by its number, a cursor, or how many items go before it."""
    items: str
    """The attribute that holds the items of a page."""
    number: str = ""
    """The attribute that holds the number of a page, counted from 1."""
    total: str = ""
    """The attribute that holds how many pages there are, or with offsets how many items."""
    next: str = ""
    """The attribute that holds the cursor of the page that follows."""
    style: Literal["page-number", "cursor", "offset"] = "page-number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[T]):
    """The fixed part of a call."""

    name: str
    """As the user writes it, `customers.get`: for messages and logs."""
    method: str
    path: str
    """The template, `/things/{id}`."""
    returns: Any = None
    """The type of the answer, as msgspec understands it."""
    body_kind: Literal["json", "text", "bytes", "none"] = "json"
    """How the body of the answer is read."""
    repeatable: bool
    """Whether doing it twice does no more than doing it once: then a lost call is made again."""
    body_required: bool = False
    """Whether an empty object is sent when there is nothing to say."""
    secret: frozenset[str] = frozenset()
    """Body fields that never show in an error text."""
    authenticated: bool = True
    """Whether the key is sent along."""
    security: Alternatives | None = None
    """The keys it takes, where they are not the usual ones."""
    server: str = ""
    """The address it has of its own."""
    paging: Paging | None = None
    accept: str = ""
    """What the `Accept` header asks for; empty for JSON."""
    others: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    """How the body of another status is read, and its type: by the status, or by `2XX` for all of them."""
    content_type: str = "application/json"
    """The media type of a JSON body."""
    encode: Callable[[Any], tuple[bytes, str]] | None = None
    """Gives the bytes and the media type of a body that is not JSON."""
    styles: Mapping[tuple[str, str], Callable[[str, Any], Any]] = field(default_factory=dict)
    """How parameters of several parts are written, by their place and name."""


class CallOptions(NamedTuple):
    """What the caller may set for one call."""

    timeout: Timeout | msgspec.UnsetType = msgspec.UNSET
    max_retries: int | msgspec.UnsetType = msgspec.UNSET
    extra_headers: Mapping[str, str] | None = None
    extra_query: Mapping[str, Any] | None = None
    extra_body: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return "CallOptions(...)"  # tools that show the variables of a traceback would show secrets


class Arguments(NamedTuple):
    """What is sent in one call, by the names of the wire; `UNSET` stands for "not sent"."""

    path: Mapping[str, Any] = {}
    query: Mapping[str, Any] = {}
    headers: Mapping[str, Any] = {}
    body: Any = msgspec.UNSET
    cookies: Mapping[str, Any] = {}

    def __repr__(self) -> str:
        return "Arguments(...)"
