"""The fixed part of an operation, and the arguments of a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec

from ..observability.secrets import Hidden
from ..settings.credentials import Alternatives
from ..settings.timeouts import Timeout

T = TypeVar("T")


class Paging(NamedTuple):
    """How a list is divided into pages: names of a query parameter and of fields of the response."""

    parameter: str
    """The query parameter that requests a page: by its number, a cursor, or the number of items before it."""
    items: str
    """The attribute that holds the items of a page."""
    number: str = ""
    """The attribute that holds the number of a page, counted from 1."""
    total: str = ""
    """The attribute that holds the number of pages, or with offsets the number of items."""
    next: str = ""
    """The attribute that holds the cursor of the next page."""
    style: Literal["page-number", "cursor", "offset"] = "page-number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[T]):
    """The fixed part of a call."""

    name: str
    """The method of the client, such as `customers.get`, for messages and logs."""
    method: str
    path: str
    """The template, `/things/{id}`."""
    returns: Any = None
    """The type of the body of the response, for msgspec."""
    body_kind: Literal["json", "text", "bytes", "none"] = "json"
    """How the body of the response is read."""
    repeatable: bool
    """Whether a second request has no further effect: then a call that got lost is repeated."""
    body_required: bool = False
    """Whether an empty object is sent if there are no fields."""
    secret: frozenset[str] = frozenset()
    """Body fields whose values never appear in an error."""
    authenticated: bool = True
    """Whether a key is sent."""
    security: Alternatives | None = None
    """The keys it uses, if they are not the default ones."""
    server: str = ""
    """The address of its own server."""
    paging: Paging | None = None
    accept: str = ""
    """The value of the `Accept` header; empty for JSON."""
    others: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    """How the body of another status is read, and its type: by the status, or by `2XX` for all others."""
    content_type: str = "application/json"
    """The media type of a JSON body."""
    encode: Callable[[Any], tuple[bytes, str]] | None = None
    """Returns the bytes and the media type of a body that is not JSON."""
    styles: Mapping[tuple[str, str], Callable[[str, Any], Any]] = field(default_factory=dict)
    """How arrays and objects in parameters are written, by location and name."""


class CallOptions(NamedTuple):
    """The settings of one call."""

    timeout: Timeout | msgspec.UnsetType = msgspec.UNSET
    total_timeout: float | msgspec.UnsetType | None = msgspec.UNSET
    max_retries: int | msgspec.UnsetType = msgspec.UNSET
    max_response_bytes: int | msgspec.UnsetType | None = msgspec.UNSET
    extra_headers: Mapping[str, str] | None = None
    extra_query: Mapping[str, Any] | None = None
    extra_body: Mapping[str, Any] | None = None


class Arguments(NamedTuple):
    """The arguments of one call, by their names on the wire; an argument that is `UNSET` is not sent."""

    path: Mapping[str, Any] = {}
    query: Mapping[str, Any] = {}
    headers: Mapping[str, Any] = {}
    body: Any = msgspec.UNSET
    cookies: Mapping[str, Any] = {}


Call: TypeAlias = Hidden[tuple[Arguments, CallOptions]]
"""The arguments and the settings of a call, which may hold secrets."""


def hide(arguments: Arguments, options: CallOptions) -> Call:
    """Put the arguments and the settings of a call where no crash reporter finds them."""
    return Hidden((arguments, options))
