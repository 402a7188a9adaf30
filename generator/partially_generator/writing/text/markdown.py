"""Text from outside as Markdown: nothing in it ends a cell, opens a fence or becomes HTML."""

from __future__ import annotations

import json
import re
from typing import Any

from partially_generator.writing.text import python_code


def cell(text: str) -> str:
    """Text for one cell of a table, or for a heading: on one line."""
    return _plain(" ".join(python_code.clean(text).split())).replace("|", "\\|")


def prose(text: str) -> str:
    """Paragraphs and lists, as they are laid out in the description."""
    return "\n".join(_plain(line) for line in python_code.paragraphs(text, python_code.WIDTH))


def _plain(text: str) -> str:
    """The text without HTML. What stands between single backticks in pairs is code already."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or "``" in text:
        return _escaped(text.replace("`", "'"))
    return "`".join(part if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def span(text: str) -> str:
    """Code within a cell. A backtick cannot be escaped there, so it becomes a quote."""
    return f"`{' '.join(python_code.clean(text).split()).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def fenced(language: str, lines: list[str]) -> list[str]:
    """A block of code, in a fence longer than any in it."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *lines, fence]


def as_json(value: Any) -> list[str]:
    """A JSON value as lines of text."""
    return json.dumps(value, indent=2, ensure_ascii=False).splitlines()


def comment(text: str) -> str:
    """A comment of HTML, which no reader sees."""
    words = " ".join(python_code.clean(text).split())
    return f"<!-- {re.sub('-(?=-)', '- ', words).replace('>', '&gt;')} -->"


def anchor(heading: str) -> str:
    """What a link to a heading of one word ends in."""
    return f"#{heading.lower()}"
