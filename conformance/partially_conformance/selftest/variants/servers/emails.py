"""Variants: which emails are accepted, how they are stored, and whether they are unique."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from jsonschema_rs import Draft202012Validator

from partially_conformance.selftest.overlays.servers import variant
from partially_conformance.selftest.variants.servers.texts import ChangesTexts
from partially_reference.contract import Operation
from partially_reference.http.answers import Answers
from partially_reference.http.validation import Validation
from partially_reference.rules.customers import NOT_SAVED, Customers
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import InvalidInput, Refusal
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold


@variant("email-case", says="Emails are stored in lower case.")
class EmailsLowered(ChangesTexts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept.lower() if kept is not None and name == "email" else kept


@variant(
    "email-case",
    says="Emails are stored in lower case without the blanks around them; other fields are stored as sent.",
)
class OnlyEmailsTidied(ChangesTexts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept.strip().lower() if kept is not None and name == "email" else kept


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


class _BlankEmailsAccepted(Validation):
    """Accepts a null or blank email in an update."""

    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        email = body.get("email", "x")
        blank = operation.id == "updateCustomer" and (email is None or email == "" or str(email).isspace())
        sent = {name: value for name, value in body.items() if name != "email"} if blank else body
        super().check_body(operation, validator, sent)


@variant(
    "blank-email-on-update",
    says="A null or blank email in an update is ignored.",
    also=[_BlankEmailsAccepted],
)
class BlankEmailsKeepTheOld(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        return {name: value for name, value in values.items() if name != "email" or (value or "").strip()}


class _EmailTaken(Refusal):
    """Another customer of the merchant has this email."""


class _RaisesEmailTaken(Customers):
    @contextmanager
    def unique_email(self) -> Iterator[None]:
        try:
            with super().unique_email():
                yield
        except InvalidInput as refusal:
            if not any("taken" in problem for problem in refusal.errors):
                raise
            raise _EmailTaken(refusal.message, refusal.errors) from refusal


@variant("duplicate-email", says="A taken email is answered with 409.", also=[_RaisesEmailTaken])
class TakenEmail409(Answers):
    def status(self, refusal: Refusal) -> int:
        return 409 if isinstance(refusal, _EmailTaken) else super().status(refusal)


@variant("duplicate-email", says="A taken email is answered with 422.", also=[_RaisesEmailTaken])
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


@variant("email-elsewhere", says="An email is unique across all merchants.")
class EmailsUniqueEverywhere(Customers):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._claiming = threading.Lock()

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        with self._claiming, self.unique_email():
            self._refuse_taken(merchant_id, body)
            return super().create(merchant_id, body)

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        with self._claiming, self.unique_email():
            self.read(merchant_id, customer_id)
            self._refuse_taken(merchant_id, body)
            return super().update(merchant_id, customer_id, body)

    def _refuse_taken(self, merchant_id: str, body: Mapping[str, Any]) -> None:
        email = self.fields.pick(body).get("email")
        if not isinstance(email, str):
            return
        taken = sa.select(customers.c.id).where(
            customers.c.merchant_id != merchant_id, customers.c.email_claimed == fold(email)
        )
        with self.storage.reading() as connection:
            if connection.execute(taken).first() is not None:
                raise InvalidInput(NOT_SAVED, ["Email: has already been taken"])
