"""Compares an operation: its requests and its answers."""

from __future__ import annotations

from typing import Any

from partially_generator.diff.changes.findings import Findings, Place, Unquoted
from partially_generator.diff.comparing.annotations import Annotations, resolved_examples
from partially_generator.diff.comparing.answers import Answers
from partially_generator.diff.comparing.media_types import compare_content
from partially_generator.diff.comparing.schemas import Schemas, SchemaUse
from partially_generator.diff.reading.operations import Operation
from partially_generator.diff.reading.parts import DocumentReader, Part

_IGNORED_HEADERS = {"accept", "content-type", "authorization"}
"""OpenAPI says that parameters of these names are ignored."""

_STYLE = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


class Exchanges:
    """Compares operations that both documents have."""

    def __init__(
        self, old: DocumentReader, new: DocumentReader, schemas: Schemas, findings: Findings
    ) -> None:
        self._old = old
        self._new = new
        self._schemas = schemas
        self._findings = findings
        self._answers = Answers(old, new, schemas, findings)
        self._texts = Annotations(findings)

    def compare(self, old: Operation, new: Operation) -> None:
        """Compare two versions of an operation, without keys and servers."""
        place = Place(new.name, "", old.part.pointer, new.part.pointer)
        if old.key != new.key:
            self._findings.add(
                "operation-moved", new.name, place, before=Unquoted(old.name), after=Unquoted(new.name)
            )
        self._names(old, new, place)
        for operation_old, operation_new in ((old.item, new.item), (old.part, new.part)):
            self._texts.compare(operation_old, operation_new, "the operation", place)
        self._parameters(old, new)
        self._body(old, new)
        self._answers.compare(old, new)

    def _names(self, old: Operation, new: Operation, place: Place) -> None:
        if old.id != new.id:
            use = _below(place, "operationId", old.part, new.part)
            self._findings.add("operation-id-changed", "the operationId", use, before=old.id, after=new.id)
        use = _below(place, "tags", old.part, new.part)
        if old.tags[:1] != new.tags[:1]:
            before, after = (operation.tags[0] if operation.tags else None for operation in (old, new))
            self._findings.add("tag-changed", "the first tag", use, before=before, after=after)
        left, right = sorted(old.tags[1:]), sorted(new.tags[1:])
        if left != right:
            self._findings.add(
                "further-tags-changed", "the further tags", use, before=left or None, after=right or None
            )

    def _parameters(self, old: Operation, new: Operation) -> None:
        left, right = old.parameters(self._old), new.parameters(self._new)
        pairs = [(left.pop(key), right.pop(key)) for key in list(right) if key in left]
        if old.key == new.key:
            pairs += self._renamed(old, new, left, right)
        for key in list(right):
            same = [other for other in left if other[1].lower() == key[1].lower()]
            if len(same) == 1:
                pairs.append((left.pop(same[0]), right.pop(key)))
        for before, after in pairs:
            self._parameter(new.name, before, after)
        for rule, parts in (("removed", left), ("added", right)):
            for (location, _), part in parts.items():
                if _is_ignored(part.node):
                    continue
                what = _called(part)
                if rule == "removed":
                    place = Place(new.name, f"{location} parameter", part.pointer, None)
                    self._findings.add("parameter-removed", what, place)
                else:
                    needed = "required" if part.node.get("required") else "optional"
                    place = Place(new.name, f"{location} parameter", None, part.pointer)
                    self._findings.add(f"parameter-added-{needed}", what, place)

    def _renamed(
        self, old: Operation, new: Operation, left: dict[Any, Part], right: dict[Any, Part]
    ) -> list[tuple[Part, Part]]:
        pairs = []
        for before, after in zip(old.path_parameter_names(), new.path_parameter_names(), strict=True):
            if before != after and ("path", before) in left and ("path", after) in right:
                pair = left.pop(("path", before)), right.pop(("path", after))
                place = Place(new.name, "path parameter", pair[0].pointer, pair[1].pointer)
                self._findings.add(
                    "parameter-renamed", f"the path parameter `{after}`", place, before=before, after=after
                )
                pairs.append(pair)
        return pairs

    def _parameter(self, operation: str, old: Part, new: Part) -> None:
        before, after = old.node, new.node
        if _is_ignored(before) and _is_ignored(after):
            return
        what = _called(new)
        place = Place(operation, f"{after['in']} parameter", old.pointer, new.pointer)
        if before["in"] != after["in"]:
            places = (Unquoted(before["in"]), Unquoted(after["in"]))
            what = f"the parameter `{after['name']}`"
            self._findings.add("parameter-moved", what, place, before=places[0], after=places[1])
        if bool(before.get("required")) != bool(after.get("required")):
            rule = "parameter-became-required" if after.get("required") else "parameter-became-optional"
            self._findings.add(rule, what, _below(place, "required", old, new))
        if before["in"] == after["in"] and (styles := (_style(before), _style(after)))[0] != styles[1]:
            self._findings.add("parameter-style-changed", what, place, before=styles[0], after=styles[1])
        examples = resolved_examples(self._old, old), resolved_examples(self._new, new)
        self._texts.compare(*examples, what, place)
        use = SchemaUse(operation, place.part, "request", what)
        if "schema" in before and "schema" in after:
            self._schemas.compare(old.child("schema"), new.child("schema"), use)
        elif "content" in before and "content" in after:
            compare_content(self._old, self._new, old, new, use, self._schemas, self._findings)

    def _body(self, old: Operation, new: Operation) -> None:
        before, after = old.body(self._old), new.body(self._new)
        if before is None and after is None:
            return
        place = Place(
            new.name, "request body", before.pointer if before else None, after.pointer if after else None
        )
        if before is None or after is None:
            rule = "body-removed"
            if after is not None:
                rule = "body-added-required" if after.node.get("required") else "body-added-optional"
            self._findings.add(rule, "the body", place)
            return
        if bool(before.node.get("required")) != bool(after.node.get("required")):
            rule = "body-became-required" if after.node.get("required") else "body-became-optional"
            self._findings.add(rule, "the body", _below(place, "required", before, after))
        self._texts.compare(before, after, "the request body", place)
        use = SchemaUse(new.name, "request body", "request", "the body")
        compare_content(self._old, self._new, before, after, use, self._schemas, self._findings)


def _is_ignored(parameter: Any) -> bool:
    return parameter["in"] == "header" and str(parameter["name"]).lower() in _IGNORED_HEADERS


def _called(part: Part) -> str:
    return f"the {part.node['in']} parameter `{part.node['name']}`"


def _style(node: Any) -> Unquoted:
    """How a parameter is written, with defaults filled in."""
    if "content" in node:
        return Unquoted(next(iter(node["content"]), "content"))
    style = node.get("style", _STYLE.get(node["in"], "simple"))
    exploded = node.get("explode", style == "form")
    reserved = ", reserved characters allowed" if node.get("allowReserved") else ""
    empty = ", may be empty" if node.get("allowEmptyValue") else ""
    return Unquoted(f"{style}{', exploded' if exploded else ''}{reserved}{empty}")


def _below(place: Place, keyword: str, old: Part, new: Part) -> Place:
    """The place of a keyword, in each document that has it."""
    before, after = (
        part.child(keyword).pointer if keyword in part.node else part.pointer for part in (old, new)
    )
    return Place(place.operation, place.part, before, after)
