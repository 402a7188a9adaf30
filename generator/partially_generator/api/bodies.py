"""Bodies of requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from partially_generator.api import ir, names
from partially_generator.api.examples import first_example
from partially_generator.api.fields import body_fields, field
from partially_generator.api.http import is_json, preferred_media, without_parameters
from partially_generator.api.schemas import Property, Schemas
from partially_generator.reading import outline
from partially_generator.reading.errors import SpecError
from partially_generator.reading.places import Place
from partially_spec import Document

_MEDIA_TYPE = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+(\s*;\s*[\w.-]+=[\w.+-]+)*", re.ASCII)
_STYLES = {
    ("form", True): "repeated",
    ("form", False): "comma",
    ("spaceDelimited", True): "repeated",
    ("spaceDelimited", False): "space",
    ("pipeDelimited", True): "repeated",
    ("pipeDelimited", False): "pipe",
    ("deepObject", True): "deep",
    ("deepObject", False): "deep",
}
_AS_USUAL = outline.Encoding(content_type="", style=None, explode=None)
FILE = ir.Scalar("file")


def body(
    schemas: Schemas, operation: outline.Operation, operation_id: str, taken: Sequence[str]
) -> ir.Body | None:
    """The body of an operation: JSON if there is a JSON media type, else the first one.

    Args:
        schemas: The types of the document.
        operation: The operation.
        operation_id: The start of the names of models of the body.
        taken: Names that other arguments have.

    Raises:
        SpecError: The client cannot send it.
    """
    described = operation.body
    if described is None:
        return None
    content = preferred_media(described.content)
    if not content:
        raise SpecError((*described.place, "content"), "expected a media type")
    media, required = content[0], described.required
    kind = _kind(media)
    known: dict[str, Any] = {"required": required, "kind": kind, "media_type": _sendable(media.media_type)}
    if kind not in {"json", "form", "multipart"}:
        type_: ir.TypeRef = ir.Scalar("str" if kind == "text" else "bytes")
        return ir.Body(**known, whole=_whole(described, type_, taken))
    where = (*media.place, "schema")
    found = schemas.type(media.schema, where, f"{operation_id} body", sent=True)
    if not isinstance(found, ir.ModelRef):
        if kind != "json" and not isinstance(found, ir.MapOf):
            raise SpecError(where, "expected an object: the body is a form")
        return ir.Body(**known, whole=_whole(described, found, taken))
    properties = schemas.properties(found.name)
    if kind == "multipart":
        properties = [_as_part(prop) for prop in properties]
    fields = body_fields(properties, taken, needed=required)
    return ir.Body(**known, fields=fields, writers=_writers(media, properties, kind))


def body_example(
    document: Document, operation: outline.Operation, sent: ir.Body | None
) -> tuple[tuple[str, Any], ...]:
    """The arguments of the body in an example call."""
    if operation.body is None or sent is None or not sent.fields:
        return ()
    example = first_example(document, preferred_media(operation.body.content)[0].raw)
    if example and isinstance(example[0], dict):
        by_wire = {own.wire: own.name for own in sent.fields}
        return tuple((by_wire[wire], value) for wire, value in example[0].items() if wire in by_wire)
    return tuple((own.name, own.example) for own in sent.fields if own.required and own.has_example)


def _whole(described: outline.Body, kind: ir.TypeRef, taken: Sequence[str]) -> ir.Field:
    description = {"description": described.description}
    return field("body", names.identifier("body", taken), kind, description, required=described.required)


def _kind(media: outline.MediaType) -> ir.BodyKind:
    known = without_parameters(media.media_type)
    if "/" not in known:
        raise SpecError(media.place, "expected a media type such as application/json")
    if is_json(media.media_type):
        return "json"
    if known == "application/x-www-form-urlencoded":
        return "form"
    if known.startswith("multipart/"):
        return "multipart"
    return "text" if known.startswith("text/") else "bytes"


def _sendable(media_type: str) -> str:
    """The media type, if it is a valid one and not a range."""
    return (
        media_type
        if _MEDIA_TYPE.fullmatch(media_type) and "*" not in media_type
        else "application/octet-stream"
    )


def _as_part(prop: Property) -> Property:
    kind = prop.type
    if _is_file(prop.schema):
        kind = FILE
    elif isinstance(kind, ir.ListOf) and _is_file(prop.schema.get("items")):
        kind = ir.ListOf(FILE)
    return prop._replace(type=kind)


def _is_file(schema: Any) -> bool:
    """Whether a part is a file: `format: binary` in 3.0, `contentMediaType` in 3.1."""
    if not isinstance(schema, dict):
        return False
    if schema.get("format") == "binary":
        return True
    return "contentMediaType" in schema and "contentEncoding" not in schema


def _writers(
    media: outline.MediaType, properties: Sequence[Property], kind: ir.BodyKind
) -> tuple[tuple[str, str], ...]:
    """The fields that are not written in the default way, as `ir.Body.writers`."""
    found: dict[str, str] = {}
    for prop in properties:
        given = media.encoding.get(prop.wire, _AS_USUAL)
        where = (*media.place, "encoding", prop.wire)
        if kind == "multipart":
            content_type = given.content_type.partition(",")[0].strip()
            if content_type and "*" not in content_type:
                if not _MEDIA_TYPE.fullmatch(content_type):
                    raise SpecError((*where, "contentType"), f"expected a media type, got {content_type!r}")
                found[prop.wire] = content_type
        elif kind == "form":
            found[prop.wire] = _form_writer(given, where)
    return tuple((wire, writer) for wire, writer in found.items() if writer != "repeated")


def _form_writer(given: outline.Encoding, place: Place) -> str:
    if is_json(given.content_type):
        return "json"
    style = "form" if given.style is None else given.style
    writer = _STYLES.get((style, style == "form" if given.explode is None else given.explode))
    if writer is None:
        known = ", ".join(sorted({known for known, _ in _STYLES}))
        raise SpecError((*place, "style"), f"expected one of {known}, got {style!r}")
    return writer
