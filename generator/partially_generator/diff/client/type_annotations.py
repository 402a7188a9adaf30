"""Compares type annotations as text: whether one accepts less than another."""

from __future__ import annotations

import re
from collections.abc import Collection

_BRACKETS = {"[": 1, "]": -1, "(": 1, ")": -1}
_META = re.compile(r"^(?:\w+\.)*Annotated\[")
_WIDER = {"Any", "object"}


def is_narrowed(old: str, new: str, twins: Collection[tuple[str, str]] = ()) -> bool:
    """Whether the new type refuses a value of the old type, as `int` refuses one of `str | int`.

    Args:
        twins: Pairs of an old and a new class name that are compatible.
    """
    allowed = {_plain(member) for member in _split(new, "|")}
    if allowed & _WIDER:
        return False
    return not all(_fits(_plain(member), allowed, twins) for member in _split(old, "|"))


def _fits(member: str, allowed: set[str], twins: Collection[tuple[str, str]]) -> bool:
    same = {old for old, new in twins if new in allowed}
    if member in allowed | same or {"int": "float", "bool": "int"}.get(member) in allowed:
        return True
    if member.startswith("Literal["):
        values = set(_split(_inside(member), ","))
        kinds = {"str" if value[:1] in "\"'" else "int" for value in values}
        listed = {v for other in allowed if other.startswith("Literal[") for v in _split(_inside(other), ",")}
        return values <= listed or kinds <= allowed
    outer, _, inner = member.partition("[")
    return bool(inner) and any(
        other.startswith(f"{outer}[") and not is_narrowed(_inside(member), _inside(other), twins)
        for other in allowed
    )


def _plain(member: str) -> str:
    """The type without its constraints: `Annotated[str, Meta(min_length=1)]` is a `str`."""
    if _META.match(member):
        return _split(_inside(member), ",")[0]
    return member


def _inside(member: str) -> str:
    return member.partition("[")[2].removesuffix("]")


def _split(text: str, sign: str) -> list[str]:
    """The text split at a sign, but not within brackets or quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[index - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter == sign and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
        else:
            depth += _BRACKETS.get(letter, 0)
    return [*parts, text[start:].strip()]
