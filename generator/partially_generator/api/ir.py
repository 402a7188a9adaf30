"""The intermediate representation of an API: small frozen classes that know no parser.

`reader.py` builds it once. Everything later (views, templates, comparisons) reads nothing else.
A `name` is a Python identifier; a `wire` is the name that the API itself uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from partially_generator.reading.outline import Location

ScalarName = Literal[
    "str",
    "uuid",
    "int",
    "float",
    "bool",
    "datetime",
    "local-datetime",
    "date",
    "bytes",
    "decimal",
    "file",
    "any",
    "none",
]
BodyKind = Literal["json", "form", "multipart", "text", "bytes"]
PagingStyle = Literal["page-number", "cursor", "offset"]
AnswerKind = Literal["json", "text", "bytes", "none"]
Retry = Literal["safe", "unsent", "rejected"]
Constraint = tuple[str, "int | float | str"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single JSON value. Constraints carry the names of msgspec: `ge`, `min_length`, `pattern`, ..."""

    name: ScalarName
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Enum:
    """One of a few fixed values."""

    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array."""

    item: TypeRef
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object whose keys are free."""

    value: TypeRef
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model, by the name of its class."""

    name: str


@dataclass(frozen=True, slots=True)
class UnionRef:
    """A union that needs a class, because its members have the same JSON type."""

    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value of one of several types. Its JSON type tells which one."""

    members: tuple[TypeRef, ...]


TypeRef = Scalar | Enum | ListOf | MapOf | ModelRef | UnionRef | OneOf


def models_in(kind: TypeRef) -> tuple[str, ...]:
    """The names of the models and unions that a type mentions."""
    match kind:
        case ModelRef(name=name) | UnionRef(name=name):
            return (name,)
        case ListOf(item=inner) | MapOf(value=inner):
            return models_in(inner)
        case OneOf(members=members):
            return tuple(name for member in members for name in models_in(member))
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A property of a model, a field of a body, or a parameter."""

    name: str
    wire: str
    type: TypeRef
    required: bool
    description: str
    secret: bool = False
    has_default: bool = False
    default: Any = None
    """The documented default of the server. Never sent."""
    has_example: bool = False
    example: Any = None
    read_only: bool = False
    """Whether only the server sets it."""
    deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An object schema that becomes a class."""

    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """Alternatives of the same JSON type. A property tells which one a value is, or which of them fits."""

    name: str
    description: str
    members: tuple[TypeRef, ...]
    discriminator: str | None
    """The property that tells the members apart."""
    mapping: tuple[tuple[str, TypeRef], ...]
    """The values of that property, each with its type."""
    fallback: TypeRef | None = None
    """The type of a value whose property has another value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter outside the body."""

    field: Field
    location: Location
    style: str | None = None
    """The function in the runtime's `styles` that writes it; None for the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A request body: the fields of an object, or one value as a whole."""

    required: bool
    kind: BodyKind = "json"
    media_type: str = "application/json"
    fields: tuple[Field, ...] = ()
    whole: Field | None = None
    writers: tuple[tuple[str, str], ...] = ()
    """Fields that are not written in the default way, by their names on the wire. In a form the value is a
    function in the runtime's `styles`, in a multipart body the media type of the part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherStatus:
    """The body of another status of success."""

    status: str
    """As in the document: `204`, `2XX`."""
    kind: AnswerKind
    type: TypeRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """The body of a 2xx response."""

    status: int
    kind: AnswerKind
    type: TypeRef | None = None
    description: str = ""
    example: tuple[Any] | None = None
    """The first documented body. It is in a tuple because it may be null."""
    accept: str = ""
    """The value of the `Accept` header."""
    others: tuple[OtherStatus, ...] = ()
    """Statuses of success with another body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A documented status other than 2xx: `404`, `4XX` or `default`."""

    status: str
    description: str
    example: tuple[Any] | None = None
    """The first documented body. It is in a tuple because it may be null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The fields of a page by their names on the wire."""

    items: str
    number: str
    pages: str
    size: str | None
    entries: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Another operation whose response holds the parameters of a path."""

    operation: str
    """The `operationId` of the other operation."""
    fields: tuple[tuple[str, str], ...]
    """A parameter of the path, and the field of the response that holds it, by their names on the wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Paging: query parameters, and fields of the response by their Python names; empty if there is none."""

    style: PagingStyle
    parameter: str
    """Name of the query parameter on the wire."""
    size: str | None
    items: str
    number: str
    total: str
    next: str
    item_type: TypeRef
    envelope: str
    """Name of the model of a page."""
    wire: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    tag: str
    resource: str
    """The attribute of the client that holds the method."""
    name: str
    http_method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    body_example: tuple[tuple[str, Any], ...]
    success: Success
    refusals: tuple[Refusal, ...]
    retry: Retry
    paging: Paging | None
    authenticated: bool
    """Whether a key is sent along."""
    security: tuple[tuple[str, ...], ...]
    """Alternatives. Each is the keys that are sent together; an empty one means that no key is needed."""
    server: str | None
    """The address of its own server."""
    operation_id: str
    link: Link | None = None
    fake: Any = None
    """The value of `x-fake`; `fake_behaviours.py` reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of the API, and where it is sent."""

    name: str
    """Its name in the document."""
    variable: str
    """The end of the name of its environment variable."""
    place: Literal["header", "query", "cookie"]
    parameter: str
    """The name of that header, parameter or cookie."""
    prefix: str
    is_basic: bool = False
    """Whether it is a user name and a password."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An address the API is served at."""

    url: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """A whole API description."""

    title: str
    version: str
    summary: str
    description: str
    servers: tuple[Server, ...]
    keys: tuple[Key, ...]
    """The keys; that of the whole document first."""
    security: tuple[tuple[str, ...], ...]
    """The usual alternatives of keys."""
    tags: tuple[tuple[str, str], ...]
    """Tag and its description, in the order of the operations."""
    models: tuple[Model, ...]
    unions: tuple[Union, ...]
    left_out: tuple[str, ...]
    """What the client leaves out, in words."""
    operations: tuple[Operation, ...]
