"""References: only those within a document are followed."""

from __future__ import annotations

from typing import Any

from partially_generator.reading.errors import SpecError
from partially_generator.reading.places import Place, is_data


def check_references(node: Any, place: Place = ()) -> None:
    """Refuse references to other files or addresses: the generator reads nothing but the document.

    Raises:
        SpecError: A reference leaves the document.
    """
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#/"):
            raise SpecError(
                (*place, "$ref"),
                f"expected a reference within the document, such as #/components/..., got {reference!r}",
            )
        for key, value in node.items():
            if not is_data(key, place):
                check_references(value, (*place, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            check_references(value, (*place, index))
