"""Faults of TOKEN: which tokens work, how long, and whether they can be guessed."""

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
from partially_reference.rules.customers import Customers
from partially_reference.rules.limits import Limit, Limits
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import LoginFailed
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import Record, TokenStore
from partially_reference.storage.tables import customers, login_tokens


@fault("TOKEN-4", says="Only the first six characters of a token are compared.")
class StartOfToken(Tokens):
    def digest(self, token: str) -> str:
        return super().digest(token[:6])


@fault("TOKEN-4", says="Text after a token is ignored.")
class TokenMayGoOn(Tokens):
    def digest(self, token: str) -> str:
        return super().digest(token[: self.length])


@fault("TOKEN-4", says="A part of a token is accepted as the token.")
class PartOfToken(Tokens):
    def digest(self, token: str) -> str:
        return token

    def redeem(self, connection: sa.Connection, merchant_id: str, token: str) -> str | None:
        like = login_tokens.c.digest.contains(token, autoescape=True)
        found = connection.scalar(sa.select(login_tokens.c.digest).where(like)) if token else None
        return super().redeem(connection, merchant_id, found or token)


@fault("TOKEN-9", says="A login looks up the token with LIKE, so the token that was sent is a pattern.")
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


@fault(
    "TOKEN-9",
    says="A login without a token logs in the first customer of the merchant.",
    also=[_ReadsTokensUnchecked],
)
class NoTokenEqualsNoToken(CustomersApi):
    def login_token(self, call: Call) -> Response:
        token = call.body.get("token")
        if token is not None:
            return self.answers.customer(self.logins.by_token(call.merchant_id, str(token)))
        page = self.customers.list(call.merchant_id, None, 1, 1)
        return self.answers.customer(page["customers"][0])


@fault("TOKEN-9", says="A login with a token that is not a text is answered with 500.")
class TokenUnchecked(_ReadsTokensUnchecked):
    pass


@fault("TOKEN-9", says="The token of the published example logs in the first customer of the merchant.")
class DemonstrationToken(Logins):
    def by_token(self, merchant_id: str, token: str) -> Record:
        if token == "N5E9gL":  # noqa: S105 - that is the fault
            with self.storage.reading() as connection:
                return self.storage.customers.page(connection, merchant_id, sa.true(), 0, 1)[0]
        return super().by_token(merchant_id, token)


@fault("TOKEN-5", says="A new token voids all other tokens of the merchant.")
class OneTokenForAll(Tokens):
    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        own = login_tokens.c.merchant_id == customer["merchant_id"]
        connection.execute(login_tokens.delete().where(own))


@fault("TOKEN-5", says="A new token voids the tokens of all customers with the same last name.")
class OneTokenForAName(Tokens):
    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        super().void_older(connection, customer)
        same = customers.c.last_name_folded == customer["last_name_folded"]
        namesakes = sa.select(customers.c.id).where(same)
        connection.execute(login_tokens.delete().where(login_tokens.c.customer_id.in_(namesakes)))


@fault("TOKEN-5", says="At most ten tokens are kept; a new one deletes the oldest.")
class RoomForTenTokens(Tokens):
    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        super().void_older(connection, customer)
        newest = sa.select(login_tokens.c.digest).order_by(sa.literal_column("rowid").desc()).limit(9)
        connection.execute(login_tokens.delete().where(login_tokens.c.digest.not_in(newest)))


@fault("TOKEN-1", says="One wrong token voids all tokens.")
class AWrongTokenVoidsAll(Logins):
    def refuse_token(self, merchant_id: str) -> NoReturn:
        with self.storage.writing() as connection:
            connection.execute(login_tokens.delete())
        super().refuse_token(merchant_id)


class _AcceptsOtherTexts(Logins):
    """Accepts another text as the token of a customer who has an unused token."""

    def is_token_of(self, customer: Record, text: str) -> bool:
        raise NotImplementedError

    def by_token(self, merchant_id: str, token: str) -> Record:
        asked = customers.c.id.in_(sa.select(login_tokens.c.customer_id))
        with self.storage.reading() as connection:
            waiting = self.storage.customers.page(connection, merchant_id, asked, 0, 1000)
        if found := next((one for one in waiting if self.is_token_of(one, token)), None):
            return found
        return super().by_token(merchant_id, token)


@fault("TOKEN-9", says="The password of a customer with an unused token is accepted as the token.")
class PasswordIsAToken(_AcceptsOtherTexts):
    def is_token_of(self, customer: Record, text: str) -> bool:
        return bool(customer["password_hash"]) and self.passwords.matches(text, customer["password_hash"])


@fault("TOKEN-9", says="The email of a customer with an unused token is accepted as the token.")
class EmailIsAToken(_AcceptsOtherTexts):
    def is_token_of(self, customer: Record, text: str) -> bool:
        return bool(customer["email"] == text)


@fault("TOKEN-5", says="Any valid token logs in the customer who requested a token last.")
class WhoeverAskedLast(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        self.__dict__["last"] = customer["id"]
        return super().issue(connection, customer)

    def redeem(self, connection: sa.Connection, merchant_id: str, token: str) -> str | None:
        found = super().redeem(connection, merchant_id, token)
        return found and str(self.__dict__["last"])


@fault("TOKEN-8", says="A second request sends a new token, but only the first token works.")
class FirstTokenStays(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        own = login_tokens.c.customer_id == customer["id"]
        if connection.scalar(sa.select(sa.func.count()).select_from(login_tokens).where(own)):
            return self.make()
        return super().issue(connection, customer)


@fault("TOKEN-8", says="A second request for a token voids both tokens.")
class SecondTokenIsVoid(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        own = login_tokens.c.customer_id == customer["id"]
        again = connection.scalar(sa.select(sa.func.count()).select_from(login_tokens).where(own))
        token = super().issue(connection, customer)
        if again:
            self.void_older(connection, customer)
        return token


@fault("TOKEN-12", says="A token works more than once, until it expires.")
class TokenWorksAgain(TokenStore):
    def take(self, connection: sa.Connection, merchant_id: str, digest: str) -> Record | None:
        same = sa.and_(login_tokens.c.merchant_id == merchant_id, login_tokens.c.digest == digest)
        row = connection.execute(sa.select(login_tokens).where(same)).first()
        return row._asdict() if row else None


@fault("TOKEN-13", says="A token never expires.")
class TokenWorksForEver(Tokens):
    def is_expired(self, stored: Record) -> bool:
        return False


@fault("TOKEN-13", says="A token expires after 30 seconds.")
class HalfAMinute(Tokens):
    lifetime = 30


class _Unlimited(Limit):
    def take(self, key: str) -> None:
        """Refuse nothing."""


@fault("TOKEN-14", says="The number of wrong tokens is not limited.")
class TokensWithoutLimit(Limits):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.tokens = _Unlimited(clock, burst=1, interval=1.0)


@fault("TOKEN-14", says="Every tenth wrong token voids all tokens.")
class GuessingVoidsTokens(Logins):
    def refuse_token(self, merchant_id: str) -> NoReturn:
        count = self.__dict__["count"] = self.__dict__.get("count", 0) + 1
        if count % 10 == 0:
            with self.storage.writing() as connection:
                connection.execute(login_tokens.delete())
        super().refuse_token(merchant_id)


@fault("TOKEN-14", says="After 20 wrong tokens, no token works for 15 minutes, at any merchant.")
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


class _MakesPredictableTokens(Tokens):
    """Derives a token by `made` and voids an equal older one."""

    def made(self, customer: Record) -> str:
        raise NotImplementedError

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        token = self.made(customer)
        self.void_older(connection, customer)
        connection.execute(login_tokens.delete().where(login_tokens.c.digest == self.digest(token)))
        expires_at = self.clock.seconds() + self.lifetime
        self.storage.tokens.insert(connection, customer, self.digest(token), expires_at)
        return token


@fault("TOKEN-16", says="Tokens are consecutive numbers.")
class CountedTokens(_MakesPredictableTokens):
    def made(self, customer: Record) -> str:
        self.__dict__["count"] = self.__dict__.get("count", 100_000) + 1
        return str(self.__dict__["count"])


@fault("TOKEN-16", says="Tokens are consecutive numbers in base64.")
class CodedCount(_MakesPredictableTokens):
    def made(self, customer: Record) -> str:
        self.__dict__["count"] = self.__dict__.get("count", 1000) + 1
        return base64.urlsafe_b64encode(f"login-{self.__dict__['count']}".encode()).decode().rstrip("=")


@fault("TOKEN-16", says="A token is a hash of the email.")
class TokenFromEmail(_MakesPredictableTokens):
    def made(self, customer: Record) -> str:
        return hashlib.md5(customer["email"].encode(), usedforsecurity=False).hexdigest()[:8]


@fault("TOKEN-16", says="A token is the current time in milliseconds.")
class TokenFromTime(_MakesPredictableTokens):
    def made(self, customer: Record) -> str:
        return f"{self.clock.seconds() * 1000:.0f}"


@fault("TOKEN-16", says="A token has four digits.")
class FourDigits(Tokens):
    alphabet, length = "0123456789", 4


@fault("TOKEN-5", "TOKEN-16", says="All customers get the same token.")
class OneTokenForEverybody(_MakesPredictableTokens):
    def made(self, customer: Record) -> str:
        return "8KX2mQ"


@fault("TOKEN-1", says="Every update of a customer voids the tokens that were emailed before it.")
class UpdatesVoidTokens(Customers):
    def email_changed(self, _before: Record, _after: Record) -> bool:
        return True
