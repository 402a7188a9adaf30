"""Cutting the text of an email into words that may be a login token."""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import unquote

CONTEXT = 40
"""How many characters before and after a word are kept."""

SHORTEST = 4
"""Fewest characters of a word that may be a token."""

START, END = "\x02", "\x03"  # mark the start and the end of the text in a context

_QUOTES = "\"'`<>()[]{}*|„“”‚‘’«»‹›"  # noqa: RUF001 - as the emails of many countries have them
_SENTENCE_END = ".,;:!?…"

_CHUNK = re.compile(r"\S+")
_HARD = re.compile(rf"[{re.escape(_QUOTES)},;?&#]+")
_NAMED = re.compile(r"[\w.-]{1,40}[=:](?!//)")  # the name before a value, as in `token=` or `Code:`
_SEGMENT = re.compile(r"[^/]+")
_ALPHANUMERIC = re.compile(r"[^\W_]+")
_LINE = re.compile(r"[^\r\n]+")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")

_SOFT_BREAK = re.compile(r"(?m)^.{60,75}=\r?$")
_INVISIBLE = re.compile(r"(?is)<(style|script|head)\b.*?</\1\s*>|<!--.*?-->")
_INLINE_TAG = re.compile(r"(?i)</?(?:a|b|big|code|em|font|i|kbd|mark|small|span|strong|tt|u)(?:\s[^<>]*)?/?>")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")


class Cut(IntEnum):
    """How a word was cut out, the way that most often gives a whole token first."""

    CHUNK = 0
    """All characters between two blanks, without quotes and full stops around them."""
    VALUE = 1
    """A value, a segment of a path, or a text in quotes or brackets."""
    PIECE = 2
    """Letters and digits only."""
    LINE = 3
    """Several words of one line."""


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a text, and its context.

    Attributes:
        text: The part itself.
        before: At most `CONTEXT` characters before it.
        after: At most `CONTEXT` characters after it.
        cut: How it was cut out.
    """

    text: str
    before: str
    after: str
    cut: Cut

    @property
    def named(self) -> bool:
        """Whether it begins with the name of a value, as in `token=…` or `Code:…`."""
        return _NAMED.match(self.text) is not None

    @property
    def alone(self) -> bool:
        """Whether its line contains nothing else."""
        before = re.split(r"[\r\n]", self.before)[-1].strip(START + " \t" + _QUOTES)
        after = re.split(r"[\r\n]", self.after)[0].strip(END + " \t" + _QUOTES + _SENTENCE_END)
        return not before and not after


def words(text: str) -> Iterator[Word]:
    """Every part of an email that may be a token, as sent and as a mail program shows it."""
    for shown in renderings(text):
        for start, end, cut in _cuts(shown):
            word = shown[start:end]
            if len(word) < SHORTEST:
                continue
            before = (START + shown[max(0, start - CONTEXT) : start])[-CONTEXT:]
            after = (shown[end : end + CONTEXT] + END)[:CONTEXT]
            if _ESCAPED.search(word):
                yield Word(unquote(word), before, after, cut)
            yield Word(word, before, after, cut)


def renderings(text: str) -> list[str]:
    """The text as sent and as a reader sees it: HTML with and without tags, soft line breaks joined."""
    as_sent = [text]
    if _SOFT_BREAK.search(text) or "=3D" in text:
        as_sent.insert(0, quopri.decodestring(text.encode()).decode("utf-8", "replace"))
    found: list[str] = []
    for one in as_sent:
        if _TAG.search(one):
            visible = _INLINE_TAG.sub("", _INVISIBLE.sub("", one))
            found += [html.unescape(_TAG.sub("\n", visible)), html.unescape(one)]
        else:
            found.append(one)
    return list(dict.fromkeys(found))


def _cuts(text: str) -> Iterator[tuple[int, int, Cut]]:
    for chunk in _CHUNK.finditer(text):
        start, end = _trimmed(text, *chunk.span())
        yield start, end, Cut.CHUNK
        for part in _between(_HARD, text, start, end):
            yield *_trimmed(text, *part), Cut.VALUE
            named = _NAMED.match(text, *part)
            value = (named.end(), part[1]) if named else part
            yield *_trimmed(text, *value), Cut.VALUE
            for segment in _SEGMENT.finditer(text, *value):
                yield *_trimmed(text, *segment.span()), Cut.VALUE
        for piece in _ALPHANUMERIC.finditer(text, start, end):
            yield *piece.span(), Cut.PIECE
    for line in _LINE.finditer(text):
        start = text.rfind(":", *line.span()) + 1 or line.start()
        start, end = _trimmed(text, start, line.end())
        if 1 < len(text[start:end].split()) <= _LONGEST_LINE:
            yield start, end, Cut.LINE


_LONGEST_LINE = 6  # words of a line that may together be one token, such as `123 456`


def _between(delimiter: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts between delimiters, as start and end."""
    for found in delimiter.finditer(text, start, end):
        if start < found.start():
            yield start, found.start()
        start = found.end()
    if start < end:
        yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The part without quotes and brackets around it, and without full stops and the like after it."""
    around = _QUOTES + " \t"
    while start < end and text[start] in around:
        start += 1
    while start < end and text[end - 1] in around + _SENTENCE_END:
        end -= 1
    return start, end
