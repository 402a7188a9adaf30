"""The form in which texts are compared, and the form in which messages name fields."""

from __future__ import annotations


def fold(text: str) -> str:
    """The folded text. Two texts that differ only in case have the same folded text.

    Every character is folded by itself, without normalisation. So a folded part of a text is always a
    part of the folded text, and a search for a part relies on that.
    """
    return text.casefold()


def label(field: str) -> str:
    """The name of a field in an error message: `first_name` becomes `First name`."""
    return field.replace("_", " ").capitalize()
