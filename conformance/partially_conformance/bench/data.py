"""Generating values of customers that no other customer has and that every sensible server accepts."""

from __future__ import annotations

import hashlib
import random
import string
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from partially_conformance.rules.contract import Contract
from partially_conformance.target.ids import may_be_an_id, unknown_id

LETTERS = "bcdfghjklmnpqsvwxyz"
"""The letters of generated words. No code of a country, region or language consists of them: a search for a
code finds the same customers whatever the generated names are."""

_WORD_LENGTH = 12  # letters; two words of a run share a part of 5 letters once in some ten thousand pairs

_TRIES = 8  # values that are generated for a field with a `format`; equal ones count once

_PLACES = (
    # country, region, postal code: each is valid with each other (the codes are regions of both countries),
    # so that a server that validates them accepts a change of one alone
    ("IT", "TO", "10121"),
    ("ES", "BA", "28001"),
    ("IT", "SA", "46001"),
    ("ES", "VA", "20121"),
    ("IT", "CR", "50001"),
)
_ZONES = ("Europe/Berlin", "America/Toronto", "America/Sao_Paulo", "Europe/Rome", "Asia/Tokyo")
_AREAS = (
    "206",
    "212",
    "213",
    "305",
    "312",
    "404",
    "415",
    "512",
    "617",
    "702",
)  # so that few phones are equal
LANGUAGES = ("de", "fr", "pt", "it", "es")
"""Languages that are not the default. A server might derive one from the time zone of its country."""


_CODE_LENGTH = 4  # letters in an email that stand for a scope: two scopes share them once in 450,000 pairs


class Data:
    """Generates fresh values. The same seed gives the same values for the same scope.

    A scope is one attempt of one check, or a preparation. The values of a scope depend neither on what other
    scopes have generated nor on the tag, with one exception: the tag is a part of every email, and says which
    letters stand in names, emails and passwords. Two runs with the same seed and different tags send the same
    requests with other letters, so that neither finds the customers that the other has left.

    Args:
        contract: The described API.
        seed: Determines the values.
        tag: Lower-case letters that only the emails of this run have.
        domain: The domain of every email.

    Attributes:
        tag: The letters that only the emails of this run have.
        domain: The domain of every email.
        scope: The name of the current scope.
    """

    def __init__(self, contract: Contract, *, seed: int, tag: str, domain: str) -> None:
        self._contract = contract
        self._seed = seed
        self.tag = tag
        self._letters = _letters_of(tag)
        self.domain = domain
        self._known_id: str | None = None
        self.begin("run")

    def begin(self, scope: str) -> None:
        """Begin a scope: its values follow from the seed and its name."""
        self.scope = scope
        self._random = random.Random(f"{self._seed}/{scope}")  # noqa: S311 - it generates no secrets
        self._code = _code_of(scope)
        self._count = 0

    @contextmanager
    def aside(self, scope: str) -> Iterator[None]:
        """Use another scope in the block, such as for a preparation that only its first user makes."""
        before = self.scope, self._random, self._code, self._count
        self.begin(scope)
        try:
            yield
        finally:
            self.scope, self._random, self._code, self._count = before

    def word(self) -> str:
        """A name that no customer has: a capital and lower-case letters."""
        return self._some_letters(_WORD_LENGTH).capitalize()

    def email(self, local: str | None = None) -> str:
        """An email that no customer has, in lower case. It begins with `local` if that is given."""
        self._count += 1
        start = local or self._some_letters(6)
        return f"{start}.{self.tag}{self._code}{self._count}@{self.domain}"

    def _some_letters(self, count: int) -> str:
        chosen = self._random.choices(LETTERS, k=count)
        return "".join(chosen).translate(self._letters)

    def password(self) -> str:
        """A password that meets the usual demands on length and kinds of characters."""
        return f"{self.word()}-{self._random.randrange(10**6):06}-xQ"

    def uuid(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def note_id_form(self, known: str) -> None:
        """Note an id that the target gave: the form of ids is its choice."""
        self._known_id = known

    def unknown_id(self) -> str:
        """An id that no customer has, in the form of the ids of the target."""
        # How much randomness that takes depends on the known id. The values that follow must not.
        return unknown_id(self._known_id, random.Random(self._random.getrandbits(64)))  # noqa: S311

    def may_be_an_id(self, text: str) -> bool:
        """Whether a customer of the target may have this id, by its form."""
        return self._known_id is not None and may_be_an_id(text, self._known_id)

    def fields(self, **given: Any) -> dict[str, Any]:
        """A value for every field of both a create and a response, all different, none a default."""
        place = self._random.randrange(len(_PLACES))
        values = {name: self._value(name, place) for name in self._contract.kept_fields if name not in given}
        return {**values, **given}

    def other(self, field: str, than: Mapping[str, Any]) -> Any:
        """A valid value for a field that differs from the one in `than` and from the default."""
        start = self._random.randrange(len(_PLACES))
        return next(
            value
            for step in range(len(_PLACES))
            if (value := self._value(field, (start + step) % len(_PLACES))) != than.get(field)
        )

    def values_with_format(self) -> dict[str, list[str]]:
        """A few values for each field that has a `format`, such as a time zone."""
        fields = {**self._contract.create_fields, **self._contract.update_fields}
        formed = [name for name, field in fields.items() if "format" in field]
        values = {name: [self.other(name, {}) for _ in range(_TRIES)] for name in formed}
        return {name: list(dict.fromkeys(forms)) for name, forms in values.items()}

    def language(self) -> str:
        """A language code that is not the default."""
        return self._random.choice(LANGUAGES)

    def _value(self, field: str, place: int) -> str:
        by_format: dict[str, Callable[[], str]] = {
            "email": self.email,
            "country-code": lambda: _PLACES[place][0],
            "region-code": lambda: _PLACES[place][1],
            "postal-code": lambda: _PLACES[place][2],
            "iana-time-zone": lambda: _ZONES[place],
            "language-code": lambda: LANGUAGES[place],
            "phone": lambda: f"+1{self._random.choice(_AREAS)}555{self._random.randrange(10**4):04}",
        }
        return by_format.get(self._contract.create_fields[field].get("format", ""), self.word)()


def _letters_of(tag: str) -> dict[int, str]:
    """The letters that stand for `LETTERS` in a run with this tag, each for one."""
    shuffled = list(LETTERS)
    random.Random(tag).shuffle(shuffled)  # noqa: S311 - it generates no secrets
    return str.maketrans(dict(zip(LETTERS, shuffled, strict=True)))


def _code_of(scope: str) -> str:
    """A few letters that stand for a scope, so that its emails differ from those of other scopes."""
    number = int.from_bytes(hashlib.sha256(scope.encode()).digest()[:8])
    letters = []
    for _ in range(_CODE_LENGTH):
        number, letter = divmod(number, len(string.ascii_lowercase))
        letters.append(string.ascii_lowercase[letter])
    return "".join(letters)
