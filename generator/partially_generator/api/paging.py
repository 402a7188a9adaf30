"""How lists are divided into pages: the extension `x-pagination`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from partially_generator.api import ir
from partially_generator.api.fields import model_fields
from partially_generator.api.schemas import Schemas
from partially_generator.reading.errors import SpecError
from partially_generator.reading.places import Json, Place

_FIELDS: dict[ir.PagingStyle, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "page-number": ("page", ("items", "page_number", "total_pages"), ("page_size", "total_entries")),
    "cursor": ("cursor", ("items", "next"), ()),
    "offset": ("offset", ("items",), ("total",)),
}
"""By style: the query parameter that asks for a page, the fields a page must have, and those it may have."""


def paging(
    schemas: Schemas, raw: Json, parameters: tuple[ir.Parameter, ...], success: ir.Success, place: Place
) -> ir.Paging | None:
    """How the list of an operation is divided into pages; None if it is not.

    Raises:
        SpecError: The style is unknown, or a name does not exist.
    """
    given = raw.get("x-pagination")
    if given is None:
        return None
    where = (*place, "x-pagination")
    style = given.get("style") if isinstance(given, dict) else None
    if style not in _FIELDS:
        raise SpecError((*where, "style"), f"expected one of {', '.join(_FIELDS)}, got {style!r}")
    if not isinstance(success.type, ir.ModelRef):
        raise SpecError(where, "expected a response that is an object, since the list has pages")
    asked, needed, optional = _FIELDS[style]
    queries = {p.field.wire for p in parameters if p.location == "query"}
    fields = {field.wire: field for field in model_fields(schemas.properties(success.type.name))}
    parameter = _known(given.get(asked), queries, (*where, asked))
    names = {key: fields[_known(given.get(key), fields, (*where, key))] for key in needed}
    names |= {
        key: fields[_known(given[key], fields, (*where, key))]
        for key in optional
        if given.get(key) is not None
    }
    items = names["items"]
    if not isinstance(items.type, ir.ListOf):
        raise SpecError((*where, "items"), f"expected the name of an array, but {items.wire} is not an array")
    attributes = {key: field.name for key, field in names.items()}
    wires = {key: field.wire for key, field in names.items()}
    return ir.Paging(
        style=style,
        parameter=parameter,
        size=given.get("size"),
        items=items.name,
        number=attributes.get("page_number", ""),
        total=attributes.get("total_pages", attributes.get("total", "")),
        next=attributes.get("next", ""),
        item_type=items.type.item,
        envelope=success.type.name,
        wire=ir.Envelope(
            items=items.wire,
            number=wires.get("page_number", ""),
            pages=wires.get("total_pages", ""),
            size=wires.get("page_size"),
            entries=wires.get("total_entries"),
        ),
    )


def _known(name: Any, known: Collection[str], place: Place) -> str:
    if isinstance(name, str) and name in known:
        return name
    wanted = f"one of {', '.join(sorted(known))}" if known else "a name, but there is none"
    raise SpecError(place, f"expected {wanted}, got {name!r}")
