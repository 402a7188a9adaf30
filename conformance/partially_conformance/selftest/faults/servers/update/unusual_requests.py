"""Faults of UPDATE: empty, null, invalid and simultaneous updates."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator
from starlette.requests import Request

from partially_conformance.selftest.faults.servers.latency import LATENCY
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import INPUT_FIELDS, Operation
from partially_reference.http.bodies import Bodies
from partially_reference.http.routing import Call, Reader
from partially_reference.http.validation import Validation
from partially_reference.rules.customers import Customers
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import InvalidInput
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold


@fault("UPDATE-8", says="An update without fields clears all fields but the email.")
class EmptyClears(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        return values or {name: None for name in INPUT_FIELDS if name != "email"}


@fault("UPDATE-8", says="An update without fields is answered with 500.")
class NothingToSetFails(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        if not values:
            raise RuntimeError('syntax error at or near "WHERE"')
        return values


@fault("UPDATE-8", says="A request without a body is answered with 500.")
class NoBodyFails(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        if not content:
            raise EOFError("no body")
        return super().parse(content)


@fault("UPDATE-9", says="An update of the street to null clears the whole address.")
class NullClearsAddress(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        if values.get("shipto_address", "") is None:
            values = {name: None for name in INPUT_FIELDS if name.startswith("shipto_")} | values
        return values


@fault("UPDATE-9", says="An update with null is answered with 500.")
class NullUpdateFails(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value.strip() and value for name, value in super().for_update(body).items()}


@fault("UPDATE-9", says="An update with null stores the text `null`.")
class NullUpdateBecomesWord(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: "null" if value is None else value for name, value in super().for_update(body).items()}


@fault("UPDATE-12", says="An update with a body that cannot be read counts as an update without fields.")
class UnreadableIsEmpty(Reader):
    async def call(self, request: Request, operation: Operation, validator: Draft202012Validator) -> Call:
        try:
            return await super().call(request, operation, validator)
        except InvalidInput as refusal:
            if operation.id != "updateCustomer" or not any("Body:" in one for one in refusal.errors):
                raise
            merchant_id = self.guard(request, operation.id)
            return Call(merchant_id, {"id": self.identifier(request.path_params["id"])})


@fault("UPDATE-8", says="An update with the body `null` clears first and last name.")
class NullForEveryName(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return super().parse(
            b'{"first_name": null, "last_name": null}' if content.strip() == b"null" else content
        )


@fault(
    "UPDATE-13",
    says="An update writes all fields back as it read them, and so reverts an update at the same time.",
)
class WholeWrittenBack(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.fields.pick(self.read(merchant_id, customer_id))
        time.sleep(LATENCY)
        return super().update(merchant_id, customer_id, {**before, **body})


@fault(
    "UPDATE-13",
    says="An update of the address writes all of it back, and so reverts an update at the same time.",
)
class AddressWrittenBack(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        address = {name: before[name] for name in INPUT_FIELDS if name.startswith("shipto_")}
        time.sleep(LATENCY)
        if body.keys() & address.keys():
            body = {**address, **body}
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-13", says="An update at the same time as another is answered with 500.")
class NotWhileAnother(Customers):
    under_way = threading.Lock()

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        if not self.under_way.acquire(blocking=False):
            raise RuntimeError("database is locked")
        try:
            time.sleep(LATENCY)
            return super().update(merchant_id, customer_id, body)
        finally:
            self.under_way.release()


@fault(
    "UPDATE-14",
    says="An update shows the text as sent, but stores characters beyond U+FFFF as question marks.",
)
class StoredWithoutEmoji(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        plain = {
            name: "".join(sign if ord(sign) < 0x10000 else "?" for sign in value)
            if isinstance(value, str)
            else value
            for name, value in body.items()
        }
        return {**super().update(merchant_id, customer_id, plain), **self.fields.pick(body)}


class _EmailsUnchecked(Validation):
    """Does not check the type of the email."""

    def body_problems(self, validator: Draft202012Validator, body: dict[str, Any]) -> list[str]:
        problems = super().body_problems(validator, body)
        return problems if "password" in body else [one for one in problems if "Email: must be" not in one]


@fault(
    "UPDATE-15",
    says="An update with an invalid email is refused after the other fields were stored.",
    also=[_EmailsUnchecked],
)
class EmailLookedAtLast(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        email = body.get("email", "")
        if isinstance(email, str):
            return super().update(merchant_id, customer_id, body)
        super().update(merchant_id, customer_id, {name: body[name] for name in body if name != "email"})
        raise InvalidInput("The customer could not be saved", ["Email: must be a string"])


@fault("UPDATE-15", says="An update stores each field on its own until one is refused.")
class FieldByField(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        for name, value in sorted(body.items(), key=lambda item: item[0] == "email"):
            super().update(merchant_id, customer_id, {name: value})
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-16", says="An update to a taken email takes it away from the customer who has it.")
class TakenEmailMoves(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        if isinstance(body.get("email"), str):
            with self.storage.writing() as connection:
                owners = customers.update().where(
                    customers.c.merchant_id == merchant_id,
                    customers.c.id != customer_id,
                    customers.c.email_folded == fold(body["email"]),
                )
                connection.execute(owners.values(email=None, email_folded=None, email_claimed=None))
        return super().update(merchant_id, customer_id, body)


class _AcceptsBlankEmails(Validation):
    """Accepts null and blank emails."""

    def body_problems(self, validator: Draft202012Validator, body: dict[str, Any]) -> list[str]:
        problems = super().body_problems(validator, body)
        return [
            one
            for one in problems
            if not (one.startswith("Email:") and not str(body.get("email") or "").strip())
        ]


@fault("UPDATE-17", says="An update with a null email is answered with 500.", also=[_AcceptsBlankEmails])
class NullEmailFails(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "email" in body:
            body["email"].lower()
        return super().for_update(body)


@fault("UPDATE-17", says="An update with a blank email clears the phone number.", also=[_AcceptsBlankEmails])
class BlankEmailClearsPhone(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        if "email" in body and not (body["email"] or "").strip():
            body = {"phone": None}
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-20", says="A null or blank email in an update is ignored.", also=[_AcceptsBlankEmails])
class BlankEmailsIgnored(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        return {name: value for name, value in values.items() if name != "email" or (value or "").strip()}


@fault("UPDATE-9", says="An update with a null stores only the nulls.")
class NullsOnly(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        nulls = {name: value for name, value in values.items() if value is None}
        return nulls or values


@fault("UPDATE-14", says="An update with NUL is answered with 500.")
class NulFailsUpdates(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if operation.id == "updateCustomer" and b"\\u0000" in await request.body():
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return await super().call(request, operation, validator)


class _UpdatesUnchecked(Validation):
    """Does not check the body of an update."""

    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        if operation.id != "updateCustomer":
            super().check_body(operation, validator, body)


@fault("UPDATE-19", says="An update does not check types, so some values are answered with 500.")
class UpdatesOfAnyType(_UpdatesUnchecked):
    pass


@fault(
    "UPDATE-19",
    says="The response to an update with a number shows the number instead of a text.",
    also=[_UpdatesUnchecked],
)
class NumbersStayNumbers(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        texts = {name: value for name, value in body.items() if isinstance(value, str) or value is None}
        after = super().update(merchant_id, customer_id, texts)
        numbers = {name: value for name, value in body.items() if isinstance(value, int)}
        return {**after, **numbers}


@fault("UPDATE-21", says="A refused update to a taken email gives the password to the customer who has it.")
class TakenEmailGivesThePassword(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        try:
            return super().update(merchant_id, customer_id, body)
        except InvalidInput:
            if isinstance(body.get("email"), str):
                own = self.read(merchant_id, customer_id)["password_hash"]
                with self.storage.writing() as connection:
                    for one in self.storage.customers.by_email(connection, merchant_id, fold(body["email"])):
                        self.storage.customers.update(connection, one["id"], {"password_hash": own})
            raise


@fault("UPDATE-21", says="An update to a taken email deletes the password of the customer who has it.")
class TakenEmailForgetsTheOther(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        if isinstance(body.get("email"), str):
            with self.storage.writing() as connection:
                for other in self.storage.customers.by_email(connection, merchant_id, fold(body["email"])):
                    if other["id"] != customer_id:
                        self.storage.customers.update(connection, other["id"], {"password_hash": None})
        return super().update(merchant_id, customer_id, body)
