"""Faults of SEARCH: which fields a query is searched in."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.rules.search import Search
from partially_reference.storage.functions import contains
from partially_reference.storage.tables import customers
from partially_reference.text import fold

SHIPTO = tuple(column for column in customers.c if column.name.startswith("shipto_"))


@fault("SEARCH-2", says="A query with an @ is searched in emails and names.")
class EmailsAndNames(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_email(q), self.in_names(q))


@fault("SEARCH-2", says="A query with an @ is also searched in the address.")
class EveryColumnForAnAt(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_email(q), *(contains(column, q) for column in SHIPTO))


@fault("SEARCH-2", says="A query that begins or ends with an @ is searched in names instead of emails.")
class AtOnlyInTheMiddle(Search):
    def is_for_email(self, q: str) -> bool:
        return "@" in q[1:-1]


@fault("SEARCH-3", says="A query without an @ is searched in names and emails.")
class NamesAndEmails(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), self.in_email(q))


@fault("SEARCH-3", says="A query without an @ also finds emails that begin with it.")
class NamesAndStartsOfEmails(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        start = sa.func.substr(customers.c.email_folded, 1, len(fold(q)))
        return sa.or_(super().in_names(q), start == fold(q))


@fault("SEARCH-3", says="A query with a dot is also searched in the domains of emails.")
class DotsAreDomains(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        names = super().in_names(q)
        return sa.or_(names, contains(customers.c.email_folded, f"@{fold(q)}")) if "." in q else names


@fault("SEARCH-3", says="A query without an @ also finds customers without names by their email.")
class NamelessFoundByEmail(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        nameless = sa.and_(*(column.is_(None) for column in self.name_columns()))
        return sa.or_(super().in_names(q), sa.and_(nameless, self.in_email(q)))


@fault("SEARCH-4", says="Only last names are searched.")
class OnlyLastNames(Search):
    def name_columns(self) -> tuple[sa.Column[Any], ...]:
        return (customers.c.last_name_folded,)


@fault("SEARCH-5", says="Only first names are searched.")
class OnlyFirstNames(Search):
    def name_columns(self) -> tuple[sa.Column[Any], ...]:
        return (customers.c.first_name_folded,)


@fault("SEARCH-4", "SEARCH-5", says="A query of digits is searched in ids instead of names.")
class DigitsAreIds(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return customers.c.id == q if q.isdigit() else super().in_names(q)


@fault("SEARCH-6", says="A search also looks in ids.")
class IdsSearchedToo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(super().in_names(q), contains(customers.c.id, q))


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


@fault("SEARCH-7", says="A query that is a year also finds customers created in that year.")
class DatesSearchedToo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        found = super().in_names(q)
        if not re.fullmatch(r"\d{4}", q):
            return found
        return sa.or_(found, sa.extract("year", customers.c.inserted_at) == int(q))
