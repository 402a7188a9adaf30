"""How the key of an API is sent."""

from __future__ import annotations

from partially_generator import ir
from partially_generator.errors import SpecError
from partially_generator.expressible import Json, Place
from partially_spec import Document


class Security:
    """The one key of a document, and which operations want it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._name = _first_scheme(document.raw)

    def auth(self) -> ir.Auth | None:
        """The key; None when no operation wants one.

        Raises:
            SpecError: It is of a kind that cannot be sent.
        """
        if self._name is None:
            return None
        place = ("components", "securitySchemes", self._name)
        schemes: Json = self._document.raw.get("components", {}).get("securitySchemes", {})
        if self._name not in schemes:
            raise SpecError(place, "is asked for and not described")
        scheme = self._document.resolve(schemes[self._name])
        description = scheme.get("description", "")
        match scheme.get("type"), str(scheme.get("scheme", "")).lower(), scheme.get("in"):
            case "http", "bearer", _:
                return ir.Auth(header="Authorization", prefix="Bearer ", description=description)
            case "apiKey", _, "header":
                return ir.Auth(header=scheme["name"], prefix="", description=description)
        raise SpecError(place, "only a bearer key and a key in a header of its own can be sent")

    def wanted(self, operation: Json, place: Place) -> bool:
        """Whether the operation wants the key.

        Raises:
            SpecError: It wants another one, or several at once.
        """
        required = operation.get("security", self._document.raw.get("security", []))
        if not required:
            return False
        if any(list(entry) == [self._name] for entry in required):
            return True
        if {} in required:
            return False
        raise SpecError((*place, "security"), f"all operations must do with the same one key, {self._name}")


def _first_scheme(raw: Json) -> str | None:
    """The first scheme that is enough alone: of the document, or else of its operations."""
    operations = (
        operation
        for item in raw.get("paths", {}).values()
        for operation in item.values()
        if isinstance(operation, dict)
    )
    for source in (raw, *operations):
        for entry in source.get("security", []):
            for name in entry:
                return str(name)
    return None
