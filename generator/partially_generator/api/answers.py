"""Responses of operations: those of success, and refusals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from partially_generator.api import ir
from partially_generator.api.examples import first_example, read_refusal
from partially_generator.api.http import is_json, is_success, preferred_media, without_parameters
from partially_generator.api.schemas import Schemas
from partially_generator.reading import outline
from partially_spec import Document


def success(
    document: Document, schemas: Schemas, operation: outline.Operation, operation_id: str
) -> ir.Success:
    """The response of success; statuses with another body than the first are in `others`.

    Raises:
        SpecError: A client cannot express a schema.
    """
    answers = [answer for answer in operation.answers if is_success(answer.status)]
    answers = answers or [answer for answer in operation.answers if answer.status == "default"]
    found = [_answer(document, schemas, answer, operation_id) for answer in answers]
    if operation.method == "head":  # RFC 9110, 9.3.2: it never has a body
        found = [
            ir.Success(status=answer.status, kind="none", description=answer.description) for answer in found
        ]
    if not found:
        return ir.Success(status=200, kind="none")
    first = found[0]
    differing = [
        ir.OtherStatus(status=answer.status.upper(), kind=read.kind, type=read.type)
        for answer, read in zip(answers, found, strict=True)
        if (read.kind, read.type) != (first.kind, first.type)
    ]
    if any(
        other.status.upper() == "2XX" for other in differing
    ):  # the range must not apply to the first status
        differing.insert(0, ir.OtherStatus(status=answers[0].status, kind=first.kind, type=first.type))
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


def refusals(document: Document, operation: outline.Operation) -> tuple[ir.Refusal, ...]:
    """The documented statuses other than those of success."""
    return tuple(
        read_refusal(document, answer) for answer in operation.answers if not is_success(answer.status)
    )


def _answer(document: Document, schemas: Schemas, answer: outline.Answer, operation_id: str) -> ir.Success:
    number = int(answer.status.upper().replace("X", "0")) if answer.status != "default" else 200
    known: dict[str, Any] = {"status": number, "description": answer.description}
    content = preferred_media(answer.content)
    if not content or number in {204, 205}:
        return ir.Success(**known, kind="none")
    media = content[0]
    known |= {
        "example": first_example(document, media.raw),
        "accept": accepted(offered.media_type for offered in content),
    }
    if is_json(media.media_type):
        kind = schemas.type(media.schema, (*media.place, "schema"), f"{operation_id} response")
        return ir.Success(**known, kind="json", type=kind)
    other: Literal["text", "bytes"] = (
        "text" if without_parameters(media.media_type).startswith("text/") else "bytes"
    )
    return ir.Success(**known, kind=other)


def accepted(media_types: Iterable[str]) -> str:
    """The media types as the value of an `Accept` header; invalid ones are left out."""
    kinds = map(without_parameters, media_types)
    plain = [
        kind
        for kind in kinds
        if kind.isascii() and kind.count("/") == 1 and all(c.isalnum() or c in "/.+-*_" for c in kind)
    ]
    return ", ".join(dict.fromkeys(plain))
