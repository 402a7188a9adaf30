"""Making up customers that nobody else has and that every sane server takes."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping
from typing import Any

from partially_conformance.rules.contract import Contract
from partially_conformance.target.ids import may_be_an_id, unknown_id

_WORD_LENGTH = 12  # letters; two words of a run share a part of 5 letters once in some thousand pairs

_FORMS = 8  # tries for different values of a field that has a form of its own

_PLACES = (
    # country, region, postal code: each goes with each in form (the codes are regions of both countries),
    # so a server that looks still lets one of them be changed alone
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
"""Languages that are not the default, each of a country whose time zone a server might take for it."""


class Data:
    """Fresh values. The same seed gives the same kinds of values in the same order.

    Args:
        seed: What the values follow from.
        tag: Sets the values of this run apart from those of others. Lower-case letters.
        domain: Where every email is.
    """

    def __init__(self, contract: Contract, *, seed: int, tag: str, domain: str) -> None:
        self._contract = contract
        self._random = random.Random(f"{seed}/{tag}")  # noqa: S311 - no secret follows from it
        self._tag = tag
        self.domain = domain
        self._count = 0
        self._known_id: str | None = None

    def word(self) -> str:
        """A name nobody has: a capital and lower-case letters."""
        letters = self._random.choices(string.ascii_lowercase, k=_WORD_LENGTH)
        return "".join(letters).capitalize()

    def email(self, local: str | None = None) -> str:
        """An email nobody has, in lower case. `local` is put before what makes it unique."""
        self._count += 1
        start = local or "".join(self._random.choices(string.ascii_lowercase, k=6))
        return f"{start}.{self._tag}{self._count}@{self.domain}"

    def password(self) -> str:
        """A password that meets usual demands on length and kinds of characters."""
        return f"{self.word()}-{self._random.randrange(10**6):06}-xQ"

    def note_id_form(self, known: str) -> None:
        """Take note of an id the target gave to somebody: what it looks like is free."""
        self._known_id = known

    def unknown_id(self) -> str:
        """An id that nobody has, in the form in which the target gives them."""
        return unknown_id(self._known_id, self._random)

    def may_be_an_id(self, text: str) -> bool:
        """Whether somebody may have this id, for all that is known of the target."""
        return self._known_id is not None and may_be_an_id(text, self._known_id)

    def fields(self, **given: Any) -> dict[str, Any]:
        """A value for every field that is both sent and shown, all different, none a default."""
        place = self._random.randrange(len(_PLACES))
        made = {name: self._value(name, place) for name in self._contract.kept_fields if name not in given}
        return {**made, **given}

    def other(self, field: str, than: Mapping[str, Any]) -> Any:
        """A valid value for a field that differs from the one in `than` and from the default."""
        start = self._random.randrange(len(_PLACES))
        return next(
            value
            for step in range(len(_PLACES))
            if (value := self._value(field, (start + step) % len(_PLACES))) != than.get(field)
        )

    def values_with_format(self) -> dict[str, list[str]]:
        """A few values for each field that has a form of its own, such as a time zone."""
        fields = {**self._contract.create_fields, **self._contract.update_fields}
        formed = [name for name, field in fields.items() if "format" in field]
        values = {name: {self.other(name, {}) for _ in range(_FORMS)} for name in formed}
        return {name: sorted(forms) for name, forms in values.items()}

    def language(self) -> str:
        """A language code that is not the default."""
        return self._random.choice(LANGUAGES)

    def _value(self, field: str, place: int) -> str:
        made: dict[str, Callable[[], str]] = {
            "email": self.email,
            "country-code": lambda: _PLACES[place][0],
            "region-code": lambda: _PLACES[place][1],
            "postal-code": lambda: _PLACES[place][2],
            "iana-time-zone": lambda: _ZONES[place],
            "language-code": lambda: LANGUAGES[place],
            "phone": lambda: f"+1{self._random.choice(_AREAS)}555{self._random.randrange(10**4):04}",
        }
        return made.get(self._contract.create_fields[field].get("format", ""), self.word)()
