"""Finding a text in another as a reader finds it, however it is encoded.

A response may repeat a key with `/` after a backslash, `+` as `%2B`, `&` as `&amp;`, in other letter case,
folded over two lines, or within base64. These are decoded layer by layer, and each character remembers where
it came from, so that exactly the encoded text can be replaced.
"""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

_LAYERS = 6  # encodings of encodings that are looked through
_INNER = 3  # base64 within base64 that is looked through

_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\."
    r"|(?:%[0-9a-fA-F]{2})+"
    r"|&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});?",
    re.DOTALL,
)
"""Escapes of JSON and program texts, of URLs, and of HTML."""

_NAMED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_HINT = re.compile(r"[\\%&]")
_BLANK = re.compile(r"\s+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{8,}")
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text that stands for a wanted text.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        name: The name of the wanted text.
    """

    start: int
    end: int
    name: str


class Finder:
    """Finds wanted texts in any encoding.

    Args:
        wanted: The name of each text.
    """

    def __init__(self, wanted: Mapping[str, str]) -> None:
        spelled: dict[str, str] = {}
        for text in sorted(wanted, key=len, reverse=True):
            for form in (text, text.replace(" ", "+"), _decoded_whole(text)):
                if folded := _BLANK.sub("", _lower(form)):
                    spelled.setdefault(folded, wanted[text])
        self._spelled = spelled
        self._shortest = min(map(len, spelled), default=0)
        ascii_only = all(form.isascii() for form in spelled)
        readable = rb"[\t\n\r\x20-\x7e]" if ascii_only else rb"[^\x00-\x08]"
        self._readable = re.compile(readable + b"{%d,}" % max(1, self._shortest))

    def spans(self, text: str) -> list[Span]:
        """Where the wanted texts are, in order. Spans do not overlap; a longer text goes before a shorter."""
        if not self._spelled or len(text) < self._shortest:
            return []
        found = [span for layer in _layers(text) for span in self._in_layer(layer, _INNER)]
        found.sort(key=lambda span: (span.start, -span.end))
        chosen: list[Span] = []
        for span in found:
            if chosen and span.start < chosen[-1].end:
                if span.end <= chosen[-1].end:
                    continue
                span = Span(chosen[-1].start, span.end, chosen.pop().name)  # noqa: PLW2901 - both are hidden
            chosen.append(span)
        return chosen

    def _in_layer(self, layer: _Layer, inner: int) -> Iterator[Span]:
        folded = layer.without_blanks()
        lower = _lower(folded.text)
        for form, name in self._spelled.items():
            start = lower.find(form)
            while start >= 0:
                end = start + len(form)
                if _stands_alone(form, lower, start, end):
                    yield Span(folded.start_of(start), folded.end_of(end - 1), name)
                start = lower.find(form, start + 1)
        if inner:
            yield from self._within(folded, _BASE64, _from_base64, inner)
            yield from self._within(folded, _HEXADECIMAL, _from_hexadecimal, inner)

    def _within(
        self, layer: _Layer, pattern: re.Pattern[str], decode: Callable[[str], Iterable[bytes]], inner: int
    ) -> Iterator[Span]:
        """Where encoded runs of characters are that contain a wanted text."""
        for run in pattern.finditer(layer.text):
            for raw in decode(run[0]):
                # Of what is no encoding, next to nothing is readable once it is decoded.
                for readable in self._readable.finditer(raw):
                    for decoded in _layers(readable[0].decode("utf-8", "replace")):
                        for span in self._in_layer(decoded, inner - 1):
                            yield Span(layer.start_of(run.start()), layer.end_of(run.end() - 1), span.name)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A decoded text.

    Attributes:
        places: Where each character begins and ends in the original text; None if it is that text.
    """

    text: str
    places: list[tuple[int, int]] | None = None

    def start_of(self, index: int) -> int:
        return index if self.places is None else self.places[index][0]

    def end_of(self, index: int) -> int:
        return index + 1 if self.places is None else self.places[index][1]

    def without_blanks(self) -> _Layer:
        """The layer without spaces and line breaks: a text may be folded."""
        if not _BLANK.search(self.text):
            return self
        kept = [index for index, sign in enumerate(self.text) if not sign.isspace()]
        places = [(self.start_of(index), self.end_of(index)) for index in kept]
        return _Layer("".join(self.text[index] for index in kept), places)

    def decoded(self) -> _Layer | None:
        """The layer with every escape replaced by what it stands for; None if there is none."""
        if not _HINT.search(self.text):
            return None
        signs: list[str] = []
        places: list[tuple[int, int]] = []
        end = 0
        for escape in _ESCAPE.finditer(self.text):
            for index in range(end, escape.start()):
                signs.append(self.text[index])
                places.append((self.start_of(index), self.end_of(index)))
            place = escape.start()
            for sign, length in _meaning(escape[0]):
                signs.append(sign)
                places.append((self.start_of(place), self.end_of(place + length - 1)))
                place += length
            end = escape.end()
        if not end:
            return None
        for index in range(end, len(self.text)):
            signs.append(self.text[index])
            places.append((self.start_of(index), self.end_of(index)))
        text = "".join(signs)
        return None if text == self.text else _Layer(text, places)


def _layers(text: str) -> Iterator[_Layer]:
    """The text, and what it is when its escapes are decoded once, twice and so on."""
    layer: _Layer | None = _Layer(text)
    for _ in range(_LAYERS):
        if layer is None:
            return
        yield layer
        layer = layer.decoded()


def _decoded_whole(text: str) -> str:
    *_, last = _layers(text)
    return last.text


def _meaning(escape: str) -> Iterator[tuple[str, int]]:
    """The characters that an escape stands for, each with the number of characters that encode it."""
    if escape.startswith("%"):
        raw = bytes.fromhex(escape.replace("%", ""))
        try:
            signs = raw.decode()
        except UnicodeDecodeError:
            yield from ((chr(one), 3) for one in raw)
            return
        yield from ((sign, 3 * len(sign.encode())) for sign in signs)
    elif escape.startswith("&"):
        plain = html.unescape(escape)
        yield from ((sign, len(escape) if place == 0 else 0) for place, sign in enumerate(plain[:1]))
        if len(plain) > 1:  # a name that HTML does not know, or one with two characters
            yield from ((sign, 0) for sign in plain[1:])
    elif escape[1] == "u" and len(escape) > 2:
        units = bytes.fromhex(escape.replace("\\u", ""))
        yield units.decode("utf-16-be", "replace"), len(escape)
    elif escape[1] == "x" and len(escape) > 2:
        yield chr(int(f"0{escape[1:]}", 0)), len(escape)
    else:
        yield _NAMED.get(escape[1], escape[1]), len(escape)


def _lower(text: str) -> str:
    """The text in lower case, with as many characters."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)


def _stands_alone(form: str, text: str, start: int, end: int) -> bool:
    """Whether a match counts: a short number within a longer one is another number."""
    if len(form) >= _SHORT_NUMBER or not form.isdecimal():
        return True
    return not (text[start - 1 : start].isdecimal() or text[end : end + 1].isdecimal())


_SHORT_NUMBER = 10  # digits from which on a number does not occur in another one by chance


def _from_base64(run: str) -> Iterator[bytes]:
    """What a run of characters may mean in base64: it may begin at any of four places."""
    run = run.translate(_URL_SAFE)
    for start in range(4):
        part = run[start:]
        part = part[: len(part) - 1] if len(part) % 4 == 1 else part
        try:
            yield binascii.a2b_base64(part + "=" * (-len(part) % 4))
        except binascii.Error:
            continue


def _from_hexadecimal(run: str) -> Iterator[bytes]:
    for start in range(2):
        part = run[start:]
        yield bytes.fromhex(part[: len(part) // 2 * 2])
