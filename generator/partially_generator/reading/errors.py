"""The errors of the generator: one line for the user, with the place of the problem."""

from __future__ import annotations

from collections.abc import Iterable


class GeneratorError(Exception):
    """The input cannot be turned into a client. The message is one line and names the place."""


class SpecError(GeneratorError):
    """The API description is wrong, or uses what a client cannot express."""

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
