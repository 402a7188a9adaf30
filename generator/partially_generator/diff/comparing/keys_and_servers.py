"""Compares the keys and the servers of an operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from partially_generator.diff.changes.findings import Findings, Place, Unquoted
from partially_generator.diff.reading.operations import Operation
from partially_generator.diff.reading.parts import DocumentReader, Part, canonical, pointer


@dataclass(frozen=True, slots=True)
class _Key:
    """One alternative of keys.

    Attributes:
        schemes: The keys, identified by their content instead of their name, with their scopes.
    """

    schemes: tuple[tuple[str, tuple[str, ...]], ...]
    words: str
    pointer: str

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(scheme for scheme, _ in self.schemes)

    @property
    def scopes(self) -> list[str]:
        return sorted({scope for _, scopes in self.schemes for scope in scopes})


class KeysAndServers:
    """Compares keys and servers of operations that both documents have."""

    def __init__(self, old: DocumentReader, new: DocumentReader, findings: Findings) -> None:
        self._old = old
        self._new = new
        self._findings = findings

    def compare(self, old: Operation, new: Operation) -> None:
        """Compare the keys and the servers of an operation."""
        self._security(old, new)
        self._servers(old, new)

    def _security(self, old: Operation, new: Operation) -> None:
        before, after = _keys(self._old, old), _keys(self._new, new)
        left = [key for key in before if key.schemes not in {k.schemes for k in after}]
        right = [key for key in after if key.schemes not in {k.schemes for k in before}]
        if not left and not right:
            return
        place = Place(new.name, "security", _home(before, old), _home(after, new))
        if _open(before) != _open(after):
            keys = [key for key in (after if _open(before) else before) if key.schemes]
            words = Unquoted(" or ".join(key.words for key in keys))
            if _open(before):
                self._findings.add("security-introduced", "the key", place, after=words)
            else:
                self._findings.add("security-dropped", "the key", place, before=words)
            return
        for fresh in list(right):
            same = [key for key in left if key.kinds == fresh.kinds]
            if len(same) == 1:
                left.remove(same[0])
                right.remove(fresh)
                self._scopes(same[0], fresh, new.name)
        for key in left:
            where = Place(new.name, "security", key.pointer, _home(after, new))
            self._findings.add("security-alternative-removed", "the key", where, before=Unquoted(key.words))
        for key in right:
            where = Place(new.name, "security", _home(before, old), key.pointer)
            self._findings.add("security-alternative-added", "the key", where, after=Unquoted(key.words))

    def _scopes(self, old: _Key, new: _Key, operation: str) -> None:
        place = Place(operation, "security", old.pointer, new.pointer)
        if more := [scope for scope in new.scopes if scope not in old.scopes]:
            self._findings.add("security-scopes-added", new.words, place, after=more)
        if fewer := [scope for scope in old.scopes if scope not in new.scopes]:
            self._findings.add("security-scopes-removed", new.words, place, before=fewer)

    def _servers(self, old: Operation, new: Operation) -> None:
        before, after = _servers(self._old, old), _servers(self._new, new)
        places = [next(iter(servers.values())).pointer if servers else None for servers in (before, after)]
        for url, part in before.items():
            if url not in after:
                where = Place(new.name, "servers", part.pointer, places[1])
                self._findings.add("server-removed", "the server", where, before=Unquoted(url))
        for url, part in after.items():
            if url not in before:
                where = Place(new.name, "servers", places[0], part.pointer)
                self._findings.add("server-added", "the server", where, after=Unquoted(url))
        for url in after:
            told = [_variables(side[url].node) for side in (before, after) if url in side]
            if len(set(told)) == 2:
                where = Place(new.name, "servers", before[url].pointer, after[url].pointer)
                left, right = map(Unquoted, told)
                self._findings.add("server-variables-changed", url, where, before=left, after=right)
        first = [next(iter(servers), None) for servers in (before, after)]
        # If the old one was removed and the new one added, those two changes say it already.
        if first[0] != first[1] and (first[0] in after or first[1] in before):
            words = [None if url is None else Unquoted(url) for url in first]
            where = Place(new.name, "servers", *places)
            self._findings.add("first-server-changed", "the server", where, before=words[0], after=words[1])


def _open(keys: list[_Key]) -> bool:
    """Whether it can be called without a key."""
    return not keys or any(not key.schemes for key in keys)


def _home(keys: list[_Key], operation: Operation) -> str:
    return keys[0].pointer.rpartition("/")[0] if keys else operation.part.pointer


def _keys(side: DocumentReader, operation: Operation) -> list[_Key]:
    own = "security" in operation.part.node
    node = operation.part.node if own else side.raw
    start = operation.part.pointer if own else ""
    found = []
    for index, entry in enumerate(node.get("security") or []):
        names = sorted(entry)
        schemes = sorted((_scheme(side, name), tuple(sorted(entry[name] or ()))) for name in names)
        words = " with ".join(_called(side, name) for name in names) or "no key"
        found.append(_Key(tuple(schemes), words, pointer(start, "security", index)))
    return found


def _definition(side: DocumentReader, name: str) -> Any:
    if name not in ((side.raw.get("components") or {}).get("securitySchemes") or {}):
        return {"name": name}
    return side.resolve(side.at("components", "securitySchemes", name)).node


def _scheme(side: DocumentReader, name: str) -> str:
    """The content of a scheme, without its description."""
    definition = _definition(side, name)
    kept = {k: v for k, v in definition.items() if k != "description" and not k.startswith("x-")}
    if isinstance(kept.get("scheme"), str):
        kept["scheme"] = kept["scheme"].lower()
    return canonical(kept)


def _called(side: DocumentReader, name: str) -> str:
    definition = _definition(side, name)
    match definition.get("type"):
        case "http":
            return f"the {str(definition.get('scheme')).lower()} key {name}"
        case "apiKey":
            return f"the key {name} in the {definition.get('in')} {definition.get('name')}"
    return f"the {definition.get('type', 'unknown')} key {name}"


def _servers(side: DocumentReader, operation: Operation) -> dict[str, Part]:
    """The servers of an operation by their address."""
    owners: Iterable[Part] = (operation.part, operation.item, Part(side.raw, ""))
    for owner in owners:
        if owner.node.get("servers"):
            parts = [owner.child("servers", index) for index in range(len(owner.node["servers"]))]
            return {str(part.node["url"]): part for part in parts}
    return {}


def _variables(server: Any) -> str:
    """The values of its variables, the default first."""
    told = []
    for name, variable in (server.get("variables") or {}).items():
        default = str(variable.get("default"))
        others = sorted(str(value) for value in variable.get("enum") or () if str(value) != default)
        told.append(f"{name}: {' or '.join([default, *others])}")
    return ", ".join(told) or "none"
