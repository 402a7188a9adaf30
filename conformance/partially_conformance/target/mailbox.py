"""Finding the login token in an email of unknown wording."""

from __future__ import annotations

import functools
import itertools
import re
import time
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from partially_conformance.target.mail_words import Cut, Word, words

DELIVERY_LIMIT = 5.0
"""How long an email may take to arrive. In seconds."""

_POLL = 0.02  # seconds between two looks at the emails

_CUE = re.compile(
    r"(token|code|pin|otp|key|link|passw|kennw|schlüssel|clave|contraseña|jeton)\w*\W*(\w{1,9}\W+){0,2}$",
    re.IGNORECASE,
)
"""A word that announces a token, with up to two short words between them."""

_MOMENT = re.compile(r"\d{1,4}([-./:]\d{1,4}){1,2}([T ].*)?|\d{1,2}(:\d\d){1,2}\.?\d*Z?", re.IGNORECASE)
"""A date, a time of day, or both."""

_KNOWN = 8
"""How much a word loses in likeliness if it is part of the customer's data, such as a date."""

_ADDRESS = re.compile(r"://|@|^www\.|^mailto:", re.IGNORECASE)
"""The mark of a URL or an email address. It may contain a token, but is none itself."""


class TokenFinder:
    """Learns from a few emails of one target where the token is.

    At first, the suite tries words until one logs in. Words that occur in the emails to several customers
    belong to the wording and are not tried. After `confirm`, the context of a word decides.
    """

    def __init__(self) -> None:
        self._wording: frozenset[str] = frozenset()
        self._model: Word | None = None

    def learn_wording(self, texts: Sequence[str]) -> None:
        """Learn the words that the emails to several customers share."""
        self._wording = frozenset.intersection(*(frozenset(_texts(text)) for text in texts))

    def candidates(self, text: str, known: Iterable[str], *, in_wording: bool = False) -> list[str]:
        """The words of an email that may be the token, the likeliest first.

        Args:
            text: Subject and body.
            known: Data of the customer, such as name and email: they are hardly the token.
            in_wording: Whether to look among the words that the emails to several customers share: a
                target may send the same token to all customers.
        """
        about = {part.lower() for value in known for part in (value, quote(value, safe=""), *_texts(value))}
        possible = [
            word
            for word in words(text)
            if (
                self._model or ((word.text in self._wording) is in_wording and word.text.lower() not in about)
            )
            and not _ADDRESS.search(word.text)
        ]
        possible.sort(key=lambda word: _KNOWN * (word.text.lower() in about) - self._likeliness(word))
        return list(dict.fromkeys(word.text for word in possible))

    def confirm(self, text: str, token: str) -> None:
        """Learn the context of a token of an email, once it has logged in."""
        found = [word for word in words(text) if word.text == token]
        self._model = min(found, key=lambda word: word.cut)

    def _likeliness(self, word: Word) -> int:
        looks = _looks(word)
        if self._model is None:
            return looks
        before = _shared(word.before[::-1], self._model.before[::-1])
        after = _shared(word.after, self._model.after)
        return looks + before + after + 10 * (_shape(word.text) == _shape(self._model.text))


def _texts(text: str) -> set[str]:
    return {word.text for word in words(text)}


def _shared(left: str, right: str) -> int:
    """How many characters two texts share at their start."""
    return sum(
        1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))
    )


def _looks(word: Word) -> int:
    """How much a word looks like a token, without regard to other emails."""
    text = word.text
    digits = any(character.isdigit() for character in text)
    mixed = text not in (text.lower(), text.capitalize())
    ways = {Cut.CHUNK: 2, Cut.VALUE: 2, Cut.PIECE: 0, Cut.LINE: -3}
    return (
        ways[word.cut]
        + 4 * bool(_CUE.search(word.before))
        + 3 * word.alone
        + 2 * digits
        + 2 * mixed
        - 3 * word.named
        - 6 * bool(_MOMENT.fullmatch(text))
    )


@functools.lru_cache(1024)
def _shape(text: str) -> tuple[int, frozenset[str]]:
    kinds = {"digit" if character.isdigit() else "letter" for character in text if character.isalnum()}
    return len(text), frozenset(kinds | {character for character in text if not character.isalnum()})


def wait_for(look: Callable[[], bool], limit: float = DELIVERY_LIMIT) -> bool:
    """Call `look` until it returns true or `limit` seconds have passed; returns whether it did."""
    end = time.monotonic() + limit
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL)
    return True
