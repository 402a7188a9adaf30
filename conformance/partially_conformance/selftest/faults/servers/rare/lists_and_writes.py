"""Faults that only certain values, orders or courses of requests bring to light, in lists and writes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.answers import Answers
from partially_reference.rules.customers import Customers
from partially_reference.rules.fields import Fields
from partially_reference.rules.paging import Paging
from partially_reference.rules.refusals import InvalidInput
from partially_reference.rules.search import Search
from partially_reference.storage.functions import contains
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold

# -- lists and searches ------------------------------------------------------------------


@fault("LIST-2", says="The envelope never announces more than ten pages.")
class TenPagesAtMost(Paging):
    def envelope(self, rows: Sequence[Record], number: int, size: int, total: int) -> dict[str, Any]:
        made = super().envelope(rows, number, size, total)
        return {**made, "total_pages": min(made["total_pages"], 10)}


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


@fault("LIST-5", says="The list cuts off texts after 200 characters and adds three dots.")
class ListCutsLongTexts(Answers):
    def page(self, page: Mapping[str, Any]) -> Response:
        def cut(value: Any) -> Any:
            return f"{value[:197]}..." if isinstance(value, str) and len(value) > 200 else value

        rows = [{name: cut(value) for name, value in row.items()} for row in page["customers"]]
        return super().page({**page, "customers": rows})


@fault("LIST-5", says="The list without a search shows empty texts as null.")
class ListShowsEmptyAsNull(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if q is not None:
            return found
        rows = [{name: value or None for name, value in row.items()} for row in found["customers"]]
        return {**found, "customers": rows}


@fault("SEARCH-2", says="A query that begins or ends with an @ is searched in names instead of emails.")
class AtOnlyInTheMiddle(Search):
    def is_for_email(self, q: str) -> bool:
        return "@" in q[1:-1]


@fault("SEARCH-3", says="A query with a dot is also searched in the domains of emails.")
class DotsAreDomains(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        names = super().in_names(q)
        return sa.or_(names, contains(customers.c.email_folded, f"@{fold(q)}")) if "." in q else names


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


@fault("SEARCH-4", "SEARCH-5", says="Common words, such as `the` and `and`, find no customer.")
class StopWords(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.false() if q.lower() in {"the", "and", "of", "null", "true"} else super().in_names(q)


@fault("SEARCH-4", "SEARCH-5", says="Several blanks in a query become one.")
class QueryBlanksJoined(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(re.sub(r"\s+", " ", q))


@fault("SEARCH-7", says="A query that is a year also finds customers created in that year.")
class DatesSearchedToo(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        found = super().in_names(q)
        if not re.fullmatch(r"\d{4}", q):
            return found
        return sa.or_(found, sa.extract("year", customers.c.inserted_at) == int(q))


@fault("SEARCH-8", says="Quotes around a query are removed.")
class QuotesAroundAPhrase(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(re.sub(r'^"(.+)"$', r"\1", q))


@fault("SEARCH-9", says="A search does not find customers with an empty last name.")
class EmptyNamesLeftOut(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        named = sa.func.coalesce(customers.c.last_name, "-") != ""
        return sa.and_(named, super().in_names(q))


# -- creates and updates -----------------------------------------------------------------


class _Rewrites(Fields):
    """Stores something else than what was sent."""

    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.rewritten(dict(super().for_create(body)))


@fault("CREATE-1", says="A missing region is derived from the postal code.")
class RegionFromPostalCode(_Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("shipto_state") is None and str(values.get("shipto_postal_code")).startswith("33"):
            values["shipto_state"] = "FL"
        return values


@fault("CREATE-2", says="The letter after `Mac` in a name becomes a capital.")
class MacNames(_Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        for name in ("first_name", "last_name"):
            if str(values.get(name)).startswith("Mac"):
                values[name] = f"Mac{values[name][3:4].upper()}{values[name][4:]}"
        return values


@fault("CREATE-2", says="A `shipto_name` that equals the customer's own name is not stored.")
class OwnNameNotStored(_Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("shipto_name") == f"{values.get('first_name')} {values.get('last_name')}":
            values["shipto_name"] = None
        return values


@fault("CREATE-4", says="The country is derived from the country code of the phone number.")
class CountryFromPhone(_Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        if str(values.get("phone")).startswith("+44") and values.get("shipto_country") == "US":
            values["shipto_country"] = "GB"
        return values


@fault("CREATE-13", says="First and last name are swapped if the first name is Chinese.")
class ChineseNamesChangePlaces(_Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        first, last = values.get("first_name"), values.get("last_name")
        if first and last and re.search("[\u4e00-\u9fff]", first):
            values["first_name"], values["last_name"] = last, first
        return values


@fault("CREATE-13", says="The variation selector that asks for a coloured emoji is removed.")
class PictureMarksTakenOut(_Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value.replace("\ufe0f", "") if isinstance(value, str) else value
            for name, value in values.items()
        }


@fault("CREATE-16", says="Texts are cut off at the first line break.")
class CutAtLineBreaks(_Rewrites):
    def rewritten(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value.split("\n")[0] if isinstance(value, str) else value for name, value in values.items()
        }


class _ComparesFirst(Customers):
    """Leaves out of an update what is the same as before, in a way."""

    def is_same(self, before: str, after: str) -> bool:
        raise NotImplementedError

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        changed = {
            name: value
            for name, value in body.items()
            if not (
                isinstance(value, str)
                and isinstance(before.get(name), str)
                and self.is_same(before[name], value)
            )
        }
        return super().update(merchant_id, customer_id, changed)


@fault("UPDATE-1", says="An update that changes only the case of a text is ignored.")
class CaseIsNoChange(_ComparesFirst):
    def is_same(self, before: str, after: str) -> bool:
        return before.lower() == after.lower()


@fault("UPDATE-1", says="An update that changes only accents is ignored.")
class AccentsAreNoChange(_ComparesFirst):
    def is_same(self, before: str, after: str) -> bool:
        return self._plain(before) == self._plain(after)

    def _plain(self, text: str) -> str:
        return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


@fault(
    "UPDATE-1",
    says="An update that changes only the case of the email is refused because the email is taken.",
)
class OwnEmailIsTaken(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before, email = self.read(merchant_id, customer_id), body.get("email")
        if isinstance(email, str) and email != before["email"] and fold(email) == before["email_folded"]:
            raise InvalidInput("The customer could not be saved", ["Email: has already been taken"])
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-2", says="An update of a name also changes `shipto_name` if it was the customer's own name.")
class ShipToNameFollows(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        names = [body.get(name, before[name]) for name in ("first_name", "last_name")]
        if before["shipto_name"] == f"{before['first_name']} {before['last_name']}":
            body = {"shipto_name": " ".join(map(str, names)), **body}
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-11", says="An update also changes other merchants' customers with the same email.")
class UpdatesTwins(CustomerStore):
    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        own = sa.select(customers.c.email_folded).where(customers.c.id == customer_id)
        twins = sa.and_(customers.c.email_folded == own.scalar_subquery(), customers.c.id != customer_id)
        kept = {name: value for name, value in values.items() if not name.startswith("email")}
        if kept:
            connection.execute(customers.update().where(twins).values(**kept))
        return super().update(connection, customer_id, values)
