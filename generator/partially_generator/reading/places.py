"""What the generator can put into a client; anything else is one clear error instead of a wrong client."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]
Place = tuple[str | int, ...]


EXAMPLES = frozenset({"example", "examples", "default", "enum", "const"})
"""Keywords whose values are data: nothing in them is a schema or a reference."""


def is_data(key: str, place: Place) -> bool:
    """Whether the value of a key is data. A property may be called `default` and is a schema all the same."""
    return key in EXAMPLES and place[-1:] != ("properties",)


def reference_place(reference: str) -> Place:
    """The place a reference within the document points at."""
    steps = unquote(reference.removeprefix("#/")).split("/")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
