"""What the fake of an API does for each operation, derived from the paths and from `x-fake`.

A path such as `/things` together with `/things/{id}` is a collection. On `/things`, POST creates and GET
lists; on `/things/{id}`, GET, PUT, PATCH and DELETE read, update and delete. Behaviour that paths cannot
express, such as a search, a removal with conditions or a login, stands under `x-fake` (docs/fake.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partially_generator.api import ir
from partially_generator.reading.errors import SpecError
from partially_generator.reading.places import Json, Place

_LAST_PARAMETER = re.compile(r"(?P<parent>/.*)/\{(?P<name>[^{}/]+)\}")
_KEYS = {"uuid", "int", "str"}
_TIMES = {"datetime": "utc", "local-datetime": "local", "date": "date"}
_EMPTY_VALUES: dict[str, Any] = {
    "int": 0,
    "float": 0.0,
    "bool": False,
    "any": None,
    "none": None,
    "decimal": "0",
    "datetime": "2024-01-01T00:00:00Z",
    "local-datetime": "2024-01-01T00:00:00",
    "date": "2024-01-01",
}
"""The value of a required field that nobody set, by its type; an empty string for other types."""

_DOES: dict[str, tuple[set[str], set[str]]] = {
    "example": (set(), set()),
    "list": (set(), {"search"}),
    "remove": (set(), {"refused-while"}),
    "log-in": (set(), {"field", "password", "token"}),
    "send-token": ({"field"}, set()),
}
"""The values of `does` in `x-fake`: the keys that each needs, and those it may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Objects that are created, listed and read below one path."""

    path: str
    model: ir.Model
    key: str
    """The field that identifies an object."""
    key_type: str


def collections(api: ir.Api) -> list[Collection]:
    """The collections of a document, in the order of its paths."""
    models = {model.name: model for model in api.models}
    return [found for operation in api.operations if (found := _read_by(models, operation)) is not None]


def _read_by(models: Mapping[str, ir.Model], operation: ir.Operation) -> Collection | None:
    """The collection of an operation that reads one object."""
    kind = operation.success.type
    at = _LAST_PARAMETER.fullmatch(operation.path)
    if at is None or operation.http_method != "GET" or not isinstance(kind, ir.ModelRef):
        return None
    model = models[kind.name]
    key = next((field for field in model.fields if field.wire in (at["name"], "id")), None)
    if key is None or not isinstance(key.type, ir.Scalar) or key.type.name not in _KEYS:
        return None
    return Collection(path=at["parent"], model=model, key=key.wire, key_type=key.type.name)


def link_by_paths(api: ir.Api, operation: ir.Operation) -> ir.Link | None:
    """A link for the last parameter of a path: from the operation that creates objects of its collection."""
    at = _LAST_PARAMETER.fullmatch(operation.path)
    if at is None or "{" in at["parent"]:
        return None
    models = {model.name: model for model in api.models}
    beside = (other for other in api.operations if other.path == operation.path)
    collection = next((found for other in beside if (found := _read_by(models, other)) is not None), None)
    if collection is None:
        return None
    made = ir.ModelRef(collection.model.name)
    creates = (o for o in api.operations if o.path == at["parent"] and o.http_method == "POST")
    source = next((o for o in creates if o.success.type == made), None)
    return ir.Link(operation=source.operation_id, fields=((at["name"], collection.key),)) if source else None


def collection_entry(api: ir.Api, collection: Collection) -> Json:
    """The entry of a collection in the table of operations.

    `times` are the fields with the time of creation. `fresh` holds the first values of other required fields.
    """
    fields = [field for field in collection.model.fields if field.wire != collection.key]
    times = {f.wire: form for f in fields if f.required and (form := _TIMES.get(_scalar(f.type)))}
    fresh = {f.wire: _fresh(api, f) for f in fields if f.required and f.wire not in times}
    return {
        "path": collection.path,
        "model": collection.model.name,
        "key": collection.key,
        "key_type": collection.key_type,
        "fields": [field.wire for field in collection.model.fields],
        "nullable": [field.wire for field in fields if _nullable(field.type)],
        "times": times,
        "fresh": fresh,
    }


def _scalar(kind: ir.TypeRef) -> str:
    return kind.name if isinstance(kind, ir.Scalar) else ""


def _nullable(kind: ir.TypeRef) -> bool:
    members = kind.members if isinstance(kind, ir.OneOf) else (kind,)
    return ir.Scalar("none") in members


def _fresh(api: ir.Api, field: ir.Field, above: tuple[str, ...] = ()) -> Any:
    if _nullable(field.type):
        return None
    return field.example if field.has_example else _empty(api, field.type, above)


def _empty(api: ir.Api, kind: ir.TypeRef, above: tuple[str, ...]) -> Any:
    """The smallest value of a type. `above` are the types around it: one that contains itself holds null."""
    plain: Any = None
    match kind:
        case ir.Scalar(name=name):
            plain = _EMPTY_VALUES.get(name, "")
        case ir.Enum(values=values):
            plain = values[0]
        case ir.ListOf():
            plain = []
        case ir.MapOf():
            plain = {}
        case ir.ModelRef(name=name) if name not in above:
            model = next(model for model in api.models if model.name == name)
            within = (*above, name)
            plain = {field.wire: _fresh(api, field, within) for field in model.fields if field.required}
        case ir.UnionRef(name=name) if name not in above:
            union = next(union for union in api.unions if union.name == name)
            plain = _empty(api, union.members[0], (*above, name))
        case ir.OneOf(members=members):
            plain = _empty(api, members[0], above)
    return plain


def behaviours(api: ir.Api) -> list[Json]:
    """What the fake does for each operation, in their order.

    Raises:
        SpecError: `x-fake` has an unknown value, or names something that is not in the document.
    """
    known = collections(api)
    return [_behaviour(operation, known) for operation in api.operations]


def _behaviour(operation: ir.Operation, known: list[Collection]) -> Json:
    shaped = _by_paths(operation, known)
    if operation.fake is None:
        return shaped
    place = ("paths", operation.path, operation.http_method.lower(), "x-fake")
    asked = _checked_extension(operation.fake, shaped, place)
    if asked["does"] == "example":
        return {"does": "example"}
    if asked["does"] == "list" and shaped["does"] != "list":
        raise SpecError((*place, "does"), "this operation does not list a collection")
    owner = _owner(operation, known)
    if owner is None:
        raise SpecError(
            place, "there is no collection for this path: no path above it has a GET for one object"
        )
    return {"does": asked["does"], "collection": owner.path, **_options(operation, owner, asked, place)} | (
        {"items": shaped["items"]} if shaped["does"] == "list" else {}
    )


def _checked_extension(given: Any, shaped: Json, place: Place) -> Json:
    if not isinstance(given, dict):
        raise SpecError(place, f"expected a mapping, got {type(given).__name__}")
    does = given.get("does", shaped["does"])
    if not isinstance(does, str) or does not in _DOES:
        raise SpecError((*place, "does"), f"expected one of {', '.join(_DOES)}, got {does!r}")
    needed, allowed = _DOES[does]
    for key in given.keys() - needed - allowed - {"does"}:
        raise SpecError((*place, key), f"unknown key for {does}; known keys: {_listed(needed | allowed)}")
    for key in needed - given.keys():
        raise SpecError((*place, key), f"missing; {does} needs it")
    return {**given, "does": does}


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _owner(operation: ir.Operation, known: list[Collection]) -> Collection | None:
    above = [c for c in known if f"{operation.path}/".startswith(f"{c.path}/")]
    return max(above, key=lambda collection: len(collection.path), default=None)


def _by_paths(operation: ir.Operation, known: list[Collection]) -> Json:
    at = _LAST_PARAMETER.fullmatch(operation.path)
    kind, method = operation.success.type, operation.http_method
    for collection in known:
        own = kind is None or kind == ir.ModelRef(collection.model.name)
        if operation.path == collection.path:
            if method == "POST" and operation.body is not None and operation.body.fields and own:
                return {"does": "create", "collection": collection.path}
            if method == "GET" and (items := _items(operation, collection)) is not None:
                return {"does": "list", "collection": collection.path, **items}
        if at is not None and at["parent"] == collection.path:
            if method == "GET":
                return {"does": "get", "collection": collection.path}
            if method in {"PUT", "PATCH"} and operation.body is not None and operation.body.fields and own:
                return {"does": "update", "collection": collection.path}
            if method == "DELETE":
                return {"does": "delete", "collection": collection.path}
    return {"does": "example"}


def _items(operation: ir.Operation, collection: Collection) -> Json | None:
    """The field of the response that holds the items; None if the operation lists something else."""
    wanted = ir.ModelRef(collection.model.name)
    if operation.paging is not None:
        if operation.paging.style != "page-number":
            return None
        return {"items": operation.paging.wire.items} if operation.paging.item_type == wanted else None
    kind = operation.success.type
    return {"items": None} if isinstance(kind, ir.ListOf) and kind.item == wanted else None


def _options(operation: ir.Operation, owner: Collection, asked: Json, place: Place) -> Json:
    match asked["does"]:
        case "list":
            return (
                {"search": _search(operation, owner, asked["search"], (*place, "search"))}
                if ("search" in asked)
                else {}
            )
        case "remove":
            refused = asked.get("refused-while", [])
            if not isinstance(refused, list) or not all(isinstance(status, str) for status in refused):
                raise SpecError((*place, "refused-while"), "expected a list of strings")
            return {"refused_while": refused}
        case "send-token":
            return {"field": _known(asked["field"], _sent(operation), (*place, "field"))}
    return _login_fields(operation, asked, place)


def _login_fields(operation: ir.Operation, asked: Json, place: Place) -> Json:
    names = {key: asked[key] for key in ("field", "password", "token") if key in asked}
    if names.keys() not in ({"field", "password"}, {"token"}):
        raise SpecError(place, "log-in needs either field and password, or token")
    return {key: _known(name, _sent(operation), (*place, key)) for key, name in names.items()}


def _search(operation: ir.Operation, owner: Collection, asked: Any, place: Place) -> Json:
    if not isinstance(asked, dict) or asked.keys() != {"parameter", "with", "otherwise"}:
        raise SpecError(place, "expected the keys parameter, with and otherwise")
    queries = [p.field.wire for p in operation.parameters if p.location == "query"]
    rules = asked["with"]
    if not isinstance(rules, dict):
        raise SpecError((*place, "with"), "expected a mapping from a part of the query to fields")
    return {
        "parameter": _known(asked["parameter"], queries, (*place, "parameter")),
        "with": {sign: _fields(owner, names, (*place, "with", sign)) for sign, names in rules.items()},
        "otherwise": _fields(owner, asked["otherwise"], (*place, "otherwise")),
    }


def _fields(owner: Collection, names: Any, place: Place) -> list[str]:
    if not isinstance(names, list):
        raise SpecError(place, "expected a list of fields")
    return [_known(name, [field.wire for field in owner.model.fields], place) for name in names]


def _sent(operation: ir.Operation) -> list[str]:
    return [field.wire for field in operation.body.fields] if operation.body else []


def _known(name: Any, known: list[str], place: Place) -> str:
    if name not in known:
        raise SpecError(place, f"expected one of {_listed(set(known))}, got {name!r}")
    return str(name)
