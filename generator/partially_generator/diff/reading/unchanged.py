"""Which components are the same in both documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from partially_generator.diff.reading.parts import DocumentReader, canonical, pointer
from partially_generator.reading.places import Json


class Unchanged:
    """The components that are equal in both documents, with everything they refer to."""

    def __init__(self, old: DocumentReader, new: DocumentReader) -> None:
        texts = [_components(side.raw) for side in (old, new)]
        same = {name for name, text in texts[0].items() if texts[1].get(name) == text}
        references = {name: set(_references(_node(new.raw, name))) for name in same}
        while True:
            left = {name for name in same if references[name] <= same}
            if left == same:
                break
            same = left
        self._same = same

    def contains(self, place: str) -> bool:
        """Whether a pointer leads into an unchanged component."""
        return _root(place) in self._same

    def are_equal(self, old: Any, new: Any) -> bool:
        """Whether two nodes are equal, with everything they refer to."""
        return canonical(old) == canonical(new) and set(_references(new)) <= self._same


def _components(raw: Json) -> dict[str, str]:
    return {
        pointer("", "components", kind, name): canonical(node)
        for kind, entries in raw.get("components", {}).items()
        if isinstance(entries, dict)
        for name, node in entries.items()
    }


def _node(raw: Json, place: str) -> Any:
    kind, name = (step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[2:4])
    return raw["components"][kind][name]


def _references(node: Any) -> Iterator[str]:
    """The pointers of the components that a node refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield _root(node["$ref"].removeprefix("#"))
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _root(place: str) -> str:
    return "/".join(place.split("/")[:4])
