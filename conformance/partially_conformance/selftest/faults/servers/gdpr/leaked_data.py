"""Faults of GDPR: leaked data of anonymised customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import PLAN_COPIES
from partially_reference.http.answers import Answers
from partially_reference.rules.customers import Customers
from partially_reference.rules.removal import Removal
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers


class _KeepsFields(Removal):
    """Keeps some fields when it anonymises a customer."""

    kept: tuple[str, ...] = ()

    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        return {**super().anonymous_values(customer), **{name: customer[name] for name in self.kept}}


@fault("GDPR-5", says="An anonymised customer keeps the second line of the address.")
class KeepsAddress2(_KeepsFields):
    kept = ("shipto_address2",)


@fault("GDPR-5", says="An anonymised customer keeps the phone number.")
class KeepsPhone(_KeepsFields):
    kept = ("phone",)


@fault("GDPR-5", says="An anonymised customer keeps the address.")
class KeepsTheAddress(_KeepsFields):
    kept = PLAN_COPIES


@fault("GDPR-5", says="An anonymised customer keeps the postal code.")
class KeepsPostalCode(_KeepsFields):
    kept = ("shipto_postal_code",)


@fault(
    "GDPR-5", "GDPR-6", says="An anonymised customer keeps the email in capitals with `REMOVED-` before it."
)
class KeepsMarkedEmail(Removal):
    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        return {**super().anonymous_values(customer), "email": f"removed-{customer['email']}".upper()}


@fault("GDPR-5", "GDPR-6", "GDPR-19", says="An anonymised customer keeps the email.")
class KeepsEmail(_KeepsFields):
    kept = ("email",)


class _OldCopies(CustomerStore):
    def insert(self, connection: sa.Connection, values: Record) -> Record:
        row = super().insert(connection, values)
        self.__dict__.setdefault("cache", {})[row["id"]] = row
        return row

    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        cache = self.__dict__.get("cache", {})
        rows = super().page(connection, merchant_id, condition, offset, limit)
        return [cache.get(row["id"], row) for row in rows]


@fault("GDPR-5", says="The list shows customers as they were created, also after a removal.")
class ListOfOldCopies(_OldCopies):
    pass


@fault("GDPR-6", says="A search still finds an anonymised customer by its names.")
class NamesStayFindable(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        super().anonymise(connection, customer)
        left = {name: customer[name] for name in ("first_name_folded", "last_name_folded")}
        self.storage.customers.update(connection, customer["id"], left)


@fault("GDPR-6", "GDPR-19", says="An anonymised customer keeps the email and is still found by it.")
class EmailStaysFindable(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        super().anonymise(connection, customer)
        left = {"email_folded": customer["email_folded"], "email": customer["email"]}
        self.storage.customers.update(connection, customer["id"], left)


@fault(
    "GDPR-12", says="A removal clears first name and phone of customers with the same last name and address."
)
class AnonymisesNamesakes(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.writing() as connection:
            customer = self.storage.customers.lock(connection, merchant_id, customer_id)
            if customer is not None:
                same = [customers.c[name] == customer[name] for name in ("last_name", "shipto_address")]
                namesakes = sa.and_(*same, customers.c.id != customer_id)
                connection.execute(customers.update().where(namesakes).values(first_name=None, phone=None))
        super().remove(merchant_id, customer_id)


@fault("GDPR-20", says="All anonymised customers get the same email.")
class OneEmailForAll(Removal):
    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        return {**super().anonymous_values(customer), "email": "deleted@example.com"}


@fault("GDPR-20", says="Customers created on the same day get the same email when they are anonymised.")
class NumbersStartAnew(Removal):
    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        number = f"{customer['inserted_at']:%Y%m%d}-1"
        return {**super().anonymous_values(customer), "email": f"removed-{number}@example.com"}


@fault("GDPR-5", says="The field `display_name` shows the former name of an anonymised customer.")
class KeepsAFormerName(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        former: dict[str, str] = self.__dict__.setdefault("former", {})
        if customer["last_name"]:
            former[customer["id"]] = f"{customer['first_name']} {customer['last_name']}"
        return {**super().shown(customer), "display_name": former.get(customer["id"])}


@fault("GDPR-1", "GDPR-5", says="A customer that was read once is cached and still shown after a removal.")
class RemembersWhoWasRead(Customers):
    def read(self, merchant_id: str, customer_id: str) -> Record:
        known: dict[tuple[str, str], Record] = self.__dict__.setdefault("known", {})
        key = (merchant_id, customer_id)
        known[key] = known.get(key) or super().read(merchant_id, customer_id)
        return known[key]

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        self.__dict__.setdefault("known", {}).pop((merchant_id, customer_id), None)
        return super().update(merchant_id, customer_id, body)


class _KeepsValues(Removal):
    def kept(self, customer: Record) -> dict[str, Any]:
        raise NotImplementedError

    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        return {**super().anonymous_values(customer), **self.kept(customer)}


@fault("GDPR-5", says="An anonymised customer keeps the first half of the last name, with stars after it.")
class KeepsHalfAName(_KeepsValues):
    def kept(self, customer: Record) -> dict[str, Any]:
        name = customer["last_name"]
        return {"last_name": name and f"{name[: len(name) // 2]}***"}


@fault("GDPR-5", says="An anonymised customer keeps the email in hexadecimal digits.")
class KeepsTheEmailInDigits(_KeepsValues):
    def kept(self, customer: Record) -> dict[str, Any]:
        return {"email": f"{customer['email'].encode().hex()}@removed.invalid"}
