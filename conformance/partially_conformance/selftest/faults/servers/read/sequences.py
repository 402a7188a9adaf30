"""Faults that show only after several requests in a certain order; READ-9 generates such sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import INPUT_FIELDS
from partially_reference.rules.customers import Customers
from partially_reference.rules.logins import Logins
from partially_reference.rules.removal import Removal
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers


@fault(
    "UPDATE-5", says="An update resets the fields that it does not send to their values at the last search."
)
class UpdateRevertsToLastSearch(Customers):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._found: dict[str, Record] = {}

    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        answer = super().list(merchant_id, q, page, per_page)
        if q:
            self._found.update({one["id"]: one for one in answer["customers"]})
        return answer

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        found = self._found.get(customer_id)
        kept = {} if found is None else {name: found[name] for name in INPUT_FIELDS}
        return super().update(merchant_id, customer_id, {**kept, **body})


@fault("UPDATE-5", says="An update of a field to the value it was created with is ignored.")
class UpdateBackIsLost(Customers):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._original: dict[str, Record] = {}

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        customer = super().create(merchant_id, body)
        self._original[customer["id"]] = customer
        return customer

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        original = self._original.get(customer_id, {})
        dirty = {name: value for name, value in body.items() if original.get(name, self) != value}
        return super().update(merchant_id, customer_id, dirty)


@fault("SEARCH-13", says="Of several customers with the same names, a search shows only one on a page.")
class OneOfEachName(CustomerStore):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> list[Record]:
        rows = super().page(connection, merchant_id, condition, offset, limit)
        by_name = {(row["first_name"], row["last_name"]): row for row in rows if row["first_name"]}
        return [row for row in rows if not row["first_name"] or row in by_name.values()]


@fault("READ-9", says="After a removal, the customer created next is missing in lists until it is updated.")
class RemovalHidesTheNext(Customers):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._after: dict[str, str] = {}
        self._newest = ""
        self._shown: set[str] = set()

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        customer = super().create(merchant_id, body)
        self._after[customer["id"]] = self._newest
        self._newest = customer["id"]
        return customer

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        self._shown.add(customer_id)
        return super().update(merchant_id, customer_id, body)

    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        answer = super().list(merchant_id, q, page, per_page)
        shown = [one for one in answer["customers"] if self.is_shown(merchant_id, one["id"])]
        missing = len(answer["customers"]) - len(shown)
        return {**answer, "customers": shown, "total_entries": answer["total_entries"] - missing}

    def is_shown(self, merchant_id: str, customer_id: str) -> bool:
        """Tell whether the customer before this one still exists or this one was updated."""
        before = self._after.get(customer_id)
        if not before or customer_id in self._shown:
            return True
        with self.storage.reading() as connection:
            return self.storage.customers.get(connection, merchant_id, before) is not None


@fault(
    "READ-9", "PASSWORD-1", says="A login by password answers with the customer as it was at its first login."
)
class LoginAnswersFromCache(Logins):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._seen: dict[str, Record] = {}

    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        customer = super().by_password(merchant_id, email, password)
        return self._seen.setdefault(customer["id"], customer)


@fault(
    "READ-9", "TOKEN-1", says="A login by token answers with the customer as it was when the token was sent."
)
class TokenCarriesTheCustomer(Logins):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._sent: dict[str, Record] = {}

    def addressee(self, found: Any) -> Record:
        customer = super().addressee(found)
        self._sent[customer["id"]] = customer
        return customer

    def by_token(self, merchant_id: str, token: str) -> Record:
        return self._sent[super().by_token(merchant_id, token)["id"]]


@fault("GDPR-28", says="A removal deletes the passwords of all customers created later.")
class RemovalForgetsLaterLogins(Removal):
    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        super().forget_tokens(connection, customer)
        later = sa.and_(
            customers.c.merchant_id == customer["merchant_id"],
            customers.c.inserted_at > customer["inserted_at"],
        )
        connection.execute(customers.update().where(later).values(password_hash=None))
