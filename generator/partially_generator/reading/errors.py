"""The one error of the generator: a sentence for the user, with the place it is about."""

from __future__ import annotations

from collections.abc import Iterable


class GeneratorError(Exception):
    """The input cannot be turned into a client. The message is one line and names the place."""


class SpecError(GeneratorError):
    """Something in the API description is wrong or cannot be expressed."""

    def __init__(self, place: Iterable[str | int], message: str) -> None:
        super().__init__(f"{show_place(place)}: {one_line(message)}")


def show_place(place: Iterable[str | int]) -> str:
    """A place in a document as a person reads it: `paths./things.get.parameters[0]`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return one_line(text.removeprefix(".")) or "the document"


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
