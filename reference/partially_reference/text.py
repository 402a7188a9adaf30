"""Comparing texts."""

from __future__ import annotations


def fold(text: str) -> str:
    """The form of a text in which two texts that differ only in case are equal.

    Every character is folded by itself (no normalisation follows), so a part of a text always
    folds to a part of the folded text. Searching for a part relies on that.
    """
    return text.casefold()


def label(field: str) -> str:
    """The name of a field as an error message shows it: `first_name` gives `First name`."""
    return field.replace("_", " ").capitalize()
