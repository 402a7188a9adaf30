"""Variants: failed logins, tokens and login emails. Some break should rules, none a must rule."""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.http.answers import Answers
from partially_reference.http.customers import CustomersApi
from partially_reference.http.harness import HarnessApi
from partially_reference.http.routing import Call, afterwards
from partially_reference.mail import Email, EmailComposer, Mailer
from partially_reference.rules.logins import Logins
from partially_reference.rules.passwords import Passwords
from partially_reference.rules.refusals import InvalidInput, LoginFailed, NotFound, Refusal
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import Record, TokenStore
from partially_reference.storage.tables import login_tokens


@variant("failed-login-status", says="A failed login is answered with 401.")
class FailedLogin401(Answers):
    def status(self, refusal: Refusal) -> int:
        return 401 if isinstance(refusal, LoginFailed) else super().status(refusal)


@variant("failed-login-status", says="A failed login is answered with 403.")
class FailedLogin403(Answers):
    def status(self, refusal: Refusal) -> int:
        return 403 if isinstance(refusal, LoginFailed) else super().status(refusal)


@variant("failed-login-status", says="A failed login is answered with 404.")
class FailedLogin404(Answers):
    def status(self, refusal: Refusal) -> int:
        return 404 if isinstance(refusal, LoginFailed) else super().status(refusal)


@variant("failed-login-status", says="A failed login is answered with 422.")
class FailedLogin422(Answers):
    def status(self, refusal: Refusal) -> int:
        return 422 if isinstance(refusal, LoginFailed) else super().status(refusal)


@variant("unknown-email-token", says="A request for a token with an unknown email is answered with 404.")
class UnknownEmail404(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent = super().send_token(merchant_id, email)
        if sent is None:
            raise NotFound("There is no customer with this email")
        return sent


@variant("older-token", says="An older token stays valid after a newer one was requested.")
class OlderTokensKept(Tokens):
    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        pass


@variant("older-token", says="A second request sends the same token while it is unused.")
class SameTokenAgain(Tokens):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._made: dict[str, str] = {}

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        kept = self._made.get(customer["id"])
        if kept is not None and self.is_outstanding(connection, kept):
            return kept
        self._made[customer["id"]] = super().issue(connection, customer)
        return self._made[customer["id"]]

    def is_outstanding(self, connection: sa.Connection, token: str) -> bool:
        """Tell whether a token is unused, not voided and not expired."""
        query = sa.select(login_tokens).where(login_tokens.c.digest == self.digest(token))
        stored = connection.execute(query).first()
        return stored is not None and not self.is_expired(stored._asdict())


@variant(says="Tokens have six letters and digits, as in the published example.")
class ShortTokens(Tokens):
    length = 6


@variant(says="Tokens have 64 characters.")
class LongTokens(Tokens):
    alphabet = string.hexdigits.lower()[:16]
    length = 64


@variant(says="Tokens are eight digits.")
class DigitTokens(Tokens):
    alphabet = string.digits
    length = 8


@variant(says="Tokens are four digits, and no two valid ones are equal.")
class FourDigitTokens(Tokens):
    alphabet = string.digits
    length = 4

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        stale = login_tokens.c.expires_at <= self.clock.seconds()
        connection.execute(login_tokens.delete().where(stale))
        self._out = set(connection.scalars(sa.select(login_tokens.c.digest)))
        return super().issue(connection, customer)

    def make(self) -> str:
        while self.digest(token := super().make()) in self._out:
            pass
        return token


@variant(says="Tokens are UUIDs.")
class UuidTokens(Tokens):
    def make(self) -> str:
        return str(uuid.uuid4())


@variant(says="Tokens have three parts separated by dots, with dashes and underscores in them.")
class DottedTokens(Tokens):
    def make(self) -> str:
        return ".".join(secrets.token_urlsafe(size) for size in (12, 24, 24))


@variant(says="The login email contains the token in a link.")
class TokenInLink(EmailComposer):
    def login_token(self, customer: Mapping[str, Any], token: str, minutes: int) -> Email:
        body = (
            f"Hello {customer['first_name'] or 'there'},\n\nplease log in within {minutes} minutes:\n\n"
            f"https://shop.example/login?token={token}&source=email\n\nYour shop\n"
        )
        return replace(super().login_token(customer, token, minutes), body=body)


@variant(says="The login email is HTML.")
class HtmlEmail(EmailComposer):
    def login_token(self, customer: Mapping[str, Any], token: str, minutes: int) -> Email:
        body = (
            "<!DOCTYPE html><html><head><style>p { color: #333 }</style></head><body>"
            f'<p class="greeting">Dear {customer["first_name"] or customer["email"]},</p>'
            f'<p>your code is <strong id="code">{token}</strong>, for {minutes} minutes.</p></body></html>'
        )
        return replace(super().login_token(customer, token, minutes), body=body)


@variant(says="The login email is German, with the token inside a sentence and in the subject.")
class OtherWording(EmailComposer):
    def login_token(self, customer: Mapping[str, Any], token: str, minutes: int) -> Email:
        body = (
            f"Guten Tag,\r\n\r\nbitte geben Sie „{token}“ ein.\r\nIhr Konto: {customer['email']}\r\n"
            f"Vorgang {uuid.uuid4()}\r\n"
        )
        made = super().login_token(customer, token, minutes)
        return replace(made, subject=f"{token} ist Ihr Code", body=body)


@variant(says="The login email is sent after the response.")
class EmailsLater(Mailer):
    def keep(self, email: Email) -> None:
        pass

    def deliver(self, email: Email) -> None:
        super().keep(email)
        super().deliver(email)


@variant(says="A new customer gets a welcome email with numbers that are not tokens.")
class NewCustomersGreeted(CustomersApi):
    def create_customer(self, call: Call) -> Response:
        created = self.customers.create(call.merchant_id, call.body)
        body = f"Welcome!\n\nYour number is {uuid.uuid4().hex[:8].upper()}, your code for 5 % off A1B2C3.\n"
        email = Email(created["id"], created["email"], "Welcome to your shop", body)
        self.mailer.keep(email)
        return afterwards(self.answers.created(created), self.mailer.deliver, email)


@variant(says="A token works any number of times.")
class TokensReusable(TokenStore):
    def take(self, connection: sa.Connection, merchant_id: str, digest: str) -> Record | None:
        query = sa.select(login_tokens).where(
            login_tokens.c.merchant_id == merchant_id, login_tokens.c.digest == digest
        )
        row = connection.execute(query).first()
        return None if row is None else row._asdict()


@variant(says="A token never expires.")
class TokensForever(Tokens):
    def is_expired(self, _stored: Record) -> bool:
        return False


@variant("long-passwords", says="Only the first 72 bytes of a password count, as in bcrypt.")
class BcryptPasswords(Passwords):
    def hash(self, password: str) -> str:
        return super().hash(self._read(password))

    def matches(self, password: str, stored_hash: str | None) -> bool:
        return super().matches(self._read(password), stored_hash)

    def _read(self, password: str) -> str:
        return password.encode()[:72].hex()


class _SetsShortPasswords(HarnessApi):
    def set_password(self, call: Call) -> Response:
        if len(call.body["password"].encode()) > _LONGEST_PASSWORD:
            raise InvalidInput("The password is too long")
        return super().set_password(call)


@variant("long-passwords", says="A password of more than 72 bytes is refused.", also=[_SetsShortPasswords])
class LongPasswordsRefused(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        if len(password.encode()) > _LONGEST_PASSWORD:
            raise InvalidInput("The password is too long")
        return super().by_password(merchant_id, email, password)


_LONGEST_PASSWORD = 72  # bytes
