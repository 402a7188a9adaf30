"""Compares the annotations of an OpenAPI object: descriptions, examples, deprecation, extensions."""

from __future__ import annotations

from typing import Any

from partially_generator.diff.changes.findings import Findings, Place
from partially_generator.diff.reading.parts import DocumentReader, Part, canonical, pointer

_WORDS = ("summary", "description")
_EXAMPLES = ("example", "examples")


class Annotations:
    """Compares the annotations of two versions of an object."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def compare(self, old: Part, new: Part, what: str, place: Place) -> None:
        """Add the differences in descriptions, examples, deprecation and extensions to the findings."""
        keywords = sorted(old.node.keys() | new.node.keys())
        for keyword in keywords:
            before, after = old.node.get(keyword), new.node.get(keyword)
            if keyword in _WORDS:
                before, after = _flowing(before), _flowing(after)
            if keyword in old.node and keyword in new.node and canonical(before) == canonical(after):
                continue
            rule, called = _rule(keyword, before, after, what)
            if rule:
                self._findings.add(rule, called, _at(place, keyword, old, new), before=before, after=after)


def _rule(keyword: str, before: Any, after: Any, what: str) -> tuple[str | None, str]:
    """The rule of a difference, if there is one, and the name of what changed."""
    if keyword in _WORDS:
        return ("description-changed" if before != after else None), what
    if keyword in _EXAMPLES:
        return "examples-changed", what
    if keyword == "deprecated":
        return (
            None if bool(before) == bool(after) else "deprecated" if after else "no-longer-deprecated"
        ), what
    if keyword.startswith("x-"):
        return "extension-changed", f"{keyword} of {what}"
    if keyword == "externalDocs":
        return "annotation-changed", f"{keyword} of {what}"
    return None, what


def resolved_examples(side: DocumentReader, part: Part) -> Part:
    """The part with the references of its examples followed."""
    if not isinstance(part.node, dict) or not isinstance(part.node.get("examples"), dict):
        return part
    examples = {name: side.resolve(part.child("examples", name)).node for name in part.node["examples"]}
    return Part({**part.node, "examples": examples}, part.pointer, part.name)


def _at(place: Place, keyword: str, old: Part, new: Part) -> Place:
    before, after = (
        pointer(part.pointer, keyword) if keyword in part.node else part.pointer for part in (old, new)
    )
    return Place(place.operation, place.part, before, after)


def _flowing(text: Any) -> str:
    return " ".join(str(text or "").split())
