"""Faults of SEARCH: what a search shows and counts after removals and updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.rules.customers import Customers
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers


class _CountsEarlierNames(CustomerStore):
    """Counts customers by the names of rows that it keeps."""

    def keep(self, connection: sa.Connection, customer_id: str) -> None:
        query = sa.select(customers).where(customers.c.id == customer_id)
        rows = [row._asdict() for row in connection.execute(query)]
        self.__dict__.setdefault("kept", []).extend(rows)

    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        counted = super().count(connection, merchant_id, condition)
        if isinstance(condition, sa.True_):
            return counted
        query = next(str(value) for value in condition.compile().params.values())
        kept = [row for row in self.__dict__.get("kept", ()) if row["merchant_id"] == merchant_id]
        names = ("first_name_folded", "last_name_folded")
        return counted + sum(any(query in (row[name] or "") for name in names) for row in kept)


@fault("SEARCH-12", says="A search counts anonymised customers by their former names.")
class AnonymisedStillCount(_CountsEarlierNames):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        if values.get("removed_at") is not None:
            self.keep(connection, customer_id)
        return super().update(connection, customer_id, values)


@fault("SEARCH-12", says="A search counts customers by the names that they had before an update.")
class FormerNamesStillCount(_CountsEarlierNames):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        if "last_name" in values and "removed_at" not in values:
            self.keep(connection, customer_id)
        return super().update(connection, customer_id, values)


@fault("SEARCH-13", says="Deleted customers are left out only after a page was cut, so that it is too short.")
class DeletedLeaveGaps(CustomerStore):
    def __init__(self) -> None:
        self.deleted: set[str] = set()

    def delete(self, connection: sa.Connection, customer_id: str) -> None:
        self.deleted.add(customer_id)
        super().update(connection, customer_id, {"email_claimed": None})

    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        return None if customer_id in self.deleted else super().get(connection, merchant_id, customer_id)

    def lock(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        return None if customer_id in self.deleted else super().lock(connection, merchant_id, customer_id)

    def by_email(
        self, connection: sa.Connection, merchant_id: str, email_folded: str, *, lock: bool = False
    ) -> Sequence[Record]:
        found = super().by_email(connection, merchant_id, email_folded, lock=lock)
        return [row for row in found if row["id"] not in self.deleted]

    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        left = customers.c.id.not_in(self.deleted)
        return super().count(connection, merchant_id, sa.and_(condition, left))

    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        cut = super().page(connection, merchant_id, condition, offset, limit + 1)
        return [row for row in cut[:limit] if row["id"] not in self.deleted]


@fault("SEARCH-13", says="A search finds at most 200 customers.")
class FindsTwoHundred(CustomerStore):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        found = super().count(connection, merchant_id, condition)
        return found if isinstance(condition, sa.True_) else min(200, found)

    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        left = limit if isinstance(condition, sa.True_) else max(0, min(limit, 200 - offset))
        return super().page(connection, merchant_id, condition, offset, left)


@fault(
    "GDPR-2",
    "SEARCH-12",
    says="The results of a search for an email are kept until the next create or update.",
)
class EmailSearchesAreKept(Customers):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.kept: dict[tuple[Any, ...], dict[str, Any]] = {}

    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        if not q or "@" not in q:
            return super().list(merchant_id, q, page, per_page)
        asked = (merchant_id, q, page, per_page)
        if asked not in self.kept:
            self.kept[asked] = super().list(merchant_id, q, page, per_page)
        return self.kept[asked]

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        self.kept.clear()
        return super().create(merchant_id, body)

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        self.kept.clear()
        return super().update(merchant_id, customer_id, body)
