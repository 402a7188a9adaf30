"""Variants: searches, the order of lists, and pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.contract import Operation
from partially_reference.http.routing import Reader
from partially_reference.http.validation import Validation
from partially_reference.rules.customers import Customers
from partially_reference.rules.paging import Paging
from partially_reference.rules.refusals import InvalidInput, NotFound
from partially_reference.rules.search import Search
from partially_reference.storage.functions import contains
from partially_reference.storage.stores import CustomerStore
from partially_reference.storage.tables import customers
from partially_reference.text import fold


@variant("name-search-case", says="A search for a name is case-sensitive.")
class NamesInTheirCase(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(contains(customers.c.first_name, q), contains(customers.c.last_name, q))


@variant("name-search-across", says="A search also looks in first and last name joined with a blank.")
class NamesAcross(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        whole = customers.c.first_name_folded + " " + customers.c.last_name_folded
        return sa.or_(super().in_names(q), contains(whole, fold(q)))


@variant("blank-in-query", says="A query of several words finds customers with all of them in their names.")
class EveryWordSearched(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.and_(*(super(EveryWordSearched, self).in_names(word) for word in q.split() or [q]))


@variant("blank-in-query", says="A query of several words finds customers with any of them in their names.")
class AnyWordSearched(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(super(AnyWordSearched, self).in_names(word) for word in q.split() or [q]))


@variant("double-quotes", says="Double quotes around a query are removed.")
class QuotesAroundTheQueryRemoved(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(re.sub(r'^"(.+)"$', r"\1", q))


@variant(
    "blank-in-query",
    "double-quotes",
    says="A query is several words, between blanks and commas, and phrases in double quotes.",
)
class WordsAndPhrasesSearched(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        terms = [phrase or word for phrase, word in re.findall(r'"([^"]*)"|([^\s,]+)', q)]
        return sa.and_(*(super(WordsAndPhrasesSearched, self).in_names(term) for term in terms or [q]))


@variant("email-search-part", says="A search for an email finds only whole emails.")
class WholeEmails(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return customers.c.email_folded == fold(q)


@variant("email-search-case", says="A search for an email is case-sensitive.")
class EmailsInTheirCase(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return contains(customers.c.email, q)


@variant(
    "email-search-case",
    "email-search-part",
    says="A search for an email is case-sensitive and finds only whole emails.",
)
class WholeEmailsInTheirCase(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return customers.c.email == q


@variant("empty-query", says="An empty query finds no customer.")
class EmptyQueryFindsNobody(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        return sa.false() if q == "" else super().condition(q)


@variant("empty-query", says="An empty query is refused.")
class EmptyQueryRefused(Validation):
    def parameter_problem(self, schema: Mapping[str, Any], texts: list[str], *, required: bool) -> str | None:
        if texts == [""]:
            return "can't be blank"
        return super().parameter_problem(schema, texts, required=required)


@variant(says="A query of more than 200 characters is refused.")
class LongQueriesRefused(Validation):
    def parameter_problem(self, schema: Mapping[str, Any], texts: list[str], *, required: bool) -> str | None:
        if any(len(text) > 200 for text in texts):
            return "is too long"
        return super().parameter_problem(schema, texts, required=required)


@variant(says="A query parameter that is not documented is refused.")
class UnknownParametersRefused(Reader):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        sent = super().sent_query(request)
        for name, _ in sent:
            if name not in {"q", "page", "per_page"}:
                raise InvalidInput("Something is wrong with the query", [f"{name}: is not known"])
        return sent


@variant("list-order", says="Lists begin with the newest customer.")
class NewestFirst(CustomerStore):
    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        return (customers.c.inserted_at.desc(), customers.c.id)


@variant("list-order", says="Lists are sorted by last and first name.")
class ByName(CustomerStore):
    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        return (customers.c.last_name, customers.c.first_name, customers.c.id)


@variant("list-order", says="Lists are sorted by id, and ids are random.")
class ById(CustomerStore):
    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        return (customers.c.id,)


@variant("default-page-size", says="A page has 5 customers by default.")
class PagesOf5(Paging):
    default_size = 5


@variant("default-page-size", says="A page has 25 customers by default.")
class PagesOf25(Paging):
    default_size = 25


@variant("default-page-size", says="A page always has 10 customers; `per_page` is ignored.")
class PerPageIgnored(Paging):
    def size(self, asked: int | None) -> int:
        return self.default_size


@variant("default-page-size", says="A page always has 50 customers; `per_page` is ignored.")
class PagesOf50Only(PerPageIgnored):
    default_size = 50


@variant(says="A page has at most 20 customers, even if more are asked for.")
class PerPageCapped(Paging):
    def size(self, asked: int | None) -> int:
        return min(super().size(asked), 20)


@variant(says="An empty list has 0 pages.")
class NoPagesOfNothing(Paging):
    def total_pages(self, total: int, size: int) -> int:
        return -(-total // size)


@variant("page-past-end", says="A page past the end is answered with 404.")
class NothingPastTheEnd(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if found["page_number"] > 1 and not found["customers"]:
            raise NotFound("There is no such page")
        return found


@variant("page-past-end", says="A page past the end is answered with the last page, under its own number.")
class LastPageRepeated(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if found["page_number"] <= found["total_pages"]:
            return found
        return super().list(merchant_id, q, max(1, found["total_pages"]), per_page)


@variant(says="Invalid page numbers and page sizes are ignored.")
class OddPagesForgiven(Validation):
    def query(self, operation: Operation, sent: list[tuple[str, str]]) -> dict[str, Any]:
        return super().query(operation, [pair for pair in sent if self._makes_sense(operation, *pair)])

    def _makes_sense(self, operation: Operation, name: str, text: str) -> bool:
        schema = operation.query.get(name, {})
        return schema.get("type") != "integer" or self.number_problem(schema, text) is None
