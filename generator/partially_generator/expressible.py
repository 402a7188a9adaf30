"""What the generator can put into a client; anything else is one clear error instead of a wrong client."""

from __future__ import annotations

from typing import Any

from partially_generator import ir
from partially_generator.errors import SpecError

Json = dict[str, Any]
Place = tuple[str | int, ...]

_FAMILIES: dict[str, str] = {
    "str": "text",
    "uuid": "text",
    "datetime": "text",
    "local-datetime": "text",
    "date": "text",
    "float": "number",
    "int": "number",
}


def check_union(members: list[ir.TypeRef], place: Place) -> None:
    """A value must show by its JSON type alone which member it is.

    Raises:
        SpecError: Two members have the same JSON type.
    """
    seen: set[str] = set()
    for member in members:
        family = _family(member)
        if family in seen:
            raise SpecError(place, f"two alternatives are each a JSON {family}; nothing tells them apart")
        seen.add(family)


def _family(kind: ir.TypeRef) -> str:
    match kind:
        case ir.Scalar(name=name):
            return _FAMILIES.get(name, name)
        case ir.ModelRef() | ir.MapOf():
            return "object"
        case ir.ListOf():
            return "array"
    return "text"


def check_parameter(parameter: Json, kind: ir.TypeRef, place: Place) -> None:
    """A parameter must be one value; only a query takes a list, with the name repeated (the default style).

    Raises:
        SpecError: It is written in another way.
    """
    members = kind.members if isinstance(kind, ir.OneOf) else (kind,)
    for member in members:
        if isinstance(member, ir.ModelRef | ir.MapOf):
            raise SpecError((*place, "schema"), "an object cannot be sent as a parameter")
        if isinstance(member, ir.ListOf):
            repeated = parameter.get("style", "form") == "form" and parameter.get("explode", True)
            if parameter["in"] != "query" or not repeated:
                raise SpecError(place, "a list is sent by repeating the name in the query, and not otherwise")
            check_parameter({"in": "query"}, member.item, (*place, "schema", "items"))


def check_servers(node: Json, place: Place) -> None:
    """A client has one address; a path or an operation cannot have another.

    Raises:
        SpecError: It does.
    """
    if node.get("servers"):
        raise SpecError((*place, "servers"), "all operations are sent to the servers of the whole document")


EXAMPLES = frozenset({"example", "examples", "default", "enum", "const"})
"""Keywords whose values are data: nothing in them is a schema or a reference."""


def is_data(key: str, place: Place) -> bool:
    """Whether the value of a key is data. A property may be called `default` and is a schema all the same."""
    return key in EXAMPLES and place[-1:] != ("properties",)


def check_references(node: Any, place: Place = ()) -> None:
    """A document must be whole: nothing is fetched from files or addresses it names.

    Raises:
        SpecError: A reference leaves the document.
    """
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#/"):
            raise SpecError(
                (*place, "$ref"), f"only references within the document are followed, got {reference!r}"
            )
        for key, value in node.items():
            if not is_data(key, place):
                check_references(value, (*place, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            check_references(value, (*place, index))


def check_circles(raw: Json) -> None:
    """A schema must not be made of itself; a property of its own type is fine.

    Raises:
        SpecError: One is.
    """
    schemas: Json = raw.get("components", {}).get("schemas", {})
    for name in schemas:
        if _reaches(schemas, name, name, set()):
            raise SpecError(("components", "schemas", name), "is made of itself")


def _reaches(schemas: Json, start: str, goal: str, seen: set[str]) -> bool:
    schema = schemas.get(start)
    if not isinstance(schema, dict) or start in seen:
        return False
    parts = [schema, *(part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ()))]
    references = [part.get("$ref", "") for part in parts if isinstance(part, dict)]
    names = [str(reference).removeprefix("#/components/schemas/") for reference in references]
    seen.add(start)
    return goal in names or any(_reaches(schemas, name, goal, seen) for name in names)
