"""Faults of SEARCH: totals and pages of a search, and searches after an update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.rules.customers import Customers
from partially_reference.rules.paging import Paging
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers


@fault("SEARCH-12", says="The totals of a search count all customers of the merchant.")
class TotalsOfEverybody(CustomerStore):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        return super().count(connection, merchant_id, sa.true())


@fault("SEARCH-12", says="A customer who matches by first and by last name is counted twice.")
class CountedForEachName(CustomerStore):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        match condition:
            case sa.BooleanClauseList(clauses=[*parts]):
                return sum(
                    super(CountedForEachName, self).count(connection, merchant_id, one) for one in parts
                )
            case _:
                return super().count(connection, merchant_id, condition)


@fault("SEARCH-13", says="A search looks only in the customers of the requested page of the whole list.")
class SearchesThePage(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        matches = super().list(merchant_id, q, 1, 1000)["customers"]
        cut = super().list(merchant_id, None, page, per_page)
        found = [one for one in cut["customers"] if one in matches]
        return self.paging.envelope(found, cut["page_number"], cut["page_size"], len(matches))


@fault("SEARCH-13", says="A search finds at most ten customers.")
class TenAtMost(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        number, size = self.paging.number(page), self.paging.size(per_page)
        if not q:
            return super().list(merchant_id, q, page, per_page)
        found = super().list(merchant_id, q, 1, 10)["customers"]
        start = self.paging.offset(number, size)
        return self.paging.envelope(found[start : start + size], number, size, len(found))


@fault(
    "SEARCH-13",
    says="A page has at most fifty customers, but the envelope repeats the size that was asked for.",
)
class FiftyWhateverIsSaid(Paging):
    def envelope(self, items: Sequence[Any], number: int, size: int, total: int) -> dict[str, Any]:
        return super().envelope(items[:50], number, size, total)


@fault("SEARCH-13", says="A search finds at most the first hundred matches.")
class FirstHundred(CustomerStore):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        return min(100, super().count(connection, merchant_id, condition))

    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        return super().page(connection, merchant_id, condition, offset, min(limit, max(0, 100 - offset)))


@fault("SEARCH-13", says="Pages after the first ignore the query.")
class QueryForgottenOnPageTwo(CustomersApi):
    def list_customers(self, call: Call) -> Response:
        if call.query.get("page", 1) == 1:
            return super().list_customers(call)
        query = {name: value for name, value in call.query.items() if name != "q"}
        return super().list_customers(replace(call, query=query))


@fault(
    "SEARCH-14", says="A search still finds a customer by its values before an update, not by the new ones."
)
class CopiesForgottenOnUpdate(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        with self.storage.reading() as connection:
            before = self.storage.customers.get(connection, merchant_id, customer_id)
        after = super().update(merchant_id, customer_id, body)
        if before is not None:
            old = {name: before[name] for name in before if name.endswith("_folded")}
            with self.storage.writing() as connection:
                self.storage.customers.update(connection, customer_id, old)
        return after


@fault("SEARCH-14", says="A search still finds a customer by a first name that was changed.")
class OldNamesKept(CustomerStore):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        name = values.get("first_name_folded")
        if name and "email" not in values:
            old = connection.scalar(
                sa.select(customers.c.first_name_folded).where(customers.c.id == customer_id)
            )
            values = {**values, "first_name_folded": f"{old or ''} {name}"}
        return super().update(connection, customer_id, values)


@fault("SEARCH-14", says="The response to a search is cached and given again for the same query.")
class SearchesRemembered(CustomersApi):
    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.remembered: dict[str, Response] = {}

    def list_customers(self, call: Call) -> Response:
        if not call.query.get("q"):
            return super().list_customers(call)
        asked = f"{call.merchant_id} {sorted(call.query.items())}"
        if asked not in self.remembered:
            self.remembered[asked] = super().list_customers(call)
        return self.remembered[asked]


class _IndexesOldNames(CustomerStore):
    """Remembers the names of customers that updates wrote."""

    def names(self, customer_id: str) -> dict[str, list[Any]]:
        kept: dict[str, dict[str, list[Any]]] = self.__dict__.setdefault("kept", {})
        return kept.setdefault(customer_id, {"first_name": [], "last_name": []})


@fault("SEARCH-14", says="A search still finds a customer by a name that was cleared.")
class ClearedNamesAreFound(_IndexesOldNames):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        before = connection.execute(sa.select(customers).where(customers.c.id == customer_id)).one()._asdict()
        columns = {
            f"{name}_folded": before[f"{name}_folded"]
            for name in ("first_name", "last_name")
            if name in values and values[name] is None and values.get("removed_at") is None
        }
        return super().update(connection, customer_id, {**values, **columns})


@fault(
    "SEARCH-14",
    says="A search finds a customer by the first update of a name, but not by later updates.",
)
class IndexedOnce(_IndexesOldNames):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        seen = self.names(customer_id)
        late = {}
        for name in ("first_name", "last_name"):
            if name in values:
                seen[name].append(values[f"{name}_folded"])
                late[f"{name}_folded"] = seen[name][0]
        return super().update(connection, customer_id, {**values, **late})
