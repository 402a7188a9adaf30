"""Finding the token in an email whose wording nobody prescribes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

DELIVERY_LIMIT = 5.0
"""How long an email may take to arrive. In seconds."""

_POLL = 0.02  # seconds between two looks into the mailbox

_WORD = re.compile(r"[^\s\"'<>()\[\]{},;:=?&/#|*`]+")

_CUE = re.compile(r"(token|code|pin|key)\W*(is\W*)?$", re.IGNORECASE)

_SHORTEST_TOKEN = 4  # characters; a shorter word is not worth a try


@dataclass(frozen=True, slots=True)
class _Candidate:
    word: str
    line: int
    place: int
    score: int


class TokenFinder:
    """Learns from a few emails of one target where it puts the token.

    The first time, words are tried until one logs in. Words that stand in the emails to different
    customers belong to the wording and are never tried.
    """

    def __init__(self) -> None:
        self._wording: set[str] = set()
        self._place: tuple[int, int] | None = None

    def learn_wording(self, bodies: Sequence[str]) -> None:
        """Take note of the words that several emails share."""
        words = [set(_words(body)) for body in bodies]
        self._wording |= set.intersection(*words) if len(words) > 1 else set()

    def candidates(self, body: str, known: Sequence[str]) -> list[str]:
        """The words of a body that may be the token, the likeliest first.

        Args:
            known: Words that are about the customer, such as name and email.
        """
        about = {part.lower() for text in known for part in (*_words(text), text)}
        found = []
        for line_number, line in enumerate(body.splitlines()):
            matches = list(_WORD.finditer(line))
            for place, match in enumerate(matches):
                word = match.group().rstrip(".!")
                if (
                    len(word) < _SHORTEST_TOKEN
                    or "@" in word
                    or word in self._wording
                    or word.lower() in about
                ):
                    continue
                score = _likeliness(word, line[: match.start()], alone=len(matches) == 1)
                if self._place == (line_number, place):
                    score += 10
                found.append(_Candidate(word, line_number, place, score))
        found.sort(key=lambda candidate: -candidate.score)
        return list(dict.fromkeys(candidate.word for candidate in found))

    def confirm(self, body: str, token: str) -> None:
        """Remember where the token was, once it has logged in."""
        for line_number, line in enumerate(body.splitlines()):
            for place, match in enumerate(_WORD.finditer(line)):
                if match.group().rstrip(".!") == token:
                    self._place = (line_number, place)
                    return


def _words(text: str) -> list[str]:
    return [match.group().rstrip(".!") for match in _WORD.finditer(text)]


def _likeliness(word: str, before: str, *, alone: bool) -> int:
    digits = any(character.isdigit() for character in word)
    mixed = word != word.lower() and word != word.capitalize()
    return 4 * bool(_CUE.search(before)) + 3 * alone + 2 * digits + 2 * mixed


def wait_for(look: Callable[[], bool], limit: float = DELIVERY_LIMIT) -> bool:
    """Look again and again until it is true or the time is up. In seconds."""
    end = time.monotonic() + limit
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL)
    return True
