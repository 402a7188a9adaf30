"""Faults of SEARCH: characters that mean something to a database or to a URL."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, unquote, unquote_plus

import sqlalchemy as sa
from starlette.requests import Request

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.routing import Reader
from partially_reference.rules.search import Search
from partially_reference.storage.functions import contains
from partially_reference.storage.tables import customers


class LikeSearch(Search):
    """Searches with LIKE."""

    escape: str | None = None

    def pattern(self, q: str) -> str:
        return f"%{q}%"

    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        columns = (customers.c.first_name, customers.c.last_name)
        return sa.or_(*(column.like(self.pattern(q), escape=self.escape) for column in columns))

    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return customers.c.email.like(self.pattern(q), escape=self.escape)


@fault("SEARCH-8", says="The query goes into LIKE as it is.")
class LikeAsItIs(LikeSearch):
    escape = None


@fault("SEARCH-8", says="Percent signs are escaped for LIKE, underscores are forgotten.")
class UnderscoresForgotten(LikeSearch):
    escape = "\\"

    def pattern(self, q: str) -> str:
        return super().pattern(q.replace("\\", "\\\\").replace("%", "\\%"))


@fault("SEARCH-8", says="Percent signs and underscores are escaped for LIKE, the backslash is forgotten.")
class BackslashForgotten(LikeSearch):
    escape = "\\"

    def pattern(self, q: str) -> str:
        return super().pattern(q.replace("%", "\\%").replace("_", "\\_"))


@fault("SEARCH-8", says="Percent signs are taken out of the query before it goes into LIKE.")
class WildcardsTakenOut(LikeSearch):
    def pattern(self, q: str) -> str:
        return super().pattern(re.sub("[%_]", "", q))


@fault("SEARCH-8", says="Quotes are doubled although the query is a parameter.")
class QuotesInQueryDoubled(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(q.replace("'", "''"))


@fault("SEARCH-8", says="The query is written into the SQL.")
class WrittenIntoTheSql(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        text = sa.text(f"(first_name LIKE '%{q}%' OR last_name LIKE '%{q}%')".replace(":", "\\:"))
        return sa.literal(value=True) & text


@fault("SEARCH-8", says="The query is a glob: an asterisk stands for anything.")
class Globs(LikeSearch):
    def pattern(self, q: str) -> str:
        return super().pattern(q.replace("*", "%").replace("?", "_"))


@fault("SEARCH-8", says="Signs are taken out of the query, as they are out of the words of a text index.")
class SignsTakenOut(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(re.sub(r"[^\w\s]", "", q))


@fault("SEARCH-8", says="Dots in an email stand for any character.")
class DotsInEmails(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return customers.c.email_folded.like("%" + q.lower().replace(".", "_") + "%")


class QueryRead(Reader):
    """Reads the query string in a way of its own."""

    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        return [(name, self.value(text)) for name, text in super().sent_query(request)]

    def value(self, text: str) -> str:
        return text


@fault("SEARCH-10", says="The query is decoded twice.")
class DecodedTwice(QueryRead):
    def value(self, text: str) -> str:
        return unquote(text)


@fault("SEARCH-10", says="A plus sign becomes a blank after decoding, too.")
class PlusAfterDecoding(QueryRead):
    def value(self, text: str) -> str:
        return text.replace("+", " ")


@fault("SEARCH-10", says="A plus sign that stands for a blank stays a plus sign.")
class PlusStaysPlus(QueryRead):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        return parse_qsl(request.url.query.replace("+", "%2B"), keep_blank_values=True)


@fault("SEARCH-10", says="The query string is decoded and then split at the ampersands.")
class DecodedThenSplit(QueryRead):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        parts = [part.partition("=") for part in unquote_plus(request.url.query).split("&")]
        return [(name, value) for name, _, value in parts if name]


@fault("SEARCH-10", says="Whatever follows a number sign is cut off, escaped or not.")
class CutAtTheNumberSign(QueryRead):
    def value(self, text: str) -> str:
        return text.partition("#")[0]


@fault("SEARCH-10", says="A semicolon separates parameters, as it did long ago.")
class SemicolonSeparates(QueryRead):
    def value(self, text: str) -> str:
        return text.partition(";")[0]


@fault("SEARCH-11", says="The database lowers ASCII letters only, and the query is lowered altogether.")
class OnlyAsciiLowered(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        columns = (customers.c.first_name, customers.c.last_name)
        return sa.or_(*(contains(sa.func.lower(column), q.lower()) for column in columns))


@fault("SEARCH-11", says="Accents are taken off the query and not off the names.")
class AccentsTakenOff(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        plain = unicodedata.normalize("NFD", q)
        return super().in_names("".join(one for one in plain if not unicodedata.combining(one)))


@fault("SEARCH-11", says="The query is read as Latin-1.")
class QueryInLatin1(QueryRead):
    def value(self, text: str) -> str:
        return text.encode().decode("latin-1")


@fault("SEARCH-11", says="Names are stored folded and queries only lowered, which a sharp s tells apart.")
class FoldedOnOneSide(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(contains(column, q.lower()) for column in self.name_columns()))


@fault("SEARCH-11", says="Characters beyond the first plane are lost.")
class OnlyTheFirstPlane(QueryRead):
    def value(self, text: str) -> str:
        return "".join(one if ord(one) < 0x10000 else "?" for one in text)


@fault("SEARCH-16", says="A query that is no UTF-8 is not reckoned with: 500.")
class NoUtf8NoAnswer(Reader):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        return parse_qsl(request.url.query, keep_blank_values=True, errors="strict")


@fault("SEARCH-16", says="The character NUL goes to the database, which does not take it: 500.")
class NulToTheDatabase(QueryRead):
    def value(self, text: str) -> str:
        if "\0" in text:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return text


@fault("SEARCH-16", says="A query longer than the column of the log of searches: 500.")
class LongQueriesNoAnswer(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        if q is not None and len(q) > 1000:
            raise ValueError("value too long for type character varying(1000)")
        return super().condition(q)


@fault("SEARCH-16", says="`q[]` makes a list of the query, which is not reckoned with: 500.")
class ListsNoAnswer(Reader):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        sent = super().sent_query(request)
        if any(name.startswith("q[") for name, _ in sent):
            raise AttributeError("'list' object has no attribute 'strip'")
        return sent


@fault("SEARCH-16", says="An escape that is cut short is not reckoned with: 500.")
class CutEscapesNoAnswer(Reader):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        for digits in re.findall("%(.{0,2})", request.url.query):
            bytes.fromhex(digits.rjust(2, "x"))
        return super().sent_query(request)


@fault("SEARCH-11", says="Characters beyond the first plane are taken out of a query.")
class QueryOfTheFirstPlane(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        return super().condition(q and re.sub("[\U00010000-\U0010ffff]", "", q))


@fault("SEARCH-11", says="A query of one character finds nobody.")
class TwoCharactersAtLeast(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(q) if len(q) > 1 else sa.false()


@fault("SEARCH-11", says="A query is normalised, the names are not.")
class OnlyTheQueryNormalised(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(unicodedata.normalize("NFC", q))
