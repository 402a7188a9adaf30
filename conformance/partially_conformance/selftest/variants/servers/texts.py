"""Variants: which texts are accepted, and how they are stored."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.http.validation import Validation
from partially_reference.rules.fields import Fields


class ChangesTexts(Fields):
    """Changes each text of a body by `text` before it is stored."""

    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.text(name, value) if isinstance(value, str) else value
            for name, value in super().pick(body).items()
        }

    def text(self, _name: str, value: str) -> str | None:
        return value


@variant("surrounding-blanks", says="Blanks around a value are removed.")
class BlanksTrimmed(ChangesTexts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept.strip() if kept is not None else None


@variant("empty-string", says="An empty text is stored as null.")
class EmptyIsNull(ChangesTexts):
    def text(self, name: str, value: str) -> str | None:
        return super().text(name, value) or None


@variant(
    "empty-string",
    "surrounding-blanks",
    says="Blanks around a value are removed, and an empty result is stored as null.",
)
class BlankIsNull(ChangesTexts):
    def text(self, name: str, value: str) -> str | None:
        return (super().text(name, value) or "").strip() or None


@variant(
    "empty-string", says="A value of blanks only is stored as null; blanks around other values are kept."
)
class OnlyBlanksAreNull(ChangesTexts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept if kept and kept.strip() else None


class _RefusesTexts(Validation):
    """Refuses texts that the reference server accepts."""

    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super().text_problems(body)
        for name, value in body.items():
            # Passwords and tokens may have any characters.
            if isinstance(value, str) and name not in {"password", "token"} and not self.accepts(name, value):
                yield name, "is not valid"

    def accepts(self, _name: str, _value: str) -> bool:
        return True


@variant("empty-string", says="An empty text is refused.")
class EmptyRefused(_RefusesTexts):
    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and value != ""


@variant("surrounding-blanks", says="A value with blanks around it is refused.")
class BlanksRefused(_RefusesTexts):
    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and value == value.strip()


@variant("long-values", says="A value of more than 255 characters is refused.")
class Limit255(_RefusesTexts):
    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and len(value) <= 255


@variant("long-values", says="Each field has a tight length limit, and longer values are refused.")
class TightLimits(_RefusesTexts):
    limits: Mapping[str, int] = {
        "phone": 32,
        "shipto_postal_code": 16,
        "language": 8,
        "timezone": 64,
        "email": 100,
    }

    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and len(value) <= self.limits.get(name, 80)


@variant("long-values", says="A value of more than 50 bytes is refused.")
class Limit50Bytes(_RefusesTexts):
    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and len(value.encode()) <= 50


@variant("long-values", says="Values of up to a megabyte are stored.")
class LongValuesStored(Validation):
    longest_text = 1024 * 1024


@variant("control-characters", says="Control characters are refused, including line breaks.")
class ControlCharactersRefused(_RefusesTexts):
    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and not any(unicodedata.category(one) == "Cc" for one in value)


class _AcceptsNul(Validation):
    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        return super().text_problems(
            {
                name: value.replace("\0", "") if isinstance(value, str) else value
                for name, value in body.items()
            }
        )


@variant("control-characters", says="NUL is removed from texts.", also=[_AcceptsNul])
class NulStripped(ChangesTexts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept.replace("\0", "") if kept is not None else None


@variant("invalid-country", says="A country or region that is not two capital letters is refused.")
class CodesChecked(_RefusesTexts):
    def accepts(self, name: str, value: str) -> bool:
        is_code = name in {"shipto_country", "shipto_state"}
        return super().accepts(name, value) and (not is_code or re.fullmatch("[A-Z]{2}", value) is not None)


@variant("invalid-zone", says="An unknown time zone is refused.")
class ZonesChecked(_RefusesTexts):
    zones = zoneinfo.available_timezones()

    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and (name != "timezone" or value in self.zones)


@variant(says="A language that is not two letters is refused.")
class LanguagesChecked(_RefusesTexts):
    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and (
            name != "language" or re.fullmatch("[a-z]{2}", value) is not None
        )


@variant(says="A phone number is accepted only with digits and the usual punctuation.")
class PhonesChecked(_RefusesTexts):
    def accepts(self, name: str, value: str) -> bool:
        return super().accepts(name, value) and (
            name != "phone" or re.fullmatch(r"\+?[0-9 ()./-]{3,}", value) is not None
        )
