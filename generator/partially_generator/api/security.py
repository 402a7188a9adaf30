"""The keys of an API: how each is sent, and which operations use which."""

from __future__ import annotations

from typing import Any

from partially_generator.api import ir, names
from partially_generator.api.http import is_token
from partially_generator.reading import outline
from partially_generator.reading.errors import SpecError
from partially_generator.reading.places import Place

_TOKENS = {"oauth2", "openidconnect"}


class Security:
    """The keys of a document, and which operations use them."""

    def __init__(self, said: outline.Outline) -> None:
        self._usual = said.security
        self._described = said.keys
        self._used: dict[str, ir.Key] = {}

    def keys(self) -> tuple[ir.Key, ...]:
        """The keys that `keys_of` has found: those of the whole document first."""
        order = [name for entry in self._usual for name in entry]
        return tuple(self._used[name] for name in dict.fromkeys([*order, *self._used]) if name in self._used)

    def keys_of(self, operation: outline.Operation) -> tuple[tuple[str, ...], ...]:
        """The keys of an operation: alternatives, each with the keys that are sent together.

        Without an alternative no key is sent. An empty one comes last: it means that no key is needed.

        Raises:
            SpecError: The client can send none of the alternatives.
        """
        required = self._usual if operation.security is None else operation.security
        if not required:
            return ()
        where = ("security",) if operation.security is None else (*operation.place, "security")
        usable: list[tuple[str, ...]] = []
        faults: list[SpecError] = []
        for entry in required:
            try:
                usable.append(tuple(name for name in entry if self._key(name, where) is not None))
            except SpecError as error:
                faults.append(error)
        if not usable:
            raise faults[0]
        some = [alternative for alternative in dict.fromkeys(usable) if alternative]
        return (*some, *([()] if () in usable else []))

    def _key(self, name: str, where: Place) -> ir.Key | None:
        """The key of this name; None if it belongs to the connection, as a certificate does."""
        if name in self._used:
            return self._used[name]
        if name not in self._described:
            raise SpecError(where, f"the key {name!r} is not described under components.securitySchemes")
        described = self._described[name]
        if described.kind == "mutualTLS":
            return None
        known: dict[str, Any] = {
            "name": name,
            "variable": names.identifier(name, fallback="key").encode("ascii", "ignore").decode().upper()
            or "KEY",
            "description": described.description,
        }
        self._used[name] = _read(described, known)
        return self._used[name]


def _read(described: outline.Key, known: dict[str, Any]) -> ir.Key:
    kind, scheme, name = described.kind.lower(), described.scheme.lower(), described.parameter
    if kind == "http" and scheme == "basic":
        return ir.Key(**known, place="header", parameter="Authorization", prefix="Basic ", is_basic=True)
    if kind in _TOKENS or (kind == "http" and scheme == "bearer"):
        return ir.Key(**known, place="header", parameter="Authorization", prefix="Bearer ")
    match kind, described.location:
        case "apikey", ("header" | "query" | "cookie") as where:
            if where != "query" and not is_token(name):
                raise SpecError((*described.place, "name"), f"expected a valid {where} name, got {name!r}")
            return ir.Key(**known, place=where, parameter=name, prefix="")
    raise SpecError(
        described.place,
        "expected http basic or bearer, an apiKey in header, query or cookie, oauth2, openIdConnect"
        " or mutualTLS",
    )
