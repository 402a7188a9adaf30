"""What is sent as the body of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from partially_generator import ir, names
from partially_generator.errors import SpecError
from partially_generator.examples import first_example
from partially_generator.expressible import Json, Place
from partially_generator.fields import field, sent_fields
from partially_generator.media import essence, is_json, preferred
from partially_generator.schemas import Property, Schemas
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
FILE = ir.Scalar("file")


def body(
    document: Document, schemas: Schemas, raw: Json, place: Place, operation_id: str, taken: Sequence[str]
) -> ir.Body | None:
    """The body of an operation: JSON if that is offered, else the first form of it.

    Args:
        document: The document.
        schemas: Its types.
        raw: The operation.
        place: Where it is.
        operation_id: What models of the body are called after.
        taken: Names that other arguments have.

    Raises:
        SpecError: It cannot be sent.
    """
    if "requestBody" not in raw:
        return None
    described = document.resolve(raw["requestBody"])
    where = (*place, "requestBody")
    content: Json = preferred(described.get("content", {}))
    if not content:
        raise SpecError((*where, "content"), "a body needs a media type")
    media_type, media = next(iter(content.items()))
    where = (*where, "content", media_type)
    kind = _kind(media_type, where)
    required = bool(described.get("required"))
    known: dict[str, Any] = {"required": required, "kind": kind, "media_type": _sendable(media_type)}
    if kind not in {"json", "form", "multipart"}:
        type_: ir.TypeRef = ir.Scalar("str" if kind == "text" else "bytes")
        return ir.Body(**known, whole=_whole(described, type_, taken, required=required))
    found = schemas.type(media.get("schema", {}), (*where, "schema"), f"{operation_id} body", sent=True)
    if not isinstance(found, ir.ModelRef):
        if kind != "json" and not isinstance(found, ir.MapOf):
            raise SpecError((*where, "schema"), "a form is an object")
        return ir.Body(**known, whole=_whole(described, found, taken, required=required))
    properties = schemas.properties(found.name)
    if kind == "multipart":
        properties = [_as_part(prop) for prop in properties]
    fields = sent_fields(properties, taken, needed=required)
    writers = _writers(media, properties, kind, where)
    return ir.Body(**known, fields=fields, writers=writers)


def body_example(document: Document, raw: Json, sent: ir.Body | None) -> tuple[tuple[str, Any], ...]:
    """The arguments of an example call that go into the body."""
    if sent is None or not sent.fields:
        return ()
    content = preferred(document.resolve(raw["requestBody"])["content"])
    example = first_example(document, next(iter(content.values())))
    if example and isinstance(example[0], dict):
        by_wire = {own.wire: own.name for own in sent.fields}
        return tuple((by_wire[wire], value) for wire, value in example[0].items() if wire in by_wire)
    return tuple((own.name, own.example) for own in sent.fields if own.required and own.has_example)


def _whole(described: Json, kind: ir.TypeRef, taken: Sequence[str], *, required: bool) -> ir.Field:
    description = {"description": described.get("description", "")}
    return field("body", names.identifier("body", taken), kind, description, required=required)


def _kind(media_type: str, place: Place) -> ir.BodyKind:
    known = essence(media_type)
    if "/" not in known:
        raise SpecError(place, "expected a media type such as application/json")
    if is_json(media_type):
        return "json"
    if known == "application/x-www-form-urlencoded":
        return "form"
    if known.startswith("multipart/"):
        return "multipart"
    return "text" if known.startswith("text/") else "bytes"


def _sendable(media_type: str) -> str:
    """The media type, if it is one and no range of them."""
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
    """3.0 says `format: binary`, 3.1 leaves the type out or names a media type of the content."""
    if not isinstance(schema, dict):
        return False
    if schema.get("format") == "binary":
        return True
    return "contentMediaType" in schema and "contentEncoding" not in schema


def _writers(
    media: Json, properties: Sequence[Property], kind: ir.BodyKind, place: Place
) -> tuple[tuple[str, str], ...]:
    """How single fields are written: a function of `styles` in a form, a media type in parts."""
    encoding = media.get("encoding")
    found: dict[str, str] = {}
    for prop in properties:
        given = encoding.get(prop.wire, {}) if isinstance(encoding, dict) else {}
        where = (*place, "encoding", prop.wire)
        if kind == "multipart":
            content_type = str(given.get("contentType", "")).partition(",")[0].strip()
            if content_type and "*" not in content_type:
                if not _MEDIA_TYPE.fullmatch(content_type):
                    raise SpecError((*where, "contentType"), f"expected a media type, got {content_type!r}")
                found[prop.wire] = content_type
        elif kind == "form":
            found[prop.wire] = _form_writer(given, where)
    return tuple((wire, writer) for wire, writer in found.items() if writer != "repeated")


def _form_writer(given: Json, place: Place) -> str:
    if is_json(str(given.get("contentType", ""))):
        return "json"
    style = given.get("style", "form")
    writer = _STYLES.get((style, given.get("explode", style == "form")))
    if writer is None:
        known = ", ".join(sorted({known for known, _ in _STYLES}))
        raise SpecError((*place, "style"), f"expected one of {known}, got {style!r}")
    return writer
