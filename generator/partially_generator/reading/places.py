"""Places in a document, and the JSON that stands there."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]
Place = tuple[str | int, ...]


EXAMPLES = frozenset({"example", "examples", "default", "enum", "const"})
"""Keywords whose values are data: they hold no schemas and no references."""


def is_data(key: str, place: Place) -> bool:
    """Whether the value of a key is data. A property called `default` is a schema, not data."""
    return key in EXAMPLES and place[-1:] != ("properties",)


def reference_place(reference: str) -> Place:
    """The place that a reference within the document points to."""
    steps = unquote(reference.removeprefix("#/")).split("/")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
