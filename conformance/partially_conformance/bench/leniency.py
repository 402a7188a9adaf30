"""Reading a response whose shape is wrong, where another rule is about the shape and the values are clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PAGE_NUMBERS = ("page_number", "page_size", "total_entries", "total_pages")


def readable(topic: str, body: Any) -> Any:
    """The body with its values in their documented types; None if a value that checks need is not clear.

    Args:
        topic: The schema of the body.
        body: A JSON value.
    """
    if not isinstance(body, dict):
        return None
    match topic:
        case "CustomerPage":
            return _page(body)
        case "Customer":
            return body if _is_customer(body) else None
        case _:
            return body


def _page(body: Mapping[str, Any]) -> dict[str, Any] | None:
    numbers = {name: _whole(body.get(name)) for name in _PAGE_NUMBERS}
    customers = body.get("customers", ())
    customers = [] if customers is None else customers  # an empty list in some languages
    if None in numbers.values() or not isinstance(customers, list) or not all(map(_is_customer, customers)):
        return None
    return {**body, **numbers, "customers": customers}


def _whole(value: Any) -> int | None:
    """A whole number that is written as a text or with a fraction of zero."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:18])
    return int(value) if isinstance(value, int) or (isinstance(value, float) and value.is_integer()) else None


def _is_customer(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("id"), str)
        and isinstance(value.get("email"), str | None)
    )
