"""Faults of UPDATE: which fields of which customers an update changes."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import DEFAULTS, INPUT_FIELDS
from partially_reference.http.routing import Reader
from partially_reference.rules.customers import Customers
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import InvalidInput, NotFound
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold


@fault("UPDATE-1", says="An update does not change the last name.")
class LastNameFixed(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().for_update(body).items() if name != "last_name"}


@fault("UPDATE-1", says="The response to an update shows the customer as it was before.")
class AnswersWithBefore(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        super().update(merchant_id, customer_id, body)
        return before


@fault("UPDATE-1", says="An update with the values that are already stored is answered with 404.")
class NothingChangedNotFound(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        if body and all(before.get(name) == value for name, value in body.items()):
            raise NotFound("Customer not found")
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-1", says="An update of a field to its default is ignored.")
class DefaultsNotUpdated(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        return {name: value for name, value in values.items() if DEFAULTS.get(name) != value}


@fault("UPDATE-1", says="An update does not change a field that is null.")
class NullsStay(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        filled = {name: value for name, value in body.items() if before.get(name) is not None}
        return super().update(merchant_id, customer_id, filled)


@fault("UPDATE-2", says="An update clears the fields that it does not send.")
class WholeReplaced(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        nothing = {name: None for name in INPUT_FIELDS if name != "email"}
        return {**nothing, **super().for_update(body)} if body else {}


@fault("UPDATE-2", says="An update of the country clears the region.")
class CountryClearsRegion(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        return {"shipto_state": None, **values} if "shipto_country" in values else values


@fault("UPDATE-2", says="An update of a name overwrites `shipto_name`.")
class NameIsShipToName(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        both = [body.get(name) or before[name] for name in ("first_name", "last_name")]
        if all(both) and {"first_name", "last_name"} & body.keys():
            body = {"shipto_name": " ".join(both), **body}
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-3", "UPDATE-2", says="An update sets fields that it does not send to their defaults.")
class DefaultsOnUpdate(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.for_create(body) if body else {}


@fault("UPDATE-3", says="An update sets fields that are null to their defaults.")
class DefaultsForNulls(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        missing = {name: value for name, value in DEFAULTS.items() if before[name] is None}
        return super().update(merchant_id, customer_id, {**missing, **body})


@fault("UPDATE-3", says="An update of first name and address resets the time zone.")
class ZoneResetWithNames(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        if {"first_name", "shipto_address"} <= values.keys():
            values.setdefault("timezone", DEFAULTS["timezone"])
        return values


@fault("UPDATE-4", says="An update of several fields stores only the first.")
class FirstFieldOnly(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return dict(list(super().for_update(body).items())[:1])


@fault("UPDATE-4", says="An update with a new email changes no other field.")
class EmailAlone(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        return {"email": values["email"]} if "email" in values else values


@fault("UPDATE-5", says="An update that was sent before is ignored.")
class SameUpdateIgnored(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        seen: set[str] = self.__dict__.setdefault("seen", set())
        mark = f"{customer_id} {sorted(body.items(), key=str)}"
        if mark in seen:
            return self.read(merchant_id, customer_id)
        seen.add(mark)
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-5", says="An update resets the fields that it does not send to their values at the create.")
class MadeOnTheFirst(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        created = super().create(merchant_id, body)
        self.__dict__.setdefault("first", {})[created["id"]] = self.fields.pick(created)
        return created

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        first = self.__dict__.setdefault("first", {}).get(customer_id, {})
        return super().update(merchant_id, customer_id, {**first, **body})


@fault("UPDATE-6", says="An update with an unknown id creates a customer.")
class UpdateCreates(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        with self.storage.reading() as connection:
            there = self.storage.customers.get(connection, merchant_id, customer_id)
        if there is not None or "email" not in body:
            return super().update(merchant_id, customer_id, body)
        return self.create(merchant_id, body)


@fault("UPDATE-6", says="An update with an unknown id creates a customer and is answered with 404.")
class UpdateCreatesInSecret(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        try:
            return super().update(merchant_id, customer_id, body)
        except NotFound:
            if "email" in body:
                self.create(merchant_id, body)
            raise


@fault("UPDATE-6", says="An update with an unknown id is answered with 400.")
class UnknownIsBadRequest(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        try:
            return super().update(merchant_id, customer_id, body)
        except NotFound as error:
            raise InvalidInput("There is no such customer") from error


@fault("UPDATE-7", says="An update with a malformed id is answered with 500.")
class MalformedIdFails(Reader):
    def identifier(self, text: str) -> str:
        try:
            return super().identifier(text)
        except NotFound as error:
            raise ValueError("badly formed hexadecimal UUID string") from error


class _AcceptsAnyId(Reader):
    """Accepts any text as an id."""

    def identifier(self, text: str) -> str:
        return text


@fault("UPDATE-7", says="An update accepts the beginning of an id.", also=[_AcceptsAnyId])
class StartOfIdIsEnough(CustomerStore):
    def lock(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        query = sa.select(customers).where(
            customers.c.merchant_id == merchant_id, customers.c.id.startswith(customer_id)
        )
        row = connection.execute(query).first()
        return None if row is None else row._asdict()

    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        there = customers.update().where(customers.c.id.startswith(customer_id)).values(**values)
        return connection.execute(there.returning(customers)).first()._asdict()  # type: ignore[union-attr]


@fault("UPDATE-10", says="An update overwrites the time of creation with the current time.")
class TimeSetAnew(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        super().update(merchant_id, customer_id, body)
        with self.storage.writing() as connection:
            return self.storage.customers.update(connection, customer_id, {"inserted_at": self.clock.now()})


@fault("UPDATE-10", says="A time of creation in the body of an update is stored.")
class TimeFromUpdate(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        after = super().update(merchant_id, customer_id, body)
        if "inserted_at" not in body:
            return after
        sent = datetime.fromisoformat(body["inserted_at"])
        with self.storage.writing() as connection:
            return self.storage.customers.update(connection, customer_id, {"inserted_at": sent})


@fault("UPDATE-10", says="An update changes the customer whose id is in the body, not the one in the path.")
class BodyDecidesWho(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        return super().update(merchant_id, body.get("id", customer_id), body)


@fault("UPDATE-11", says="An update changes all customers with the same names.")
class NamesakesUpdated(CustomerStore):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        before = connection.execute(sa.select(customers).where(customers.c.id == customer_id)).one()
        shared = {
            name: value
            for name, value in values.items()
            if name not in {"email", "email_folded", "email_claimed"}
        }
        if before.last_name is not None and shared:
            namesakes = [customers.c[name] == getattr(before, name) for name in ("first_name", "last_name")]
            connection.execute(customers.update().where(*namesakes).values(**shared))
        return super().update(connection, customer_id, values)


@fault("UPDATE-11", says="An update that clears a phone number clears it for all customers.")
class PhoneClearedForAll(CustomerStore):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        if "phone" in values and values["phone"] is None:
            connection.execute(customers.update().values(phone=None))
        return super().update(connection, customer_id, values)


@fault("UPDATE-18", says="An update that does not send the address escapes the stored address for HTML.")
class EscapedAgain(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        address = self.read(merchant_id, customer_id)["shipto_address"]
        escaped = {"shipto_address": html.escape(address)} if address else {}
        return super().update(merchant_id, customer_id, {**escaped, **body})


@fault("UPDATE-2", says="The response to an update that does not send the time zone shows UTC.")
class ZoneOfServerShown(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        after = super().update(merchant_id, customer_id, body)
        return after if "timezone" in body else {**after, "timezone": "UTC"}


@fault("UPDATE-1", says="An update ignores the text `0`.")
class ZeroIsLeftOut(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().for_update(body).items() if value != "0"}


@fault("UPDATE-2", says="An update escapes all fields that it does not send for HTML.")
class EscapedOnceMore(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        texts = {name: before[name] for name in INPUT_FIELDS if name != "email" and before[name] is not None}
        escaped = {name: html.escape(value) for name, value in texts.items() if value != html.escape(value)}
        return super().update(merchant_id, customer_id, {**escaped, **body})


@fault("UPDATE-11", says="An update of a phone number overwrites that of all customers of other merchants.")
class PhoneOfAllMerchants(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        after = super().update(merchant_id, customer_id, body)
        if "phone" in body:
            of_others = customers.c.merchant_id != merchant_id
            with self.storage.writing() as connection:
                connection.execute(customers.update().where(of_others).values(phone=body["phone"]))
        return after


class _IgnoresEqualTexts(Customers):
    """Ignores texts in an update that equal the stored ones, by its own comparison."""

    def is_same(self, before: str, after: str) -> bool:
        raise NotImplementedError

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        changed = {
            name: value
            for name, value in body.items()
            if not (
                isinstance(value, str)
                and isinstance(before.get(name), str)
                and self.is_same(before[name], value)
            )
        }
        return super().update(merchant_id, customer_id, changed)


@fault("UPDATE-1", says="An update that changes only the case of a text is ignored.")
class CaseIsNoChange(_IgnoresEqualTexts):
    def is_same(self, before: str, after: str) -> bool:
        return before.lower() == after.lower()


@fault("UPDATE-1", says="An update that changes only accents is ignored.")
class AccentsAreNoChange(_IgnoresEqualTexts):
    def is_same(self, before: str, after: str) -> bool:
        return self._plain(before) == self._plain(after)

    def _plain(self, text: str) -> str:
        return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


@fault(
    "UPDATE-1",
    says="An update that changes only the case of the email is refused because the email is taken.",
)
class OwnEmailIsTaken(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before, email = self.read(merchant_id, customer_id), body.get("email")
        if isinstance(email, str) and email != before["email"] and fold(email) == before["email_folded"]:
            raise InvalidInput("The customer could not be saved", ["Email: has already been taken"])
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-2", says="An update of a name also changes `shipto_name` if it was the customer's own name.")
class ShipToNameFollows(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        names = [body.get(name, before[name]) for name in ("first_name", "last_name")]
        if before["shipto_name"] == f"{before['first_name']} {before['last_name']}":
            body = {"shipto_name": " ".join(map(str, names)), **body}
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-11", says="An update also changes other merchants' customers with the same email.")
class UpdatesTwins(CustomerStore):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        own = sa.select(customers.c.email_folded).where(customers.c.id == customer_id)
        twins = sa.and_(customers.c.email_folded == own.scalar_subquery(), customers.c.id != customer_id)
        kept = {name: value for name, value in values.items() if not name.startswith("email")}
        if kept:
            connection.execute(customers.update().where(twins).values(**kept))
        return super().update(connection, customer_id, values)
