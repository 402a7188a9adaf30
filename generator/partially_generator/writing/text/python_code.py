"""Pieces of Python source: annotations, literals, docstrings. All text of a document passes through here."""

from __future__ import annotations

import textwrap
from typing import Any, Literal

from partially_generator.api import ir

WIDTH = 100
"""Columns of a docstring, with its indentation."""

_ANNOTATIONS: dict[str, str] = {
    "str": "str",
    "uuid": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "datetime": "dt.datetime",
    "local-datetime": "dt.datetime",
    "date": "dt.date",
    "bytes": "bytes",
    "decimal": "Decimal",
    "file": "bytes | File",
    "any": "Any",
    "none": "None",
}


def literal(value: Any) -> str:
    """A JSON value as Python source. `repr` escapes everything that could end the literal or be invisible."""
    if isinstance(value, str):
        plain = not set(value) & set("'\"\\")
        return f'"{repr(value)[1:-1]}"' if plain else repr(value)
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(literal(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{str(key)!r}: {literal(item)}' for key, item in value.items())}}}"
    raise TypeError(type(value).__name__)


def annotation(kind: ir.TypeRef, use: Literal["model", "returned", "argument"]) -> str:
    """The type as it is written in a model, as the return value of a method, or for an argument.

    The constraints are part of the annotation only in a model, where msgspec checks them. In the class of a
    resource `list` may be the name of a method, so the builtin is written in full there.
    """
    match kind:
        case ir.Scalar():
            return _scalar(kind, use)
        case ir.Enum(values=values):
            return f"Literal[{', '.join(literal(value) for value in values)}]"
        case ir.ModelRef(name=name) | ir.UnionRef(name=name):
            return name
        case ir.MapOf(value=value, constraints=constraints):
            outer = {"model": "dict", "returned": "builtins.dict", "argument": "Mapping"}[use]
            written = f"{outer}[str, {annotation(value, use)}]"
            return _constrained(written, constraints if use == "model" else ())
        case ir.ListOf(item=item, constraints=constraints):
            outer = {"model": "list", "returned": "builtins.list", "argument": "Sequence"}[use]
            return _constrained(f"{outer}[{annotation(item, use)}]", constraints if use == "model" else ())
        case ir.OneOf(members=members):
            return union([annotation(member, use) for member in members])


def union(written: list[str]) -> str:
    """Several annotations as one union, with None at its end."""
    parts = dict.fromkeys(part for one in written for part in _members(one))
    return " | ".join(sorted(parts, key=lambda part: part == "None"))


def _members(written: str) -> list[str]:
    return [*_members(written.removesuffix(" | None")), "None"] if written.endswith(" | None") else [written]


def or_unset(written: str) -> str:
    """The annotation for a value that may be left out."""
    if written.endswith(" | None"):
        return f"{written.removesuffix(' | None')} | UnsetType | None"
    return f"{written} | UnsetType"


def _scalar(kind: ir.Scalar, use: str) -> str:
    base = _ANNOTATIONS[kind.name]
    if use != "model":
        return "str | UUID" if kind.name == "uuid" and use == "argument" else base
    if kind.name == "local-datetime":
        return f"Annotated[{base}, Meta(tz=False)]"
    return _constrained(base, kind.constraints)


def _constrained(base: str, constraints: tuple[ir.Constraint, ...]) -> str:
    if not constraints:
        return base
    return f"Annotated[{base}, Meta({', '.join(f'{name}={literal(value)}' for name, value in constraints)})]"


def sentence(text: str) -> str:
    """The text on one line, with a full stop."""
    line = " ".join(clean(text).split())
    return line if not line or line.endswith((".", "!", "?", ":")) else f"{line}."


def clean(text: str) -> str:
    """The text without control characters and without triple quotes, which would end a docstring."""
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r\n", "\n"))
    return kept.replace('"""', "'''")


def paragraphs(text: str, width: int) -> list[str]:
    """The text in lines of a width, without indentation. Paragraphs and list items stay separate."""
    lines: list[str] = []
    for block in clean(text).strip().split("\n\n"):
        if lines:
            lines.append("")
        for item in _items(block):
            lines += textwrap.wrap(
                item,
                width,
                subsequent_indent="  " if item.startswith("- ") else "",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines


def _items(block: str) -> list[str]:
    items: list[str] = []
    for raw in block.splitlines():
        line = raw.strip()
        if line.startswith(("- ", "* ")) or not items:
            items.append(f"- {line[2:]}" if line.startswith("* ") else line)
        else:
            items[-1] += f" {line}"
    return items


def docstring(summary: str, body: list[str], indent: int) -> str:
    """A docstring in its quotes: a first sentence, then wrapped lines. The first line has no indent."""
    pad = " " * indent
    first = paragraphs(sentence(summary), WIDTH - indent - 3)
    lines = [*first, *(["", *body] if body else [])]
    # Cleaned once more as a whole: the examples are source code, and their literals may hold quotes.
    text = clean("\n".join(f"{pad}{line}" if line else "" for line in lines)).strip()
    quotes = 'r"""' if "\\" in text else '"""'
    multiline = "\n" in text or text.endswith(('"', "\\"))
    return f'{quotes}{text}\n{pad}"""' if multiline else f'{quotes}{text}"""'


def section(title: str, entries: list[tuple[str, str]], indent: int) -> list[str]:
    """A section of a Google-style docstring; each entry is a name and its text."""
    if not entries:
        return []
    lines = ["", f"{title}:"]
    for name, text in entries:
        label = f"{name}: " if name else ""
        wrapped = textwrap.wrap(
            label + sentence(text), WIDTH - indent - 8, break_long_words=False, break_on_hyphens=False
        )
        lines += (
            [f"    {wrapped[0]}", *(f"        {line}" for line in wrapped[1:])]
            if name
            else [f"    {line}" for line in wrapped]
        )
    return lines
