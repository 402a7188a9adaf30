"""Faults of SEARCH: how a query is compared with names and emails."""

from __future__ import annotations

import difflib
import re
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.rules.customers import Customers
from partially_reference.rules.search import Search
from partially_reference.storage.functions import contains
from partially_reference.storage.tables import customers
from partially_reference.text import fold


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


class ComparesNames(Search):
    """Compares the query with each name by `matches`."""

    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(self.matches(column, fold(q)) for column in self.name_columns()))

    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        raise NotImplementedError


@fault("SEARCH-4", "SEARCH-5", says="A search finds only names that begin with the query.")
class StartsOfNames(ComparesNames):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return sa.func.substr(column, 1, len(q)) == q


@fault("SEARCH-4", "SEARCH-5", says="A search finds only names that equal the query.")
class WholeNames(ComparesNames):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return column == q


@fault("SEARCH-4", "SEARCH-5", says="A search finds a name only if one of its words begins with the query.")
class StartsOfWords(ComparesNames):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return contains(" " + column, f" {q}")


@fault("SEARCH-4", "SEARCH-5", says="A query of less than four characters finds no customer.")
class ShortQueriesFindNobody(ComparesNames):
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


@fault("SEARCH-4", "SEARCH-5", says="Common words, such as `the` and `and`, find no customer.")
class StopWords(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.false() if q.lower() in {"the", "and", "of", "null", "true"} else super().in_names(q)


@fault("SEARCH-4", "SEARCH-5", says="Several blanks in a query become one.")
class QueryBlanksJoined(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(re.sub(r"\s+", " ", q))


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
        all_customers = super().list(merchant_id, None, 1, 1000)["customers"]
        have = {one["id"] for one in found["customers"]}
        near = [
            one
            for one in all_customers
            if one["id"] not in have
            and difflib.get_close_matches(q, [one["first_name"] or "", one["last_name"] or ""], cutoff=0.85)
        ]
        return {**found, "customers": [*found["customers"], *near]}


@fault("SEARCH-6", says="A query of several words finds all customers.")
class SeveralWordsFindAll(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.true() if len(q.split()) > 1 else super().in_names(q)


@fault("SEARCH-6", says="A search also finds customers whose name is contained in the query.")
class TheOtherWayToo(ComparesNames):
    def matches(self, column: sa.Column[Any], q: str) -> sa.ColumnElement[bool]:
        return sa.or_(contains(column, q), sa.and_(contains(sa.literal(q), column), column != ""))


@fault("SEARCH-6", says="A search for an email compares only the domain.")
class OnlyTheDomain(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return contains(customers.c.email_folded, f"@{fold(q).partition('@')[2]}")


@fault("SEARCH-6", says="A search for an email ignores dots.")
class DotsDoNotCount(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        without = sa.func.replace(customers.c.email_folded, ".", "")
        return contains(without, fold(q).replace(".", ""))


@fault("SEARCH-6", says="A query is cut off after eight characters.")
class QueriesCut(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        return super().condition(q and q[:8])


@fault(
    "SEARCH-6",
    says="A search looks in first and last name joined without a blank, so it matches across both.",
)
class JoinedWithoutABlank(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        first, last = (sa.func.coalesce(column, "") for column in self.name_columns())
        return contains(first + last, fold(q))


@fault("SEARCH-6", says="A query is cut off after 60 characters.")
class QueriesCutAtSixty(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(q[:60])


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


@fault("SEARCH-9", says="A search does not find customers with an empty last name.")
class EmptyNamesLeftOut(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        named = sa.func.coalesce(customers.c.last_name, "-") != ""
        return sa.and_(named, super().in_names(q))


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
