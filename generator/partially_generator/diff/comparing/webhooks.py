"""Compares webhooks and callbacks. The server sends these requests, so bodies go in the other direction."""

from __future__ import annotations

from partially_generator.diff.changes.findings import Findings, Place, Unquoted
from partially_generator.diff.comparing.annotations import Annotations
from partially_generator.diff.comparing.media_types import compare_content
from partially_generator.diff.comparing.schemas import Schemas, SchemaUse
from partially_generator.diff.reading.operations import (
    Operation,
    operations,
    operations_of_path,
    pair_operations,
)
from partially_generator.diff.reading.parts import DocumentReader, Part


class Webhooks:
    """Compares the requests that the server sends."""

    def __init__(
        self, old: DocumentReader, new: DocumentReader, schemas: Schemas, findings: Findings
    ) -> None:
        self._old = old
        self._new = new
        self._schemas = schemas
        self._findings = findings

    def compare(self) -> None:
        """Compare the webhooks of the documents."""
        self._all(operations(self._old, "webhooks"), operations(self._new, "webhooks"), "webhook")

    def compare_callbacks(self, old: Operation, new: Operation) -> None:
        """Compare the callbacks of an operation."""
        self._all(_callbacks(self._old, old), _callbacks(self._new, new), "callback")

    def _all(self, old: list[Operation], new: list[Operation], kind: str) -> None:
        pairs, gone, fresh = pair_operations(old, new)
        for before, after in pairs:
            self._one(before, after, kind)
        for operation in gone:
            place = Place(f"{kind} {operation.name}", "", operation.part.pointer, None)
            self._findings.add(f"{kind}-removed", operation.name, place)
        for operation in fresh:
            place = Place(f"{kind} {operation.name}", "", None, operation.part.pointer)
            self._findings.add(f"{kind}-added", operation.name, place)

    def _one(self, old: Operation, new: Operation, kind: str) -> None:
        name = f"{kind} {new.name}"
        place = Place(name, "", old.part.pointer, new.part.pointer)
        texts = Annotations(self._findings)
        texts.compare(old.part, new.part, f"the {name}", place)
        before, after = old.body(self._old), new.body(self._new)
        if before is not None and after is not None:
            texts.compare(before, after, "the request body", Place(name, "", before.pointer, after.pointer))
            use = SchemaUse(name, "request body", "response", "the body")
            compare_content(self._old, self._new, before, after, use, self._schemas, self._findings)
        had, has = _answers(self._old, old), _answers(self._new, new)
        for status in has:
            if status in had:
                use = SchemaUse(name, f"answer {status}", "request", "the body")
                pair = (had[status], has[status])
                where = use.place(pair[0].pointer, pair[1].pointer)
                texts.compare(*pair, f"the answer {status}", where)
                compare_content(self._old, self._new, *pair, use, self._schemas, self._findings)
        for what, left, right in (
            ("the body", _need(before), _need(after)),
            ("the list of answers", ", ".join(sorted(had)), ", ".join(sorted(has))),
            ("the list of parameters", _parameters(self._old, old), _parameters(self._new, new)),
        ):
            if left != right:
                words = Unquoted(left or "empty"), Unquoted(right or "empty")
                self._findings.add("webhook-terms-changed", what, place, before=words[0], after=words[1])


def _callbacks(side: DocumentReader, operation: Operation) -> list[Operation]:
    found: list[Operation] = []
    for name in operation.part.node.get("callbacks") or {}:
        callback = side.resolve(operation.part.child("callbacks", name))
        for expression in callback.node:
            if not expression.startswith("x-"):
                found += operations_of_path(side, f"{name} {expression}", callback.child(expression))
    return found


def _answers(side: DocumentReader, operation: Operation) -> dict[str, Part]:
    part = operation.part
    statuses = part.node.get("responses") or {}
    return {s: side.resolve(part.child("responses", s)) for s in statuses if not s.startswith("x-")}


def _need(body: Part | None) -> str:
    if body is None:
        return "none"
    return "required" if body.node.get("required") else "optional"


def _parameters(side: DocumentReader, operation: Operation) -> str:
    return ", ".join(
        f"{location} {name}{' (required)' if part.node.get('required') else ''}"
        for (location, name), part in sorted(operation.parameters(side).items())
    )
