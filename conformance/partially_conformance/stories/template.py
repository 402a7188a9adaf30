"""Texts with variables: what is different each time a story is sent."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 20_000
"""Most bytes of a text that are written as they are."""

_RUN = re.compile(rb"((?:.|\n){1,16}?)\1{199,}")
"""A few characters that are repeated hundreds of times, as in the long and deep bodies of the suite."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that is known only when a story is sent: of an id, a key or a mailed token.

    Attributes:
        name: The name of the variable of a shell that holds it.
        first: Only so many characters at its start; None for all.
        last: Only so many characters at its end; None for all.
        case: `upper`, `lower` or `swap` for the value in another case; empty for the value as it is.
    """

    name: str
    first: int | None = None
    last: int | None = None
    case: str = ""

    def of(self, value: str) -> str:
        """What stands for this value."""
        if self.first is not None:
            value = value[: self.first]
        if self.last is not None:
            value = value[len(value) - self.last :]
        return _CASES[self.case](value)


_CASES: dict[str, Callable[[str], str]] = {
    "": str, "upper": str.upper, "lower": str.lower, "swap": str.swapcase
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repeated:
    """Bytes that are repeated many times."""

    unit: bytes
    times: int


Piece = bytes | Variable | Repeated
Template = tuple[Piece, ...]
"""The pieces of a text, in order."""


def text(value: str) -> Template:
    """A text without variables."""
    return (value.encode(),) if value else ()


def size(template: Template) -> int:
    """How many bytes a template has, without its variables."""
    return sum(
        len(piece) if isinstance(piece, bytes) else len(piece.unit) * piece.times
        for piece in template
        if not isinstance(piece, Variable)
    )


def insert(template: Template, value: str, variable: Template) -> Template:
    """The template with the other pieces in place of each occurrence of a value."""
    wanted = value.encode()
    pieces: list[Piece] = []
    for piece in template:
        if not isinstance(piece, bytes) or wanted not in piece:
            pieces.append(piece)
            continue
        for place, part in enumerate(piece.split(wanted)):
            pieces += [*(variable if place else ()), *([part] if part else ())]
    return tuple(pieces)


def merged(template: Template) -> Template:
    """The template with bytes that follow each other in one piece."""
    pieces: list[Piece] = []
    for piece in template:
        if isinstance(piece, bytes) and pieces and isinstance(pieces[-1], bytes):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return tuple(pieces)


def folded(template: Template) -> Template:
    """The template with what is repeated in long texts as such."""
    if size(template) <= LONGEST_TEXT:
        return template
    return tuple(piece for one in template for piece in (_runs(one) if isinstance(one, bytes) else (one,)))


def _runs(raw: bytes) -> Iterable[Piece]:
    end = 0
    for run in _RUN.finditer(raw):
        if run.start() > end:
            yield raw[end : run.start()]
        times = len(run[0]) // len(run[1])
        yield Repeated(run[1], times)
        end = run.start() + times * len(run[1])
    if end < len(raw):
        yield raw[end:]


def filled(template: Template, values: Mapping[str, str], changed: Callable[[bytes], bytes]) -> bytes:
    """The bytes that a template stands for.

    Args:
        template: The template.
        values: The value of each variable.
        changed: Called with each literal piece; returns what to send instead.

    Raises:
        KeyError: A variable has no value.
    """
    parts = []
    for piece in template:
        match piece:
            case bytes():
                parts.append(changed(piece))
            case Repeated():
                parts.append(piece.unit * piece.times)
            case Variable():
                parts.append(piece.of(values[piece.name]).encode())
    return b"".join(parts)


def as_json(template: Template) -> list[Any]:
    """The template as a JSON value."""
    return [_piece_as_json(piece) for piece in template]


def _piece_as_json(piece: Piece) -> Any:
    match piece:
        case Variable():
            given = {"variable": piece.name, "first": piece.first, "last": piece.last, "case": piece.case}
            return {name: value for name, value in given.items() if value not in (None, "")}
        case Repeated():
            return {"repeat": _bytes_as_json(piece.unit), "times": piece.times}
        case _:
            return _bytes_as_json(piece)


def _bytes_as_json(raw: bytes) -> Any:
    if len(raw) > LONGEST_TEXT:
        return {"zlib": base64.b64encode(zlib.compress(raw, 9)).decode()}
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def from_json(pieces: Iterable[Any]) -> Template:
    """The template from its form as JSON."""
    return tuple(_piece_from_json(piece) for piece in pieces)


def _piece_from_json(piece: Any) -> Piece:
    if isinstance(piece, dict) and "variable" in piece:
        return Variable(piece["variable"], piece.get("first"), piece.get("last"), piece.get("case", ""))
    if isinstance(piece, dict) and "repeat" in piece:
        return Repeated(_bytes_from_json(piece["repeat"]), piece["times"])
    return _bytes_from_json(piece)


def _bytes_from_json(piece: Any) -> bytes:
    if isinstance(piece, str):
        return piece.encode()
    if "zlib" in piece:
        return zlib.decompress(base64.b64decode(piece["zlib"]))
    return base64.b64decode(piece["base64"])
