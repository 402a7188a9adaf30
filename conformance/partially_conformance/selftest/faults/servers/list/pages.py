"""Faults of LIST: wrong envelopes, overlapping pages, unstable orders, and page parameters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.answers import Answers
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.http.validation import Validation
from partially_reference.rules.customers import Customers
from partially_reference.rules.paging import Paging
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers


@fault("LIST-1", says="The list is an array without an envelope.")
class BareArray(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        return self.json([self.shown(one) for one in page["customers"]])


@fault("LIST-1", says="The numbers of the envelope are inside an object `meta`.")
class NumbersInMeta(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        listed = [self.shown(one) for one in page.pop("customers")]
        return self.json({"customers": listed, "meta": page})


@fault("LIST-1", says="The numbers of the envelope are texts.")
class NumbersAsTexts(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        return super().page(
            {name: value if name == "customers" else str(value) for name, value in page.items()}
        )


@fault("LIST-1", says="Fields that are null are left out of the list.")
class NullsLeftOutOfTheList(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        listed = [self.shown(one) for one in page["customers"]]
        some = [{name: value for name, value in one.items() if value is not None} for one in listed]
        return self.json({**page, "customers": some})


@fault("LIST-2", says="The number of pages is rounded down.")
class PagesRoundedDown(Paging):
    def total_pages(self, total: int, size: int) -> int:
        return max(1, total // size)


@fault("LIST-2", says="The number of pages is one too high when the last page is full.")
class PageTooMany(Paging):
    def total_pages(self, total: int, size: int) -> int:
        return total // size + 1


@fault("LIST-2", says="The number of pages is rounded to the nearest whole number.")
class PagesRounded(Paging):
    def total_pages(self, total: int, size: int) -> int:
        return max(1, math.floor(total / size + 0.5))


@fault("LIST-2", says="`total_entries` is the number of customers on the page.")
class TotalIsThePage(Paging):
    def envelope(self, items: Sequence[Any], number: int, size: int, total: int) -> dict[str, Any]:
        return super().envelope(items, number, size, min(total, len(items)))


@fault("LIST-2", says="`page_size` is the number of customers on the page.")
class SizeIsThePage(Paging):
    def envelope(self, items: Sequence[Any], number: int, size: int, total: int) -> dict[str, Any]:
        return {**super().envelope(items, number, size, total), "page_size": len(items) or size}


@fault("LIST-2", says="`page_number` is always 1.")
class AlwaysPageOne(Paging):
    def envelope(self, items: Sequence[Any], number: int, size: int, total: int) -> dict[str, Any]:
        return {**super().envelope(items, number, size, total), "page_number": 1}


@fault("LIST-2", says="The envelope never announces more than ten pages.")
class TenPagesAtMost(Paging):
    def envelope(self, rows: Sequence[Record], number: int, size: int, total: int) -> dict[str, Any]:
        made = super().envelope(rows, number, size, total)
        return {**made, "total_pages": min(made["total_pages"], 10)}


@fault("LIST-2", says="The envelope repeats `per_page`, but every page has ten customers.")
class SizeOnlyClaimed(CustomerStore):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        return super().page(connection, merchant_id, condition, offset // limit * 10, 10)


@fault("LIST-3", says="Each page begins with the last customer of the page before.")
class PagesOverlap(Paging):
    def offset(self, number: int, size: int) -> int:
        return max(0, super().offset(number, size) - (number > 1))


@fault("LIST-3", says="Each page after the first skips one customer.")
class PagesWithGaps(Paging):
    def offset(self, number: int, size: int) -> int:
        return super().offset(number, size) + (number > 1)


@fault("LIST-3", says="The first page is sorted in the opposite order of the other pages.")
class FirstPageTheOtherWay(CustomerStore):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        if offset:
            return super().page(connection, merchant_id, condition, offset, limit)
        query = sa.select(customers).where(customers.c.merchant_id == merchant_id, condition)
        newest = query.order_by(*(column.desc() for column in self.order())).limit(limit)
        return [row._asdict() for row in connection.execute(newest)]


@fault("LIST-4", says="Customers that were read recently come first in the list.")
class LatelyReadFirst(CustomerStore):
    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        self.__dict__.setdefault("read", []).append(customer_id)
        return super().get(connection, merchant_id, customer_id)

    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        lately = self.__dict__.get("read", [])[-5:]
        return (customers.c.id.in_(lately).desc(), *super().order())


@fault(
    "LIST-3",
    "LIST-4",
    says="The list is sorted by last name only, so customers with the same last name come in a random order.",
)
class NamesakesInAnyOrder(CustomerStore):
    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        return (customers.c.last_name, sa.func.random())


class _WithoutSearch(CustomerStore):
    """Selects the rows of the list without a search by `cut`."""

    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        if not isinstance(condition, sa.True_):
            return super().page(connection, merchant_id, condition, offset, limit)
        query = sa.select(customers).where(customers.c.merchant_id == merchant_id)
        return [row._asdict() for row in connection.execute(self.cut(query, offset, limit))]

    def cut(self, query: sa.Select[Any], offset: int, limit: int) -> sa.Select[Any]:
        raise NotImplementedError


@fault(
    "LIST-3", says="In the list without a search, each page begins with the last customer of the page before."
)
class OverlapWithoutSearch(_WithoutSearch):
    def cut(self, query: sa.Select[Any], offset: int, limit: int) -> sa.Select[Any]:
        return query.order_by(*self.order()).offset(offset - (offset > 0)).limit(limit)


@fault("LIST-4", says="The list without a search has a random order.")
class NoOrderWithoutSearch(_WithoutSearch):
    def cut(self, query: sa.Select[Any], offset: int, limit: int) -> sa.Select[Any]:
        return query.order_by(sa.func.random()).offset(offset).limit(limit)


@fault("LIST-4", says="Every second list request is sorted in the opposite order.")
class TwoCopiesTwoOrders(CustomerStore):
    def __init__(self) -> None:
        self.turns = itertools.count()

    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        columns = super().order()
        return tuple(column.desc() for column in columns) if next(self.turns) % 2 else columns


@fault(
    "LIST-7",
    says="A page number past the end is answered with the last page, under the number that was asked for.",
)
class LastPageForAllBehind(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if found["page_number"] <= found["total_pages"]:
            return found
        last = super().list(merchant_id, q, found["total_pages"], per_page)
        return {**last, "page_number": found["page_number"]}


@fault("LIST-7", says="A page number past the end is answered with the first page.")
class FirstPageForAllBehind(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if found["page_number"] <= found["total_pages"]:
            return found
        return super().list(merchant_id, q, 1, per_page)


@fault("LIST-7", says="A page number past the end is answered with 500.")
class NoPageNoAnswer(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if found["page_number"] > found["total_pages"]:
            raise IndexError(found["page_number"])
        return found


@fault("LIST-8", says="Without a page number, the list shows the second page.")
class SecondPageFirst(Paging):
    def number(self, asked: int | None) -> int:
        return 2 if asked is None else asked


@fault("LIST-8", says="Without a page number, the list shows up to 500 customers at once.")
class AllWithoutANumber(CustomersApi):
    def list_customers(self, call: Call) -> Response:
        query = call.query
        size = query.get("per_page") if "page" in query else 500
        page = self.customers.list(call.merchant_id, query.get("q"), query.get("page"), size)
        return self.answers.page(page)


@fault("LIST-9", says="A page number that is a word is answered with 500.")
class WordsAreNoNumbers(Validation):
    def parameter_problem(self, schema: Mapping[str, Any], texts: list[str], *, required: bool) -> str | None:
        if schema["type"] == "integer":
            return None
        return super().parameter_problem(schema, texts, required=required)


@fault("LIST-9", says="A page size of 0 is answered with 500.")
class DividedByZero(Validation):
    def number_problem(self, schema: Mapping[str, Any], text: str) -> str | None:
        return None if text == "0" and "maximum" in schema else super().number_problem(schema, text)


class _NegativeNumbers(Validation):
    def number_problem(self, schema: Mapping[str, Any], text: str) -> str | None:
        return super().number_problem(schema, text.removeprefix("-"))


@fault(
    "LIST-9",
    says="A negative page number is answered with 500.",
    also=[_NegativeNumbers],
)
class NegativeOffset(Paging):
    def offset(self, number: int, size: int) -> int:
        offset = super().offset(number, size)
        if offset < 0:
            raise ValueError("OFFSET must not be negative")
        return offset


@fault("LIST-9", says="A page number that is too large for the database is answered with 500.")
class OffsetTooLarge(Paging):
    def offset(self, number: int, size: int) -> int:
        if (number - 1) * size >= 2**63:
            raise OverflowError("int too large to convert")
        return super().offset(number, size)


@fault("LIST-10", says="`per_page` is ignored.")
class PerPageNotRead(Paging):
    def size(self, asked: int | None) -> int:
        return self.default_size


@fault("LIST-10", says="A page has at most 50 customers, even if more were asked for.")
class FiftyAtMost(Paging):
    def size(self, asked: int | None) -> int:
        return min(super().size(asked), 50)
