"""Compares the media types of a body."""

from __future__ import annotations

from partially_generator.diff.changes.findings import Findings, Place, Unquoted
from partially_generator.diff.comparing.annotations import Annotations, resolved_examples
from partially_generator.diff.comparing.schemas import Schemas, SchemaUse
from partially_generator.diff.reading.parts import DocumentReader, Part, canonical


def compare_content(
    old_side: DocumentReader,
    new_side: DocumentReader,
    old: Part,
    new: Part,
    use: SchemaUse,
    schemas: Schemas,
    findings: Findings,
) -> None:
    """Compare the `content` of two objects."""
    before, after = _content(old), _content(new)
    what = use.root if use.direction == "request" else f"the {use.part}"
    for kind in (*after, *(kind for kind in before if kind not in after)):
        if kind not in before:
            place = use.place(old.pointer, after[kind].pointer)
            findings.add(f"{use.direction}-media-type-added", what, place, after=Unquoted(kind))
        elif kind not in after:
            place = use.place(before[kind].pointer, new.pointer)
            findings.add(f"{use.direction}-media-type-removed", what, place, before=Unquoted(kind))
        else:
            media = (resolved_examples(old_side, before[kind]), resolved_examples(new_side, after[kind]))
            _media(*media, what, use, schemas, findings)


def _media(old: Part, new: Part, what: str, use: SchemaUse, schemas: Schemas, findings: Findings) -> None:
    place = Place(use.operation, use.part, old.pointer, new.pointer)
    Annotations(findings).compare(old, new, what, place)
    if canonical(old.node.get("encoding")) != canonical(new.node.get("encoding")):
        encodings = [part.node.get("encoding") for part in (old, new)]
        findings.add("encoding-changed", what, place, before=encodings[0], after=encodings[1])
    before, after = (
        part.child("schema") if "schema" in part.node else Part({}, part.pointer) for part in (old, new)
    )
    schemas.compare(before, after, use)


def _content(part: Part) -> dict[str, Part]:
    """The media types, in lower case and without spaces."""
    return {
        "".join(kind.lower().split()): part.child("content", kind) for kind in part.node.get("content") or {}
    }
