"""What is sent in the path, the query, the headers and the cookies of a request."""

from __future__ import annotations

from collections.abc import Sequence

from partially_generator import ir, names
from partially_generator.document import flat
from partially_generator.errors import SpecError
from partially_generator.examples import first_example, schema_example
from partially_generator.expressible import Json, Place, is_token
from partially_generator.fields import field
from partially_generator.media import is_json
from partially_generator.schemas import Schemas
from partially_spec import Document

_DEFAULT_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}

_WRITERS: dict[tuple[str, str, bool], str] = {
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
"""Which function of the runtime's `styles` writes a value of several parts, by place, style and explode."""

_JSON_WRITERS: dict[ir.Location, str] = {
    "path": "simple_json",
    "query": "json",
    "header": "header_json",
    "cookie": "cookie_json",
}
"""The same for a value that is sent as JSON."""


def parameters(
    document: Document,
    schemas: Schemas,
    item: Json,
    place: Place,
    operation_id: str,
    taken: Sequence[str],
) -> tuple[ir.Parameter, ...]:
    """The parameters of an operation and of its path: those of the path first, in its order.

    Args:
        document: The document.
        schemas: Its types.
        item: The path item.
        place: Where the operation is.
        operation_id: What models of parameters are called after.
        taken: Names that no parameter can have.

    Raises:
        SpecError: One cannot be sent.
    """
    path, method = str(place[-2]), str(place[-1])
    merged: dict[tuple[str, str], tuple[Json, Place]] = {}
    for listed, where in (
        (item.get("parameters", []), place[:-1]),
        (item[method].get("parameters", []), place),
    ):
        for index, entry in enumerate(listed):
            raw = document.resolve(entry)
            merged[raw["in"], raw["name"]] = (raw, (*where, "parameters", index))
    found: list[ir.Parameter] = []
    for raw, where in merged.values():
        if not _is_ignored(raw):
            own = [*taken, *(parameter.field.name for parameter in found)]
            found.append(_parameter(document, schemas, raw, where, operation_id, own))
    order = {wire: position for position, wire in enumerate(_path_names(path))}
    return tuple(
        sorted(
            found, key=lambda p: order.get(p.field.wire, len(order)) if p.location == "path" else len(order)
        )
    )


def _is_ignored(raw: Json) -> bool:
    """OpenAPI says of these three headers that a parameter for them is to be ignored."""
    return raw["in"] == "header" and raw["name"].lower() in {"accept", "content-type", "authorization"}


def _parameter(
    document: Document, schemas: Schemas, raw: Json, place: Place, operation_id: str, taken: Sequence[str]
) -> ir.Parameter:
    wire = raw["name"]
    location = _location(raw["in"], place)
    if location in {"header", "cookie"} and not is_token(wire):
        raise SpecError((*place, "name"), f"expected the name of a {location}, got {wire!r}")
    content = raw.get("content")
    node, where = (raw, place)
    if isinstance(content, dict) and content:
        kind, node = next(iter(content.items()))
        where = (*place, "content", kind)
        if not is_json(kind):
            raise SpecError(
                where, "a parameter with a content can be sent as application/json, and not otherwise"
            )
    schema = node.get("schema", {})
    type_ = schemas.type(schema, (*where, "schema"), f"{operation_id} {wire}", sent=True)
    style = _style(raw, type_, place) if node is raw else _JSON_WRITERS[location]
    flattened = flat(document, schema, (*where, "schema"))
    description = raw.get("description") or flattened.get("description", "")
    own = field(
        wire,
        names.identifier(wire, taken),
        type_,
        {**flattened, "description": description, "deprecated": raw.get("deprecated")},
        required=bool(raw.get("required")) or location == "path",
        example=first_example(document, node) or schema_example(flattened),
    )
    return ir.Parameter(field=own, location=location, style=style)


def _style(raw: Json, kind: ir.TypeRef, place: Place) -> str | None:
    """How a value of several parts is written; None where the usual way does."""
    style = raw.get("style", _DEFAULT_STYLES[raw["in"]])
    explode = raw.get("explode", style == "form")
    writer = _WRITERS.get((raw["in"], style, explode))
    if writer is None:
        known = ", ".join(sorted({s for location, s, _ in _WRITERS if location == raw["in"]}))
        raise SpecError(
            (*place, "style"), f"in the {raw['in']} the styles {known} can be written, got {style!r}"
        )
    plain = not is_compound(kind)
    usual = style in {"simple", "form", "spaceDelimited", "pipeDelimited"}
    if raw["in"] == "cookie":
        return writer
    if plain and usual:
        return None
    return None if writer == "repeated" and not _has_objects(kind) else writer


def is_compound(kind: ir.TypeRef) -> bool:
    """Whether a value can have several parts."""
    if isinstance(kind, ir.OneOf):
        return any(is_compound(member) for member in kind.members)
    return isinstance(kind, ir.ListOf | ir.MapOf | ir.ModelRef | ir.UnionRef) or kind == ir.Scalar("any")


def _has_objects(kind: ir.TypeRef) -> bool:
    if isinstance(kind, ir.OneOf):
        return any(_has_objects(member) for member in kind.members)
    if isinstance(kind, ir.ListOf):
        return is_compound(kind.item)
    return is_compound(kind)


def _location(given: str, place: Place) -> ir.Location:
    match given:
        case "path" | "query" | "header" | "cookie":
            return given
    raise SpecError((*place, "in"), f"expected path, query, header or cookie, got {given!r}")


def _path_names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]
