"""What comes back: the answers of success, and those that refuse."""

from __future__ import annotations

from typing import Any, Literal

from partially_generator import ir
from partially_generator.examples import first_example, refusal
from partially_generator.expressible import Json, Place
from partially_generator.media import essence, is_json, is_success, preferred
from partially_generator.schemas import Schemas
from partially_spec import Document


def success(document: Document, schemas: Schemas, raw: Json, place: Place, operation_id: str) -> ir.Success:
    """What an operation gives when all went well; those statuses that differ from the first are in `others`.

    Raises:
        SpecError: A schema cannot be expressed.
    """
    responses = raw.get("responses", {})
    statuses = [status for status in responses if is_success(status)]
    statuses = statuses or [status for status in responses if status == "default"]
    found = [
        _answer(
            document,
            schemas,
            status,
            document.resolve(responses[status]),
            (*place, "responses", status),
            operation_id,
        )
        for status in statuses
    ]
    if place[-1] == "head":  # RFC 9110, 9.3.2: it never has a body
        found = [
            ir.Success(status=answer.status, kind="none", description=answer.description) for answer in found
        ]
    if not found:
        return ir.Success(status=200, kind="none")
    first = found[0]
    differing = [
        ir.Other(status=status.upper(), kind=answer.kind, type=answer.type)
        for status, answer in zip(statuses, found, strict=True)
        if (answer.kind, answer.type) != (first.kind, first.type)
    ]
    if any(other.status.upper() == "2XX" for other in differing):  # which says nothing of the first then
        differing.insert(0, ir.Other(status=statuses[0], kind=first.kind, type=first.type))
    others = tuple(differing)
    accepts = dict.fromkeys(answer.accept for answer in found if answer.accept)
    return ir.Success(
        status=first.status,
        kind=first.kind,
        type=first.type,
        description=first.description,
        example=first.example,
        accept=", ".join(accepts),
        others=others,
    )


def refusals(document: Document, raw: Json) -> tuple[ir.Refusal, ...]:
    """The documented statuses other than those of success."""
    refused = {s: a for s, a in raw.get("responses", {}).items() if not is_success(s)}
    return tuple(refusal(document, status, answer) for status, answer in refused.items())


def _answer(
    document: Document, schemas: Schemas, status: str, answer: Json, place: Place, operation_id: str
) -> ir.Success:
    number = int(status.upper().replace("X", "0")) if status != "default" else 200
    known: dict[str, Any] = {"status": number, "description": answer.get("description", "")}
    content = preferred(answer.get("content", {}))
    if not content or number in {204, 205}:
        return ir.Success(**known, kind="none")
    media_type, media = next(iter(content.items()))
    known |= {"example": first_example(document, media), "accept": accepted(content)}
    if is_json(media_type):
        where = (*place, "content", media_type, "schema")
        kind = schemas.type(media.get("schema", {}), where, f"{operation_id} response")
        return ir.Success(**known, kind="json", type=kind)
    other: Literal["text", "bytes"] = "text" if essence(media_type).startswith("text/") else "bytes"
    return ir.Success(**known, kind=other)


def accepted(content: Json) -> str:
    """The media types as an `Accept` header asks for them; those that are none are left out."""
    kinds = (essence(media_type) for media_type in content)
    plain = [
        kind
        for kind in kinds
        if kind.isascii() and kind.count("/") == 1 and all(c.isalnum() or c in "/.+-*_" for c in kind)
    ]
    return ", ".join(dict.fromkeys(plain))
