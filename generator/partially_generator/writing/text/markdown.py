"""Text from a document as Markdown, escaped: it cannot end a cell, open a fence or become HTML."""

from __future__ import annotations

import json
import re
from typing import Any

from partially_generator.writing.text import python_code


def cell(text: str) -> str:
    """Text on one line, for a cell of a table or a heading."""
    return _plain(" ".join(python_code.clean(text).split())).replace("|", "\\|")


def prose(text: str) -> str:
    """Paragraphs and lists, as they are laid out in the description."""
    return "\n".join(_plain(line) for line in python_code.paragraphs(text, python_code.WIDTH))


def _plain(text: str) -> str:
    """The text without HTML. Text between pairs of single backticks is already code."""
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
    """An HTML comment, which a reader of the page does not see."""
    words = " ".join(python_code.clean(text).split())
    return f"<!-- {re.sub('-(?=-)', '- ', words).replace('>', '&gt;')} -->"


def anchor(heading: str) -> str:
    """The anchor of a heading of one word."""
    return f"#{heading.lower()}"
