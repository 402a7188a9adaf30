"""Faults of LIST: long lists, later pages, and lists after removals and updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.rules.customers import Customers
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers


@fault("LIST-2", says="The totals count anonymised customers, whom the list does not show.")
class TotalsCountAnonymised(CustomerStore):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        shown = sa.and_(condition, customers.c.removed_at.is_(None))
        return super().page(connection, merchant_id, shown, offset, limit)


@fault("LIST-2", says="The list without a search counts every customer twice.")
class CountedTwice(CustomerStore):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        counted = super().count(connection, merchant_id, condition)
        return 2 * counted if isinstance(condition, sa.True_) else counted


@fault("LIST-2", says="Without a search, `total_entries` counts the customers from the requested page on.")
class TotalOfWhatIsLeft(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        before = 0 if q else (found["page_number"] - 1) * found["page_size"]
        return {**found, "total_entries": max(0, found["total_entries"] - before)}


@fault("LIST-2", says="Every list counts all customers, but shows only the first 200.")
class ShowsTwoHundred(CustomerStore):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        return super().page(connection, merchant_id, condition, offset, max(0, min(limit, 200 - offset)))


@fault("LIST-3", "SEARCH-13", says="Every list ends after 200 customers, and counts no more.")
class EndsAfterTwoHundred(ShowsTwoHundred):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        return min(200, super().count(connection, merchant_id, condition))


@fault("LIST-3", says="A customer that was updated is in the list twice.")
class UpdatedIsListedTwice(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        self.__dict__.setdefault("updated", set()).add(customer_id)
        return super().update(merchant_id, customer_id, body)

    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        number, size = self.paging.number(page), self.paging.size(per_page)
        every = super().list(merchant_id, q, 1, 100_000)["customers"]
        updated = self.__dict__.get("updated", set())
        rows = [row for one in every for row in ([one, one] if one["id"] in updated else [one])]
        start = self.paging.offset(number, size)
        return self.paging.envelope(rows[start : start + size], number, size, len(rows))


@fault("LIST-5", says="From the second page on, the list shows the phone number as null.")
class LaterPagesInShortForm(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if found["page_number"] == 1:
            return found
        return {**found, "customers": [{**row, "phone": None} for row in found["customers"]]}
