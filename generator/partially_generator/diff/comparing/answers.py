"""Compares the answers of an operation: statuses, bodies, headers and links."""

from __future__ import annotations

from typing import Any

from partially_generator.api.http import is_success
from partially_generator.diff.changes.findings import Findings, Place
from partially_generator.diff.comparing.annotations import Annotations, resolved_examples
from partially_generator.diff.comparing.media_types import compare_content
from partially_generator.diff.comparing.schemas import Schemas, SchemaUse
from partially_generator.diff.reading.operations import Operation
from partially_generator.diff.reading.parts import DocumentReader, Part, canonical


class Answers:
    """Compares the answers of operations that both documents have."""

    def __init__(
        self, old: DocumentReader, new: DocumentReader, schemas: Schemas, findings: Findings
    ) -> None:
        self._old = old
        self._new = new
        self._schemas = schemas
        self._findings = findings
        self._texts = Annotations(findings)

    def compare(self, old: Operation, new: Operation) -> None:
        """Compare all answers."""
        before, after = self._answers(self._old, old.part), self._answers(self._new, new.part)
        for status in (*after, *(status for status in before if status not in after)):
            kind = "success" if is_success(status) else "error"
            part = f"answer {status}"
            if status not in before:
                place = Place(new.name, part, None, after[status].pointer)
                self._findings.add(f"{kind}-status-added", part, place, after=status)
            elif status not in after:
                place = Place(new.name, part, before[status].pointer, None)
                self._findings.add(f"{kind}-status-removed", part, place, before=status)
            else:
                self._answer(new.name, part, before[status], after[status])

    def _answers(self, side: DocumentReader, part: Part) -> dict[str, Part]:
        responses = part.node.get("responses") or {}
        return {
            status.upper() if status != "default" else status: side.resolve(part.child("responses", status))
            for status in responses
            if not status.startswith("x-")
        }

    def _answer(self, operation: str, part: str, old: Part, new: Part) -> None:
        place = Place(operation, part, old.pointer, new.pointer)
        what = f"the {part}"
        self._texts.compare(old, new, what, place)
        had, has = bool(old.node.get("content")), bool(new.node.get("content"))
        if had != has:
            self._findings.add("answer-body-added" if has else "answer-body-removed", what, place)
        elif has:
            use = SchemaUse(operation, part, "response", "the body")
            compare_content(self._old, self._new, old, new, use, self._schemas, self._findings)
        self._headers(operation, part, old, new)
        self._links(operation, part, old, new)

    def _headers(self, operation: str, part: str, old: Part, new: Part) -> None:
        before, after = self._named(self._old, old), self._named(self._new, new)
        for key in (*after, *(key for key in before if key not in after)):
            left, right = before.get(key), after.get(key)
            what = f"`{(right or left or old).name}`"
            place = Place(operation, part, left.pointer if left else None, right.pointer if right else None)
            if left is not None and right is not None:
                self._header(left, right, what, place)
            elif right is None:
                self._findings.add("response-header-removed", what, place)
            else:
                needed = "-required" if right.node.get("required") else ""
                self._findings.add(f"response-header-added{needed}", what, place)

    def _header(self, old: Part, new: Part, what: str, place: Place) -> None:
        if bool(old.node.get("required")) != bool(new.node.get("required")):
            needed = "required" if new.node.get("required") else "optional"
            self._findings.add(f"response-header-became-{needed}", what, place)
        called = f"the header {what}"
        self._texts.compare(old, new, called, place)
        if "schema" in old.node and "schema" in new.node:
            use = SchemaUse(place.operation, place.part, "response", called)
            self._schemas.compare(old.child("schema"), new.child("schema"), use)

    def _named(self, side: DocumentReader, answer: Part) -> dict[str, Part]:
        """The headers by their names in lower case; each part has the name as written."""
        found = {}
        for name in answer.node.get("headers") or {}:
            if name.lower() != "content-type":
                part = resolved_examples(side, side.resolve(answer.child("headers", name)))
                found[name.lower()] = Part(part.node, part.pointer, name)
        return found

    def _links(self, operation: str, part: str, old: Part, new: Part) -> None:
        sides: list[dict[str, Part]] = [
            {name: side.resolve(answer.child("links", name)) for name in answer.node.get("links") or {}}
            for side, answer in ((self._old, old), (self._new, new))
        ]
        before, after = sides
        for name in (*after, *(name for name in before if name not in after)):
            left, right = before.get(name), after.get(name)
            what = f"`{name}`"
            place = Place(operation, part, left.pointer if left else None, right.pointer if right else None)
            if left is None or right is None:
                self._findings.add("link-added" if left is None else "link-removed", what, place)
                continue
            self._texts.compare(left, right, f"the link {what}", place)
            if canonical(_target(left)) != canonical(_target(right)):
                self._findings.add("link-changed", what, place, before=_target(left), after=_target(right))


def _target(link: Part) -> dict[str, Any]:
    return {k: v for k, v in link.node.items() if k != "description" and not k.startswith("x-")}
