"""Parameters in the path, the query, the headers and the cookies of a request."""

from __future__ import annotations

from collections.abc import Sequence

from partially_generator.api import ir, names
from partially_generator.api.examples import first_example, schema_example
from partially_generator.api.fields import field
from partially_generator.api.http import is_json, is_token
from partially_generator.api.schemas import Schemas
from partially_generator.reading import outline
from partially_generator.reading.errors import SpecError
from partially_generator.reading.merging import merged_schema
from partially_spec import Document

_DEFAULT_STYLES: dict[outline.Location, str] = {
    "path": "simple",
    "header": "simple",
    "query": "form",
    "cookie": "form",
}

_WRITERS: dict[tuple[outline.Location, str, bool], str] = {
    ("path", "simple", False): "simple",
    ("path", "simple", True): "simple_pairs",
    ("path", "label", False): "label",
    ("path", "label", True): "label_pairs",
    ("path", "matrix", False): "matrix",
    ("path", "matrix", True): "matrix_pairs",
    ("header", "simple", False): "header",
    ("header", "simple", True): "header_pairs",
    ("query", "form", False): "comma",
    ("query", "form", True): "repeated",
    ("query", "spaceDelimited", False): "space",
    ("query", "pipeDelimited", False): "pipe",
    ("query", "spaceDelimited", True): "repeated",
    ("query", "pipeDelimited", True): "repeated",
    ("query", "deepObject", True): "deep",
    ("query", "deepObject", False): "deep",
    ("cookie", "form", False): "cookie",
    ("cookie", "form", True): "cookie_pairs",
}
"""The function in the runtime's `styles` that writes arrays and objects, by location, style and explode."""

_JSON_WRITERS: dict[outline.Location, str] = {
    "path": "simple_json",
    "query": "json",
    "header": "header_json",
    "cookie": "cookie_json",
}
"""The same for a value that is sent as JSON."""


def parameters(
    document: Document,
    schemas: Schemas,
    operation: outline.Operation,
    operation_id: str,
    taken: Sequence[str],
) -> tuple[ir.Parameter, ...]:
    """The parameters of an operation and of its path: path parameters first, in the order of the path.

    Args:
        document: The document.
        schemas: Its types.
        operation: The operation.
        operation_id: The start of the names of models of parameters.
        taken: Names that no parameter can have.

    Raises:
        SpecError: One cannot be sent.
    """
    found: list[ir.Parameter] = []
    for given in operation.parameters:
        if not _is_ignored(given):
            own = [*taken, *(parameter.field.name for parameter in found)]
            found.append(_parameter(document, schemas, given, operation_id, own))
    order = {wire: position for position, wire in enumerate(_path_names(operation.path))}
    return tuple(
        sorted(
            found, key=lambda p: order.get(p.field.wire, len(order)) if p.location == "path" else len(order)
        )
    )


def _is_ignored(given: outline.Parameter) -> bool:
    """OpenAPI says that parameters for these three headers are ignored."""
    return given.location == "header" and given.name.lower() in {"accept", "content-type", "authorization"}


def _parameter(
    document: Document, schemas: Schemas, given: outline.Parameter, operation_id: str, taken: Sequence[str]
) -> ir.Parameter:
    wire, location = given.name, given.location
    if location in {"header", "cookie"} and not is_token(wire):
        raise SpecError((*given.place, "name"), f"expected a valid {location} name, got {wire!r}")
    content = given.content[0] if given.content else None
    if content is not None and not is_json(content.media_type):
        raise SpecError(content.place, "a parameter with `content` can only be sent as application/json")
    node = given.raw if content is None else content.raw
    where = (*(given.place if content is None else content.place), "schema")
    schema = node.get("schema", {})
    type_ = schemas.type(schema, where, f"{operation_id} {wire}", sent=True)
    style = _style(given, type_) if content is None else _JSON_WRITERS[location]
    flattened = merged_schema(document, schema, where)
    description = given.description or flattened.get("description", "")
    own = field(
        wire,
        names.identifier(wire, taken),
        type_,
        {**flattened, "description": description, "deprecated": given.deprecated},
        required=given.required or location == "path",
        example=first_example(document, node) or schema_example(flattened),
    )
    return ir.Parameter(field=own, location=location, style=style)


def _style(given: outline.Parameter, kind: ir.TypeRef) -> str | None:
    """The function that writes the value; None if the default is enough."""
    style = _DEFAULT_STYLES[given.location] if given.style is None else given.style
    explode = style == "form" if given.explode is None else given.explode
    writer = _WRITERS.get((given.location, style, explode))
    if writer is None:
        known = ", ".join(sorted({s for location, s, _ in _WRITERS if location == given.location}))
        raise SpecError(
            (*given.place, "style"),
            f"expected a style for the {given.location}: one of {known}, got {style!r}",
        )
    plain = not is_compound(kind)
    usual = style in {"simple", "form", "spaceDelimited", "pipeDelimited"}
    if given.location == "cookie":
        return writer
    if plain and usual:
        return None
    return None if writer == "repeated" and not _has_objects(kind) else writer


def is_compound(kind: ir.TypeRef) -> bool:
    """Whether a value can be an array or an object."""
    if isinstance(kind, ir.OneOf):
        return any(is_compound(member) for member in kind.members)
    return isinstance(kind, ir.ListOf | ir.MapOf | ir.ModelRef | ir.UnionRef) or kind == ir.Scalar("any")


def _has_objects(kind: ir.TypeRef) -> bool:
    if isinstance(kind, ir.OneOf):
        return any(_has_objects(member) for member in kind.members)
    if isinstance(kind, ir.ListOf):
        return is_compound(kind.item)
    return is_compound(kind)


def _path_names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]
