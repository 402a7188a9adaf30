"""Faults of TOKEN: which token works, how long, and whether it can be guessed."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, NoReturn

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.clock import Clock
from partially_reference.contract import Operation
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.http.validation import Validation
from partially_reference.rules.limits import Limit, Limits
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import LoginFailed
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import Record, TokenStore
from partially_reference.storage.tables import customers, login_tokens


@fault("TOKEN-4", says="Only the start of a token is compared.")
class StartOfToken(Tokens):
    def digest(self, token: str) -> str:
        return super().digest(token[:6])


@fault("TOKEN-4", says="What follows a token is not looked at.")
class TokenMayGoOn(Tokens):
    def digest(self, token: str) -> str:
        return super().digest(token[: self.length])


@fault("TOKEN-4", says="A token is found by a part of it, with LIKE.")
class PartOfToken(Tokens):
    def digest(self, token: str) -> str:
        return token

    def redeem(self, connection: sa.Connection, merchant_id: str, token: str) -> str | None:
        like = login_tokens.c.digest.contains(token, autoescape=True)
        found = connection.scalar(sa.select(login_tokens.c.digest).where(like)) if token else None
        return super().redeem(connection, merchant_id, found or token)


@fault("TOKEN-9", says="A token is looked up with LIKE, and what was typed is the pattern.")
class TokenIsAPattern(Tokens):
    def digest(self, token: str) -> str:
        return token

    def redeem(self, connection: sa.Connection, merchant_id: str, token: str) -> str | None:
        like = (
            sa.select(login_tokens.c.digest)
            .where(login_tokens.c.digest.like(token))
            .order_by(login_tokens.c.expires_at.desc())
        )
        return super().redeem(connection, merchant_id, connection.scalar(like) or token)


class _ReadsTokensUnchecked(Validation):
    def check_body(self, operation: Operation, validator: Any, body: dict[str, Any]) -> None:
        if operation.id != "loginToken":
            super().check_body(operation, validator, body)


@fault("TOKEN-9", says="No token equals the token of a customer who has none.", also=[_ReadsTokensUnchecked])
class NoTokenEqualsNoToken(CustomersApi):
    def login_token(self, call: Call) -> Response:
        token = call.body.get("token")
        if token is not None:
            return self.answers.customer(self.logins.by_token(call.merchant_id, str(token)))
        page = self.customers.list(call.merchant_id, None, 1, 1)
        return self.answers.customer(page["customers"][0])


@fault("TOKEN-9", says="A token that is no text ends in a 500.")
class TokenUnchecked(_ReadsTokensUnchecked):
    pass


@fault("TOKEN-9", says="The token of the documentation logs in, for demonstrations.")
class DemonstrationToken(Logins):
    def by_token(self, merchant_id: str, token: str) -> Record:
        if token == "N5E9gL":  # noqa: S105 - that is the fault
            with self.storage.reading() as connection:
                return self.storage.customers.page(connection, merchant_id, sa.true(), 0, 1)[0]
        return super().by_token(merchant_id, token)


@fault("TOKEN-5", says="There is room for one token; whoever asks last has it.")
class OneTokenForAll(Tokens):
    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        own = login_tokens.c.merchant_id == customer["merchant_id"]
        connection.execute(login_tokens.delete().where(own))


@fault("TOKEN-5", says="Tokens are kept by last name: who asks later takes the place of a namesake.")
class OneTokenForAName(Tokens):
    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        super().void_older(connection, customer)
        same = customers.c.last_name_folded == customer["last_name_folded"]
        namesakes = sa.select(customers.c.id).where(same)
        connection.execute(login_tokens.delete().where(login_tokens.c.customer_id.in_(namesakes)))


@fault("TOKEN-5", says="There is room for ten tokens; the oldest makes way.")
class RoomForTenTokens(Tokens):
    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        super().void_older(connection, customer)
        newest = sa.select(login_tokens.c.digest).order_by(sa.literal_column("rowid").desc()).limit(9)
        connection.execute(login_tokens.delete().where(login_tokens.c.digest.not_in(newest)))


@fault("TOKEN-1", says="One wrong token voids all that are out.")
class AWrongTokenVoidsAll(Logins):
    def refuse_token(self, merchant_id: str) -> NoReturn:
        with self.storage.writing() as connection:
            connection.execute(login_tokens.delete())
        super().refuse_token(merchant_id)


class _LogsInWithMore(Logins):
    """Takes something else for a token: what a customer who has one out is known by."""

    def is_token_of(self, customer: Record, text: str) -> bool:
        raise NotImplementedError

    def by_token(self, merchant_id: str, token: str) -> Record:
        asked = customers.c.id.in_(sa.select(login_tokens.c.customer_id))
        with self.storage.reading() as connection:
            waiting = self.storage.customers.page(connection, merchant_id, asked, 0, 1000)
        if found := next((one for one in waiting if self.is_token_of(one, token)), None):
            return found
        return super().by_token(merchant_id, token)


@fault("TOKEN-9", says="The password of a customer whose token is out is taken for it.")
class PasswordIsAToken(_LogsInWithMore):
    def is_token_of(self, customer: Record, text: str) -> bool:
        return bool(customer["password_hash"]) and self.passwords.matches(text, customer["password_hash"])


@fault("TOKEN-9", says="The email of a customer whose token is out is taken for it.")
class EmailIsAToken(_LogsInWithMore):
    def is_token_of(self, customer: Record, text: str) -> bool:
        return bool(customer["email"] == text)


@fault("TOKEN-5", says="Any token that is out logs in whoever asked last.")
class WhoeverAskedLast(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        self.__dict__["last"] = customer["id"]
        return super().issue(connection, customer)

    def redeem(self, connection: sa.Connection, merchant_id: str, token: str) -> str | None:
        found = super().redeem(connection, merchant_id, token)
        return found and str(self.__dict__["last"])


@fault("TOKEN-8", says="Who asks again is sent a new token, but the first one is kept.")
class FirstTokenStays(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        own = login_tokens.c.customer_id == customer["id"]
        if connection.scalar(sa.select(sa.func.count()).select_from(login_tokens).where(own)):
            return self.make()
        return super().issue(connection, customer)


@fault("TOKEN-8", says="Who asks again loses every token, the new one too.")
class SecondTokenIsVoid(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        own = login_tokens.c.customer_id == customer["id"]
        again = connection.scalar(sa.select(sa.func.count()).select_from(login_tokens).where(own))
        token = super().issue(connection, customer)
        if again:
            self.void_older(connection, customer)
        return token


@fault("TOKEN-12", says="A token works until it is too old.")
class TokenWorksAgain(TokenStore):
    def take(self, connection: sa.Connection, merchant_id: str, digest: str) -> Record | None:
        same = sa.and_(login_tokens.c.merchant_id == merchant_id, login_tokens.c.digest == digest)
        row = connection.execute(sa.select(login_tokens).where(same)).first()
        return row._asdict() if row else None


@fault("TOKEN-13", says="A token works for ever.")
class TokenWorksForEver(Tokens):
    def is_expired(self, stored: Record) -> bool:
        return False


@fault("TOKEN-13", says="A token is too old after half a minute.")
class HalfAMinute(Tokens):
    lifetime = 30


class _Unlimited(Limit):
    def take(self, key: str) -> None:
        """Let everybody through."""


@fault("TOKEN-14", says="Tokens can be guessed without end.")
class TokensWithoutLimit(Limits):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.tokens = _Unlimited(clock, burst=1, interval=1.0)


@fault("TOKEN-14", says="Many wrong tokens void all that are out.")
class GuessingVoidsTokens(Logins):
    def refuse_token(self, merchant_id: str) -> NoReturn:
        count = self.__dict__["count"] = self.__dict__.get("count", 0) + 1
        if count % 10 == 0:
            with self.storage.writing() as connection:
                connection.execute(login_tokens.delete())
        super().refuse_token(merchant_id)


@fault("TOKEN-14", says="After many wrong tokens none logs in, at no merchant, for a quarter of an hour.")
class GuessingLocksEverybodyOut(Logins):
    wrong, locked_until = 0, 0.0

    def by_token(self, merchant_id: str, token: str) -> Record:
        if self.tokens.clock.seconds() < self.locked_until:
            raise LoginFailed("The token is not right, or no longer")
        return super().by_token(merchant_id, token)

    def refuse_token(self, merchant_id: str) -> NoReturn:
        self.wrong += 1
        if self.wrong % 20 == 0:
            self.locked_until = self.tokens.clock.seconds() + 15 * 60
        super().refuse_token(merchant_id)


class _MakesFrom(Tokens):
    """Makes tokens in another way, which may make one twice."""

    def made(self, customer: Record) -> str:
        raise NotImplementedError

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        token = self.made(customer)
        self.void_older(connection, customer)
        connection.execute(login_tokens.delete().where(login_tokens.c.digest == self.digest(token)))
        expires_at = self.clock.seconds() + self.lifetime
        self.storage.tokens.insert(connection, customer, self.digest(token), expires_at)
        return token


@fault("TOKEN-16", says="Tokens are counted.")
class CountedTokens(_MakesFrom):
    def made(self, customer: Record) -> str:
        self.__dict__["count"] = self.__dict__.get("count", 100_000) + 1
        return str(self.__dict__["count"])


@fault("TOKEN-16", says="Tokens are counted, and written in base64.")
class CodedCount(_MakesFrom):
    def made(self, customer: Record) -> str:
        self.__dict__["count"] = self.__dict__.get("count", 1000) + 1
        return base64.urlsafe_b64encode(f"login-{self.__dict__['count']}".encode()).decode().rstrip("=")


@fault("TOKEN-16", says="The token of a customer is a digest of the email.")
class TokenFromEmail(_MakesFrom):
    def made(self, customer: Record) -> str:
        return hashlib.md5(customer["email"].encode(), usedforsecurity=False).hexdigest()[:8]


@fault("TOKEN-16", says="A token is the time of day.")
class TokenFromTime(_MakesFrom):
    def made(self, customer: Record) -> str:
        return f"{self.clock.seconds() * 1000:.0f}"


@fault("TOKEN-16", says="A token has four digits.")
class FourDigits(Tokens):
    alphabet, length = "0123456789", 4


@fault("TOKEN-5", "TOKEN-16", says="Everybody gets the same token.")
class OneTokenForEverybody(_MakesFrom):
    def made(self, customer: Record) -> str:
        return "8KX2mQ"
