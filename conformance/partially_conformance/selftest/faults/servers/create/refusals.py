"""Faults of CREATE: invalid bodies, taken emails, nulls and unknown fields."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from jsonschema_rs import Draft202012Validator

from partially_conformance.selftest.faults.servers.latency import LATENCY
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import DEFAULTS, INPUT_FIELDS
from partially_reference.http.bodies import Bodies
from partially_reference.http.validation import Validation
from partially_reference.rules.customers import Customers
from partially_reference.rules.fields import Fields
from partially_reference.rules.passwords import Passwords
from partially_reference.rules.refusals import InvalidInput
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold


class _AcceptsEmails(Validation):
    """Accepts emails that it should refuse."""

    def accepts(self, body: dict[str, Any]) -> bool:
        raise NotImplementedError

    def body_problems(self, validator: Draft202012Validator, body: dict[str, Any]) -> list[str]:
        problems = super().body_problems(validator, body)
        return [one for one in problems if not (one.startswith("Email:") and self.accepts(body))]


@fault("CREATE-7", says="A create without an email is accepted.")
class EmailOptional(_AcceptsEmails):
    def accepts(self, body: dict[str, Any]) -> bool:
        return "email" not in body and "password" not in body


@fault("CREATE-7", says="A create without an email stores a generated one.")
class EmailMadeUp(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        body = super().parse(content)
        return {"email": f"{uuid.uuid4()}@example.com", **body} if "first_name" in body else body


@fault(
    "CREATE-7",
    says="A create without an email is refused after the customer was stored.",
    also=[EmailOptional],
)
class RefusedButStored(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        created = super().create(merchant_id, body)
        if "email" not in body:
            raise InvalidInput("The customer could not be saved", ["Email: can't be blank"])
        return created


@fault("CREATE-8", says="A create with an email of blanks is accepted.")
class BlankEmailTaken(_AcceptsEmails):
    def accepts(self, body: dict[str, Any]) -> bool:
        return isinstance(body.get("email"), str) and not body["email"].strip() and body["email"] != ""


@fault("CREATE-8", says="A create with an empty email is accepted.")
class EmptyEmailTaken(_AcceptsEmails):
    def accepts(self, body: dict[str, Any]) -> bool:
        return body.get("email") == ""


@fault("CREATE-8", says="A create with a null email is accepted.")
class NullEmailTaken(_AcceptsEmails):
    def accepts(self, body: dict[str, Any]) -> bool:
        return "email" in body and body["email"] is None


@fault("CREATE-9", says="A create with a list of emails stores the first one.")
class FirstOfTheEmails(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        body = super().parse(content)
        email = body.get("email")
        return {**body, "email": email[0]} if isinstance(email, list) and email else body


@fault(
    "CREATE-9",
    says="Types are checked only for the email; other values of a wrong type end in a 500.",
)
class TypesUnchecked(Validation):
    def body_problems(self, validator: Draft202012Validator, body: dict[str, Any]) -> list[str]:
        return [one for one in super().body_problems(validator, body) if one.startswith("Email:")]


@fault("CREATE-9", says="A postal code that is a number is answered with 500.")
class PostalCodeMustStrip(Validation):
    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if body.get("shipto_postal_code") is not None:
            body["shipto_postal_code"].strip()
        yield from super().text_problems(body)


class _PassesOtherTypes(TypesUnchecked):
    """Passes on values of other types unchecked."""

    def text_problems(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        texts = {name: value for name, value in body.items() if isinstance(value, str) or value is None}
        return super().text_problems(texts)


@fault(
    "CREATE-9",
    says="A create with a value of a wrong type is refused after the other fields were stored.",
    also=[_PassesOtherTypes],
)
class StoredBeforeTypesAreSeen(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        texts = {name: value for name, value in body.items() if isinstance(value, str) or value is None}
        created = super().create(merchant_id, texts)
        if len(texts) < len(body):
            raise InvalidInput("The customer could not be saved", ["A value is no text"])
        return created


@fault("CREATE-10", "UPDATE-12", says="Text after the JSON object in a body is ignored.")
class RestNotRead(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        try:
            return super().parse(content)
        except InvalidInput:
            try:
                _, end = json.JSONDecoder().raw_decode(content.decode("utf-8", "replace"))
            except ValueError:
                end = 0
            if end == 0:
                raise
            return super().parse(content.decode("utf-8", "replace")[:end].encode())


@fault("CREATE-10", "UPDATE-12", says="A body that is cut short is completed and accepted.")
class CutBodiesCompleted(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        for end in (b"", b"}", b'"}'):
            try:
                return super().parse(content + end)
            except InvalidInput as error:
                refusal = error
        raise refusal


@fault("CREATE-10", "UPDATE-8", says="A body that is a list with one object is accepted as that object.")
class ListUnwrapped(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        text = content.strip()
        return super().parse(text[1:-1] if text.startswith(b"[") and text.endswith(b"]") else content)


@fault("CREATE-10", "UPDATE-12", says="A body that is not JSON is read as a form.")
class FormsRead(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        form = dict(parse_qsl(content.decode("utf-8", "replace")))
        return dict(form) if INPUT_FIELDS and form.keys() & set(INPUT_FIELDS) else super().parse(content)


@fault("CREATE-18", says="A create with a taken email changes the customer who has it.")
class EmailTakenIsUpdate(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        with self.storage.reading() as connection:
            there = self.storage.customers.by_email(connection, merchant_id, fold(body["email"]))
        return self.update(merchant_id, there[0]["id"], body) if there else super().create(merchant_id, body)


@fault("CREATE-18", "UPDATE-16", says="A taken email is answered with 500.")
class TakenEmailFails(Customers):
    @contextmanager
    def unique_email(self) -> Iterator[None]:
        yield


@fault(
    "CREATE-18",
    "UPDATE-16",
    says="Two requests at the same time with one email end in a 500, as the email is only looked up.",
)
class LookedUpFirst(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        self.refuse_taken(merchant_id, body)
        return super().create(merchant_id, body)

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        if "email" in body:
            self.refuse_taken(merchant_id, body)
        return super().update(merchant_id, customer_id, body)

    def refuse_taken(self, merchant_id: str, body: Mapping[str, Any]) -> None:
        with self.storage.reading() as connection:
            if self.storage.customers.by_email(connection, merchant_id, fold(body["email"])):
                raise InvalidInput("The customer could not be saved", ["Email: has already been taken"])
        time.sleep(LATENCY)

    @contextmanager
    def unique_email(self) -> Iterator[None]:
        yield


@fault("CREATE-24", says="A create with a taken email deletes the password of the customer who has it.")
class TakenEmailForgetsPassword(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        with self.storage.writing() as connection:
            owners = customers.update().where(
                customers.c.merchant_id == merchant_id, customers.c.email_folded == fold(body["email"])
            )
            connection.execute(owners.values(password_hash=None))
        return super().create(merchant_id, body)


@fault(
    "CREATE-24",
    says="A refused create with a taken email sets the password of the customer who has it.",
)
class TakenEmailSetsPassword(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        try:
            return super().create(merchant_id, body)
        except InvalidInput:
            with self.storage.writing() as connection:
                for one in self.storage.customers.by_email(connection, merchant_id, fold(body["email"])):
                    new = Passwords(for_tests=True).hash("a random password")
                    self.storage.customers.update(connection, one["id"], {"password_hash": new})
            raise


@fault("CREATE-18", says="A create with a taken email takes it away from the customer who has it.")
class EmailTakenAway(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        with self.storage.writing() as connection:
            owners = customers.update().where(
                customers.c.merchant_id == merchant_id, customers.c.email_folded == fold(body["email"])
            )
            connection.execute(owners.values(email=None, email_folded=None, email_claimed=None))
        return super().create(merchant_id, body)


@fault("CREATE-19", says="A create with a null time zone is answered with 500.")
class NullZoneFails(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        values["timezone"].partition("/")
        return values


@fault("CREATE-19", says="Null is stored as the text `None`.")
class NullBecomesWord(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: str(value) for name, value in super().for_create(body).items()}


@fault("CREATE-19", says="A null country is stored as `XX`.")
class NullCountryBecomesOther(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        return {**values, "shipto_country": values["shipto_country"] or "XX"}


@fault(
    "CREATE-23",
    says="A create with an unknown field ends in a 500, because the field is passed to the database.",
)
class UnknownFieldsHandedOn(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return dict(body)


@fault(
    "CREATE-23",
    says="A create that sends `removed_at` is answered as a success, but the customer is not stored.",
)
class EveryColumnTaken(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        created = super().create(merchant_id, body)
        if body.get("removed_at"):
            with self.storage.writing() as connection:
                connection.execute(customers.delete().where(customers.c.id == created["id"]))
        return created


@fault("CREATE-23", says="A create with an unknown field stores only the email.")
class OnlyEmailBesideUnknown(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        return values if body.keys() <= set(INPUT_FIELDS) else {**DEFAULTS, "email": values["email"]}
