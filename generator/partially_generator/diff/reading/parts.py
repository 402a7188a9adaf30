"""The parts of a document: nodes with their pointers, and references followed."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import dataclass
from typing import Any

from partially_generator.reading.errors import GeneratorError, SpecError
from partially_generator.reading.places import Json
from partially_spec import Document

_REFERENCE_MAY_CARRY = ("summary", "description")


@dataclass(frozen=True, slots=True)
class Part:
    """A node of a document, and where it stands.

    Attributes:
        name: The name of the component, if the node was reached through a reference to one.
    """

    node: Any
    pointer: str
    name: str = ""
    written: frozenset[str] | None = None
    """The keywords in the document, if the node was rewritten."""

    def has(self, keyword: str) -> bool:
        """Whether the document has the keyword there."""
        return keyword in (self.node if self.written is None else self.written)

    def child(self, *steps: str | int) -> Part:
        """The part below it."""
        node: Any = self.node
        for step in steps:
            node = node[step]
        return Part(node, pointer(self.pointer, *steps))


def pointer(start: str, *steps: str | int) -> str:
    """A JSON pointer (RFC 6901), extended by some steps."""
    return start + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


class DocumentReader:
    """Reads the parts of a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.raw: Json = document.raw

    def at(self, *steps: str | int) -> Part:
        """The part at a place of the document."""
        return Part(self.raw, "").child(*steps)

    def resolve(self, part: Part) -> Part:
        """Follow the reference that a part may be. A summary or description beside it wins.

        Raises:
            GeneratorError: The target of the reference does not exist, or is the reference itself.
        """
        seen = [part.pointer]
        while isinstance(part.node, dict) and isinstance(part.node.get("$ref"), str):
            reference: str = part.node["$ref"]
            beside = {key: part.node[key] for key in _REFERENCE_MAY_CARRY if key in part.node}
            target = reference.removeprefix("#")
            if target in seen:
                raise self._error(target, "refers to itself")
            seen.append(target)
            node = self._follow(reference, part.pointer)
            if beside and isinstance(node, dict):
                node = {**node, **beside}
            part = Part(node, target, target.rpartition("/")[2])
        return part

    def _error(self, place: str, message: str) -> GeneratorError:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[1:]]
        return GeneratorError(f"{self.document.path}: {SpecError(steps, message)}")

    def _follow(self, reference: str, place: str) -> Any:
        node: Any = self.raw
        for step in urllib.parse.unquote(reference).removeprefix("#/").split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            else:
                raise self._error(place, f"the target of the reference {reference!r} does not exist")
        return node


def canonical(node: Any) -> str:
    """A text that is the same for the same data, whatever the order of its keys."""
    return json.dumps(node, sort_keys=True, ensure_ascii=False)
