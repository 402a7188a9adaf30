"""Compares two whole documents."""

from __future__ import annotations

from typing import Any

from partially_generator.diff.changes.findings import Change, Findings, Place, Unquoted
from partially_generator.diff.comparing.annotations import Annotations
from partially_generator.diff.comparing.exchanges import Exchanges
from partially_generator.diff.comparing.keys_and_servers import KeysAndServers
from partially_generator.diff.comparing.schemas import Schemas
from partially_generator.diff.comparing.webhooks import Webhooks
from partially_generator.diff.reading.operations import Operation, operations, pair_operations
from partially_generator.diff.reading.parts import DocumentReader, Part, canonical, pointer
from partially_generator.diff.reading.unchanged import Unchanged
from partially_spec import Document

_WORDS = ("summary", "description")


def changes_between(old: Document, new: Document) -> tuple[Change, ...]:
    """All changes from one valid document to another, the most severe first.

    Raises:
        GeneratorError: A reference in one of them cannot be followed.
    """
    return _Documents(DocumentReader(old), DocumentReader(new)).changes()


class _Documents:
    def __init__(self, old: DocumentReader, new: DocumentReader) -> None:
        self._old = old
        self._new = new
        self._findings = Findings()
        self._unchanged = Unchanged(old, new)
        schemas = Schemas(old, new, self._unchanged, self._findings)
        self._exchanges = Exchanges(old, new, schemas, self._findings)
        self._webhooks = Webhooks(old, new, schemas, self._findings)
        self._access = KeysAndServers(old, new, self._findings)
        self._texts = Annotations(self._findings)

    def changes(self) -> tuple[Change, ...]:
        """All changes."""
        pairs, gone, fresh = pair_operations(operations(self._old), operations(self._new))
        for old, new in pairs:
            self._access.compare(old, new)
            if not self._same(old, new):
                self._exchanges.compare(old, new)
                self._webhooks.compare_callbacks(old, new)
        for operation in gone:
            place = Place(operation.name, "", operation.part.pointer, None)
            self._findings.add("operation-removed", operation.name, place)
        for operation in fresh:
            place = Place(operation.name, "", None, operation.part.pointer)
            self._findings.add("operation-added", operation.name, place)
        self._webhooks.compare()
        self._info()
        self._named_things()
        return self._findings.changes()

    def _same(self, old: Operation, new: Operation) -> bool:
        """Whether two operations are equal, with everything they refer to."""
        are_equal = self._unchanged.are_equal
        return (
            old.name == new.name
            and are_equal(old.part.node, new.part.node)
            and are_equal(_shared(old), _shared(new))
        )

    def _info(self) -> None:
        old, new = self._old.raw, self._new.raw
        if old["openapi"] != new["openapi"]:
            before, after, place = Unquoted(old["openapi"]), Unquoted(new["openapi"]), _both("/openapi")
            self._findings.add("openapi-version-changed", "OpenAPI", place, before=before, after=after)
        left, right = old["info"], new["info"]
        for key in sorted(left.keys() | right.keys()):
            if key in _WORDS or key.startswith("x-") or canonical(left.get(key)) == canonical(right.get(key)):
                continue
            rule = "version-changed" if key == "version" else "info-changed"
            place, before, after = _both(pointer("/info", key)), left.get(key), right.get(key)
            self._findings.add(rule, f"the {key}", place, before=before, after=after)
        self._texts.compare(Part(left, "/info"), Part(right, "/info"), "the API", _both("/info"))
        self._texts.compare(Part(old, ""), Part(new, ""), "the document", _both(""))

    def _named_things(self) -> None:
        """The annotations of tags, servers and keys; added and removed ones belong to the operations."""
        old, new = self._old.raw, self._new.raw
        for section, name, called in (("tags", "name", "the tag"), ("servers", "url", "the server")):
            left, right = (_listed(side, section, name) for side in (old, new))
            kept = {**right, **left} if section == "tags" else [key for key in right if key in left]
            for key in kept:
                before, after = (side.get(key) or Part({}, f"/{section}") for side in (left, right))
                place = Place(None, "", before.pointer, after.pointer)
                self._texts.compare(before, after, f"{called} {key}", place)
        schemes = [(side.get("components") or {}).get("securitySchemes") or {} for side in (old, new)]
        for key in schemes[1]:
            if key in schemes[0]:
                where = pointer("", "components", "securitySchemes", key)
                parts = [
                    side.resolve(Part(node[key], where))
                    for side, node in zip((self._old, self._new), schemes, strict=True)
                ]
                place = Place(None, "", parts[0].pointer, parts[1].pointer)
                self._texts.compare(parts[0], parts[1], f"the key {key}", place)


def _shared(operation: Operation) -> dict[str, Any]:
    """The part of a path item that applies to its operations."""
    own = {"parameters", *_WORDS}
    return {k: v for k, v in operation.item.node.items() if k in own or k.startswith("x-")}


def _listed(raw: dict[str, Any], section: str, name: str) -> dict[str, Part]:
    entries = raw.get(section) or []
    return {str(entry[name]): Part(entry, pointer("", section, index)) for index, entry in enumerate(entries)}


def _both(place: str) -> Place:
    return Place(None, "", place, place)
