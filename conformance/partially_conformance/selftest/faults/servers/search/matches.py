"""Faults of SEARCH: what is searched, and how much of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.rules.customers import Customers
from partially_reference.rules.search import Search
from partially_reference.storage.functions import contains
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold

SHIPTO = tuple(column for column in customers.c if column.name.startswith("shipto_"))


@fault("SEARCH-1", says="A search for an email puts only the query into lower case, not the stored email.")
class OnlyTheQueryLowered(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return contains(customers.c.email, q.lower())


@fault("SEARCH-1", says="A search for an email removes the tag after a plus sign from the query.")
class PlusCutOff(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        local, _, domain = fold(q).partition("@")
        return customers.c.email_folded == f"{local.partition('+')[0]}@{domain}"


@fault("SEARCH-1", says="A search for an email finds only customers with a first name.")
class AllColumnsAtOnce(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return sa.and_(super().in_email(q), customers.c.first_name.is_not(None))


@fault("SEARCH-2", says="A query with an @ is searched in emails and names.")
class EmailsAndNames(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_email(q), self.in_names(q))


@fault("SEARCH-2", says="A query with an @ is also searched in the address.")
class EveryColumnForAnAt(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_email(q), *(contains(column, q) for column in SHIPTO))


@fault("SEARCH-3", says="A query without an @ is searched in names and emails.")
class NamesAndEmails(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), self.in_email(q))


@fault("SEARCH-3", says="A query without an @ also finds emails that begin with it.")
class NamesAndStartsOfEmails(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        start = sa.func.substr(customers.c.email_folded, 1, len(fold(q)))
        return sa.or_(super().in_names(q), start == fold(q))


@fault("SEARCH-4", says="Only last names are searched.")
class OnlyLastNames(Search):
    def name_columns(self) -> tuple[sa.Column[Any], ...]:
        return (customers.c.last_name_folded,)


@fault("SEARCH-5", says="Only first names are searched.")
class OnlyFirstNames(Search):
    def name_columns(self) -> tuple[sa.Column[Any], ...]:
        return (customers.c.first_name_folded,)


class ByName(Search):
    """Compares each name in a way of its own."""

    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(self.matches(column, fold(q)) for column in self.name_columns()))

    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        raise NotImplementedError


@fault("SEARCH-4", "SEARCH-5", says="A search finds only names that begin with the query.")
class StartsOfNames(ByName):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return sa.func.substr(column, 1, len(q)) == q


@fault("SEARCH-4", "SEARCH-5", says="A search finds only names that equal the query.")
class WholeNames(ByName):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return column == q


@fault("SEARCH-4", "SEARCH-5", says="A search finds a name only if one of its words begins with the query.")
class StartsOfWords(ByName):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return contains(" " + column, f" {q}")


@fault("SEARCH-4", "SEARCH-5", says="A query of less than four characters finds no customer.")
class ShortQueriesFindNobody(ByName):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return contains(column, q) if len(q) > 3 else sa.false()


@fault(
    "SEARCH-4",
    "SEARCH-5",
    says="A search compares only the first word of the query, as a whole word, with one of the names.",
)
class OnlyOneOfTheNames(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        whole = sa.func.coalesce(customers.c.first_name_folded, customers.c.last_name_folded)
        return contains(" " + whole + " ", f" {fold(q).split(' ')[0]} ")


@fault("SEARCH-6", says="A query without a match finds all customers.")
class NobodyMeansEverybody(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        return found if found["total_entries"] else super().list(merchant_id, None, page, per_page)


@fault("SEARCH-6", says="A search also finds names that are similar to the query.")
class TypingForgiven(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if not q or "@" in q:
            return found
        everybody = super().list(merchant_id, None, 1, 1000)["customers"]
        have = {one["id"] for one in found["customers"]}
        near = [
            one
            for one in everybody
            if one["id"] not in have
            and difflib.get_close_matches(q, [one["first_name"] or "", one["last_name"] or ""], cutoff=0.85)
        ]
        return {**found, "customers": [*found["customers"], *near]}


@fault("SEARCH-6", says="A query of several words finds customers who match one of them.")
class AnyWordWillDo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(super(AnyWordWillDo, self).in_names(word) for word in q.split() or [q]))


@fault("SEARCH-6", says="A search also finds customers whose name is contained in the query.")
class TheOtherWayToo(ByName):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return sa.or_(contains(column, q), sa.and_(contains(sa.literal(q), column), column != ""))


@fault("SEARCH-6", says="A search for an email compares only the domain.")
class OnlyTheDomain(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return contains(customers.c.email_folded, f"@{fold(q).partition('@')[2]}")


@fault("SEARCH-6", says="A query is cut off after eight characters.")
class QueriesCut(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        return super().condition(q and q[:8])


@fault("SEARCH-7", says="A search also looks in phone numbers.")
class PhonesToo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), contains(customers.c.phone, q))


@fault("SEARCH-7", says="A search also looks in `shipto_name`.")
class ShiptoNamesToo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), contains(customers.c.shipto_name, q))


@fault("SEARCH-7", says="A search also looks in postal codes.")
class PostalCodesToo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), contains(customers.c.shipto_postal_code, q))


@fault("SEARCH-7", says="A search also looks in time zones.")
class ZonesToo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), contains(customers.c.timezone, q))


@fault("SEARCH-9", says="A search does not find customers whose first or last name is null.")
class NullMakesNull(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        names = customers.c.first_name_folded + "\n" + customers.c.last_name_folded
        return contains(names, fold(q))


@fault("SEARCH-9", says="A search treats a missing name as the text `none`.")
class NoneAsText(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        names = [sa.func.coalesce(column, "none") for column in self.name_columns()]
        return sa.or_(*(contains(name, fold(q)) for name in names))


@fault("SEARCH-9", says="A missing name matches every query.")
class MissingMatchesAll(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), *(column.is_(None) for column in self.name_columns()))


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


@fault("SEARCH-15", says="An empty query is answered with 500.")
class EmptyQueryNoAnswer(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        if q is not None:
            self.is_for_email(q[0])
        return super().condition(q)


@fault("SEARCH-15", says="A query of blanks is answered with 500.")
class BlankQueryNoAnswer(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        if q:
            self.is_for_email(q.split()[0])
        return super().condition(q)


@fault("SEARCH-4", "SEARCH-5", says="A query of digits is searched in ids instead of names.")
class DigitsAreIds(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return customers.c.id == q if q.isdigit() else super().in_names(q)


@fault("SEARCH-6", says="A search for an email ignores dots.")
class DotsDoNotCount(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        without = sa.func.replace(customers.c.email_folded, ".", "")
        return contains(without, fold(q).replace(".", ""))


@fault("SEARCH-6", says="A search also looks in ids.")
class IdsSearchedToo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), contains(customers.c.id, q))


@fault("SEARCH-3", says="A query without an @ also finds customers without names by their email.")
class NamelessFoundByEmail(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        nameless = sa.and_(*(column.is_(None) for column in self.name_columns()))
        return sa.or_(super().in_names(q), sa.and_(nameless, self.in_email(q)))


class _SearchesALog(CustomerStore):
    """Searches names as they were at some time, kept apart from the customers."""

    def names(self, customer_id: str) -> dict[str, list[Any]]:
        kept: dict[str, dict[str, list[Any]]] = self.__dict__.setdefault("kept", {})
        return kept.setdefault(customer_id, {"first_name": [], "last_name": []})


@fault("SEARCH-14", says="A search still finds a customer by a name that was cleared.")
class ClearedNamesAreFound(_SearchesALog):
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
class IndexedOnce(_SearchesALog):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        seen = self.names(customer_id)
        late = {}
        for name in ("first_name", "last_name"):
            if name in values:
                seen[name].append(values[f"{name}_folded"])
                late[f"{name}_folded"] = seen[name][0]
        return super().update(connection, customer_id, {**values, **late})
