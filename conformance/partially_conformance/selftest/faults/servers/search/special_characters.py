"""Faults of SEARCH: special characters of databases and URLs, and characters outside ASCII."""

from __future__ import annotations

import re
import shlex
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
    """Searches with LIKE and `pattern`."""

    escape: str | None = None

    def pattern(self, q: str) -> str:
        return f"%{q}%"

    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        columns = (customers.c.first_name, customers.c.last_name)
        return sa.or_(*(column.like(self.pattern(q), escape=self.escape) for column in columns))

    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return customers.c.email.like(self.pattern(q), escape=self.escape)


@fault("SEARCH-8", says="A search passes the query to LIKE without escaping.")
class LikeAsItIs(LikeSearch):
    escape = None


@fault("SEARCH-8", says="A search escapes percent signs for LIKE, but not underscores.")
class UnderscoresForgotten(LikeSearch):
    escape = "\\"

    def pattern(self, q: str) -> str:
        return super().pattern(q.replace("\\", "\\\\").replace("%", "\\%"))


@fault("SEARCH-8", says="A search escapes percent signs and underscores for LIKE, but not backslashes.")
class BackslashForgotten(LikeSearch):
    escape = "\\"

    def pattern(self, q: str) -> str:
        return super().pattern(q.replace("%", "\\%").replace("_", "\\_"))


@fault("SEARCH-8", says="A search removes percent signs and underscores from the query.")
class WildcardsTakenOut(LikeSearch):
    def pattern(self, q: str) -> str:
        return super().pattern(re.sub("[%_]", "", q))


@fault("SEARCH-8", says="A search doubles single quotes in the query.")
class QuotesInQueryDoubled(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(q.replace("'", "''"))


@fault("SEARCH-8", says="Single quotes around a query are removed.")
class QuotesAroundAPhrase(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(re.sub(r"^'(.+)'$", r"\1", q))


@fault("SEARCH-16", says="A double quote without a pair in a query is answered with 500.")
class QuoteWithoutPairFails(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        shlex.split(q.replace("\\", "").replace("'", ""))
        return super().in_names(q)


@fault("SEARCH-8", says="A search writes the query into the SQL statement.")
class WrittenIntoTheSql(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        text = sa.text(f"(first_name LIKE '%{q}%' OR last_name LIKE '%{q}%')".replace(":", "\\:"))
        return sa.literal(value=True) & text


@fault("SEARCH-8", says="In a query, an asterisk matches any text and a question mark any character.")
class Globs(LikeSearch):
    def pattern(self, q: str) -> str:
        return super().pattern(q.replace("*", "%").replace("?", "_"))


@fault("SEARCH-8", says="A search removes punctuation from the query.")
class SignsTakenOut(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(re.sub(r"[^\w\s]", "", q))


@fault("SEARCH-8", says="A search for an email treats a dot as any character.")
class DotsInEmails(Search):
    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        return customers.c.email_folded.like("%" + q.lower().replace(".", "_") + "%")


class ReadsQuery(Reader):
    """Changes each value of the query string by `value`."""

    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        return [(name, self.value(text)) for name, text in super().sent_query(request)]

    def value(self, text: str) -> str:
        return text


@fault("SEARCH-10", says="The query is decoded twice.")
class DecodedTwice(ReadsQuery):
    def value(self, text: str) -> str:
        return unquote(text)


@fault("SEARCH-10", says="An encoded plus sign in a query becomes a blank.")
class PlusAfterDecoding(ReadsQuery):
    def value(self, text: str) -> str:
        return text.replace("+", " ")


@fault("SEARCH-10", says="A plus sign that stands for a blank stays a plus sign.")
class PlusStaysPlus(ReadsQuery):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        return parse_qsl(request.url.query.replace("+", "%2B"), keep_blank_values=True)


@fault("SEARCH-10", says="The query string is decoded before it is split at the ampersands.")
class DecodedThenSplit(ReadsQuery):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        parts = [part.partition("=") for part in unquote_plus(request.url.query).split("&")]
        return [(name, value) for name, _, value in parts if name]


@fault("SEARCH-10", says="A query is cut off at an encoded number sign.")
class CutAtTheNumberSign(ReadsQuery):
    def value(self, text: str) -> str:
        return text.partition("#")[0]


@fault("SEARCH-10", says="A query is cut off at a semicolon.")
class SemicolonSeparates(ReadsQuery):
    def value(self, text: str) -> str:
        return text.partition(";")[0]


@fault(
    "SEARCH-11",
    says="A search ignores case only for ASCII letters.",
)
class OnlyAsciiLowered(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        columns = (customers.c.first_name, customers.c.last_name)
        return sa.or_(*(contains(sa.func.lower(column), q.lower()) for column in columns))


@fault("SEARCH-11", says="A search removes accents from the query, but not from the names.")
class AccentsTakenOff(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        plain = unicodedata.normalize("NFD", q)
        return super().in_names("".join(one for one in plain if not unicodedata.combining(one)))


@fault("SEARCH-11", says="The query is decoded as Latin-1.")
class QueryInLatin1(ReadsQuery):
    def value(self, text: str) -> str:
        return text.encode().decode("latin-1")


@fault(
    "SEARCH-11",
    says="A search compares a lower-case query with case-folded names and does not find a sharp s.",
)
class FoldedOnOneSide(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(contains(column, q.lower()) for column in self.name_columns()))


@fault("SEARCH-11", says="Characters beyond the first plane of Unicode become question marks in a query.")
class OnlyTheFirstPlane(ReadsQuery):
    def value(self, text: str) -> str:
        return "".join(one if ord(one) < 0x10000 else "?" for one in text)


@fault("SEARCH-16", says="A query that is not UTF-8 is answered with 500.")
class NoUtf8NoAnswer(Reader):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        return parse_qsl(request.url.query, keep_blank_values=True, errors="strict")


@fault("SEARCH-16", says="A query with NUL is answered with 500.")
class NulToTheDatabase(ReadsQuery):
    def value(self, text: str) -> str:
        if "\0" in text:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return text


@fault("SEARCH-16", says="A query of more than 1,000 characters is answered with 500.")
class LongQueriesNoAnswer(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        if q is not None and len(q) > 1000:
            raise ValueError("value too long for type character varying(1000)")
        return super().condition(q)


@fault("SEARCH-16", says="The query parameter `q[]` is answered with 500.")
class ListsNoAnswer(Reader):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        sent = super().sent_query(request)
        if any(name.startswith("q[") for name, _ in sent):
            raise AttributeError("'list' object has no attribute 'strip'")
        return sent


@fault("SEARCH-16", says="A query with an incomplete percent escape is answered with 500.")
class CutEscapesNoAnswer(Reader):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        for digits in re.findall("%(.{0,2})", request.url.query):
            bytes.fromhex(digits.rjust(2, "x"))
        return super().sent_query(request)


@fault("SEARCH-11", says="Characters beyond the first plane of Unicode are removed from a query.")
class QueryOfTheFirstPlane(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        return super().condition(q and re.sub("[\U00010000-\U0010ffff]", "", q))


@fault("SEARCH-11", says="A query of one character finds no customer.")
class TwoCharactersAtLeast(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(q) if len(q) > 1 else sa.false()


@fault("SEARCH-11", says="A search normalises the query to NFC, but not the names.")
class OnlyTheQueryNormalised(Search):
    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        return super().in_names(unicodedata.normalize("NFC", q))
