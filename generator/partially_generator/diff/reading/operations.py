"""The operations of a document, and how those of two documents are paired."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from partially_generator.diff.reading.parts import DocumentReader, Part, canonical
from partially_generator.reading.outline import METHODS

_NOT_WHAT_IT_DOES = {"operationId", "tags", "summary", "description", "deprecated", "externalDocs"}


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        method: In lower case.
        item: The path item, which may have parameters for all methods.
    """

    method: str
    path: str
    part: Part
    item: Part

    @property
    def name(self) -> str:
        """Such as `POST /customer`."""
        return f"{self.method.upper()} {self.path}"

    @property
    def key(self) -> tuple[str, str]:
        """Method and path without the names of path parameters, which are not sent."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)

    @property
    def id(self) -> str | None:
        """Its operationId."""
        found = self.part.node.get("operationId")
        return None if found is None else str(found)

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self.part.node.get("tags") or [])

    @cached_property
    def content(self) -> str:
        """Its whole content, without names and descriptions."""
        kept = {key: value for key, value in self.part.node.items() if key not in _NOT_WHAT_IT_DOES}
        return canonical([kept, self.item.node.get("parameters", [])])

    def parameters(self, side: DocumentReader) -> dict[tuple[str, str], Part]:
        """Its parameters by location and name; its own replace those of the path."""
        found: dict[tuple[str, str], Part] = {}
        for owner in (self.item, self.part):
            for index in range(len(owner.node.get("parameters") or [])):
                part = side.resolve(owner.child("parameters", index))
                location, name = str(part.node["in"]), str(part.node["name"])
                found[location, name.lower() if location == "header" else name] = part
        return found

    def body(self, side: DocumentReader) -> Part | None:
        """Its request body, if it has one."""
        if "requestBody" not in self.part.node:
            return None
        return side.resolve(self.part.child("requestBody"))

    def path_parameter_names(self) -> list[str]:
        """The names of the parameters in its path, in order."""
        return re.findall(r"\{([^}]*)\}", self.path)


def operations(side: DocumentReader, section: str = "paths") -> list[Operation]:
    """All operations in a section of a document, in its order: `paths`, or `webhooks`."""
    found: list[Operation] = []
    for path in side.raw.get(section) or {}:
        if not path.startswith("x-"):
            found += operations_of_path(side, path, side.at(section, path))
    return found


def operations_of_path(side: DocumentReader, path: str, item: Part) -> Iterator[Operation]:
    """The operations of one path."""
    item = side.resolve(item)
    for method in METHODS:
        if isinstance(item.node.get(method), dict):
            yield Operation(method, path, item.child(method), item)


def pair_operations(
    old: list[Operation], new: list[Operation]
) -> tuple[list[tuple[Operation, Operation]], list[Operation], list[Operation]]:
    """The operations that both documents have, moved ones included; then the removed ones; then the new ones.

    An operation has moved if another address has its operationId, or if exactly one new operation has the
    same content.
    """
    at = {operation.key: operation for operation in old}
    pairs = [(at[operation.key], operation) for operation in new if operation.key in at]
    left = _without(old, [pair[0] for pair in pairs])
    right = _without(new, [pair[1] for pair in pairs])
    for sign in (lambda o: o.id, lambda o: o.content):
        moved = list(_same(left, right, sign))
        pairs += moved
        left = _without(left, [pair[0] for pair in moved])
        right = _without(right, [pair[1] for pair in moved])
    order = {id(operation): index for index, operation in enumerate(new)}
    return sorted(pairs, key=lambda pair: order[id(pair[1])]), left, right


def _without(operations: list[Operation], gone: list[Operation]) -> list[Operation]:
    ids = {id(operation) for operation in gone}
    return [operation for operation in operations if id(operation) not in ids]


def _same(left: list[Operation], right: list[Operation], sign: Any) -> Iterator[tuple[Operation, Operation]]:
    for before in left:
        value = sign(before)
        after = [operation for operation in right if sign(operation) == value]
        if value is not None and len(after) == 1 and sum(sign(other) == value for other in left) == 1:
            yield before, after[0]
