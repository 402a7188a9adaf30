"""Legal choices about what is taken and how it is stored."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jsonschema_rs import Draft202012Validator

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.contract import OUTPUT_FIELDS, Operation
from partially_reference.http.answers import Answers
from partially_reference.http.bodies import Bodies
from partially_reference.http.validation import Validation
from partially_reference.rules.customers import Customers
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import InvalidInput, Refusal
from partially_reference.storage.stores import Record
from partially_reference.text import fold

_EDITS = frozenset({"createCustomer", "updateCustomer"})


class Texts(Fields):
    """Changes the texts of a body before they are stored."""

    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.text(name, value) if isinstance(value, str) else value
            for name, value in super().pick(body).items()
        }

    def text(self, _name: str, value: str) -> str | None:
        return value


@variant("email-case", says="Emails are stored in lower case.")
class EmailsLowered(Texts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept.lower() if kept is not None and name == "email" else kept


@variant("surrounding-blanks", says="Blanks around a value are removed.")
class BlanksTrimmed(Texts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept.strip() if kept is not None else None


@variant("empty-string", says="An empty text is stored as null.")
class EmptyIsNull(Texts):
    def text(self, name: str, value: str) -> str | None:
        return super().text(name, value) or None


@variant(
    "empty-string",
    "surrounding-blanks",
    says="Blanks around a value are removed, and an empty result is stored as null.",
)
class BlankIsNull(Texts):
    def text(self, name: str, value: str) -> str | None:
        return (super().text(name, value) or "").strip() or None


class _Picky(Validation):
    """Refuses texts that the reference takes."""

    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super().text_problems(body)
        for name, value in body.items():
            # Passwords and tokens are nobody's to choose the characters of.
            if isinstance(value, str) and name not in {"password", "token"} and not self.takes(name, value):
                yield name, "is not valid"

    def takes(self, _name: str, _value: str) -> bool:
        return True


@variant("empty-string", says="An empty text is refused.")
class EmptyRefused(_Picky):
    def takes(self, name: str, value: str) -> bool:
        return super().takes(name, value) and value != ""


@variant("surrounding-blanks", says="A value with blanks around it is refused.")
class BlanksRefused(_Picky):
    def takes(self, name: str, value: str) -> bool:
        return super().takes(name, value) and value == value.strip()


@variant("long-values", says="A value of more than 255 characters is refused.")
class Limit255(_Picky):
    def takes(self, name: str, value: str) -> bool:
        return super().takes(name, value) and len(value) <= 255


@variant("long-values", says="Each field has a tight length limit, and longer values are refused.")
class TightLimits(_Picky):
    limits: Mapping[str, int] = {
        "phone": 32,
        "shipto_postal_code": 16,
        "language": 8,
        "timezone": 64,
        "email": 100,
    }

    def takes(self, name: str, value: str) -> bool:
        return super().takes(name, value) and len(value) <= self.limits.get(name, 80)


@variant("long-values", says="Values of up to a megabyte are stored.")
class LongValuesStored(Validation):
    longest_text = 1024 * 1024


@variant("control-characters", says="Control characters are refused, including line breaks.")
class ControlCharactersRefused(_Picky):
    def takes(self, name: str, value: str) -> bool:
        return super().takes(name, value) and not any(unicodedata.category(one) == "Cc" for one in value)


class _NulTaken(Validation):
    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        return super().text_problems(
            {
                name: value.replace("\0", "") if isinstance(value, str) else value
                for name, value in body.items()
            }
        )


@variant("control-characters", says="NUL is removed from texts.", also=[_NulTaken])
class NulStripped(Texts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept.replace("\0", "") if kept is not None else None


@variant("invalid-country", says="A country or region that is not two capital letters is refused.")
class CodesChecked(_Picky):
    def takes(self, name: str, value: str) -> bool:
        is_code = name in {"shipto_country", "shipto_state"}
        return super().takes(name, value) and (not is_code or re.fullmatch("[A-Z]{2}", value) is not None)


@variant("invalid-zone", says="An unknown time zone is refused.")
class ZonesChecked(_Picky):
    zones = zoneinfo.available_timezones()

    def takes(self, name: str, value: str) -> bool:
        return super().takes(name, value) and (name != "timezone" or value in self.zones)


@variant(says="A language that is not two letters is refused.")
class LanguagesChecked(_Picky):
    def takes(self, name: str, value: str) -> bool:
        return super().takes(name, value) and (
            name != "language" or re.fullmatch("[a-z]{2}", value) is not None
        )


@variant(says="A phone number is accepted only with digits and the usual punctuation.")
class PhonesChecked(_Picky):
    def takes(self, name: str, value: str) -> bool:
        return super().takes(name, value) and (
            name != "phone" or re.fullmatch(r"\+?[0-9 ()./-]{3,}", value) is not None
        )


@variant("invalid-email", says="Every email that is not blank is accepted.")
class AnyEmailTaken(Validation):
    def is_email(self, text: str) -> bool:
        return bool(text.strip())


@variant("invalid-email", says="Only emails of the most common form are accepted.")
class PlainEmailsOnly(Validation):
    def is_email(self, text: str) -> bool:
        return (
            re.fullmatch(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}", text)
            is not None
        )


@variant("unknown-fields", "server-owned-fields", says="A body with an undocumented field is refused.")
class UnknownFieldsRefused(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        if unknown := sorted(body.keys() - operation.body_fields):
            raise InvalidInput(
                "Something is wrong with the input", [f"{name}: is not known" for name in unknown]
            )
        super().check_body(operation, validator, body)


@variant("server-owned-fields", says="A body with a field that only the server sets is refused.")
class ServerFieldsRefused(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        if owned := sorted((body.keys() & set(OUTPUT_FIELDS)) - operation.body_fields):
            raise InvalidInput(
                "Something is wrong with the input", [f"{name}: is not yours" for name in owned]
            )
        super().check_body(operation, validator, body)


@variant("null-for-default", says="Null for a field with a default is stored as the default.")
class NullIsDefault(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        return {name: self.defaults().get(name) if value is None else value for name, value in values.items()}


@variant("null-on-update", says="Null in an update changes nothing.")
class NullKeeps(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().for_update(body).items() if value is not None}


@variant("null-on-update", says="Null in an update is refused.")
class NullRefusedOnUpdate(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        if None in values.values():
            raise InvalidInput("The customer could not be saved", ["A null says nothing"])
        return values


class _EmailTaken(Refusal):
    """Another customer of the merchant has this email."""


class _Distinct(Customers):
    @contextmanager
    def unique_email(self) -> Iterator[None]:
        try:
            with super().unique_email():
                yield
        except InvalidInput as refusal:
            if not any("taken" in problem for problem in refusal.errors):
                raise
            raise _EmailTaken(refusal.message, refusal.errors) from refusal


@variant("duplicate-email", says="A taken email is answered with 409.", also=[_Distinct])
class TakenEmail409(Answers):
    def status(self, refusal: Refusal) -> int:
        return 409 if isinstance(refusal, _EmailTaken) else super().status(refusal)


@variant("duplicate-email", says="A taken email is answered with 422.", also=[_Distinct])
class TakenEmail422(Answers):
    def status(self, refusal: Refusal) -> int:
        return 422 if isinstance(refusal, _EmailTaken) else super().status(refusal)


@variant("duplicate-email", says="Several customers may have the same email.")
class EmailsShared(Fields):
    def claim(self, _email_folded: str | None) -> str | None:
        return None


@variant(
    "duplicate-email", says="A create with a taken email answers with the customer who has it, unchanged."
)
class ExistingReturned(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        with self.storage.reading() as connection:
            email = self.fields.pick(body)["email"]
            found = self.storage.customers.by_email(connection, merchant_id, fold(email))
        return found[0] if found else super().create(merchant_id, body)


@variant("empty-update", says="An update without fields is refused.")
class EmptyUpdateRefused(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        if not values:
            raise InvalidInput("There is nothing to change")
        return values


@variant("empty-update", says="A request without a body counts as one with an empty object.")
class NoBodyIsEmpty(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return super().parse(content) if content.strip() else {}


def _as_text(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for name, value in body.items()
    }


class _NumbersTaken(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        super().check_body(operation, validator, _as_text(body) if operation.id in _EDITS else body)


@variant("number-for-text", says="A number in place of a text is stored as its digits.", also=[_NumbersTaken])
class NumbersAsText(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return _as_text(super().pick(body))
