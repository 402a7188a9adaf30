"""What the generator can put into a client; anything else is one clear error instead of a wrong client."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from partially_generator.errors import SpecError

Json = dict[str, Any]
Place = tuple[str | int, ...]


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


_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def is_token(name: str) -> bool:
    """Whether a text can be the name of a header or of a cookie (RFC 9110, 5.6.2)."""
    return _TOKEN.fullmatch(name) is not None


def reference_place(reference: str) -> Place:
    """The place a reference within the document points at."""
    steps = unquote(reference.removeprefix("#/")).split("/")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
