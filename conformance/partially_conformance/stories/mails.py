"""Finding a mailed token in its email again, when the story is sent once more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_CONTEXT = 24  # characters before a token by which it is found
_VARYING = re.compile(r"^.*[0-9]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a text a token is.

    Attributes:
        before: The text right before it.
        end: The character after it; empty at the end of the text.
    """

    before: str
    end: str

    def of(self, text: str) -> str | None:
        """The token in a text: the last one that stands there; None if there is none."""
        until = f"[^{re.escape(self.end)}]" if self.end else "."
        found = re.findall(rf"{re.escape(self.before)}({until}+)", text)
        return found[-1] if found else None


def place_of(token: str, text: str) -> Place | None:
    """The place of a token by which it is found in a text; None if there is none."""
    for found in reversed(list(re.finditer(re.escape(token), text))):
        for before in _contexts(text[: found.start()]):
            place = Place(before, text[found.end() : found.end() + 1])
            if place.of(text) == token:
                return place
    return None


def _contexts(before: str) -> Iterator[str]:
    """What may stand before each token: if possible without digits, which may belong to an id or a time."""
    near = before[-_LONGEST_CONTEXT:]
    constant = _VARYING.sub("", near)
    yield from (context for context in (constant, near) if context)
