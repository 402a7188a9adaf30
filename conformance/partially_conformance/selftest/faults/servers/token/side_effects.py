"""Faults of TOKEN: changed emails, customers without names, and side effects of requests and logins."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import Operation
from partially_reference.http.bodies import Bodies
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call, Reader
from partially_reference.mail import Email, EmailComposer
from partially_reference.rules.customers import Customers
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import InvalidInput, LoginFailed
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers, login_tokens
from partially_reference.text import fold


class _FirstEmails(Customers):
    """Keeps the email with which each customer was created."""

    first: dict[str, str] = {}  # noqa: RUF012 - shared with the classes below

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        created = super().create(merchant_id, body)
        self.first[created["id"]] = created["email"]
        return created


@fault(
    "TOKEN-2",
    says="The login email is sent to the email of the create, even after it was changed.",
    also=[_FirstEmails],
)
class MailsTheFirstAddress(EmailComposer):
    def login_token(self, customer: Mapping[str, Any], token: str, minutes: int) -> Email:
        first = _FirstEmails.first.get(customer["id"], customer["email"])
        return super().login_token({**customer, "email": first}, token, minutes)


@fault(
    "TOKEN-2",
    says="A request for a token with the former email of a customer sends a token to its new email.",
    also=[_FirstEmails],
)
class AskedWithTheFirstAddress(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent = super().send_token(merchant_id, email)
        if sent is not None:
            return sent
        before = [one for one, first in _FirstEmails.first.items() if fold(first) == fold(email)]
        with self.storage.reading() as connection:
            found = before and self.storage.customers.get(connection, merchant_id, before[-1])
        return super().send_token(merchant_id, found["email"]) if found and found["email"] else None


@fault("TOKEN-2", says="A customer without a first name gets no login email.")
class NamelessGetNoEmail(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        known = self.candidates(merchant_id, email)
        return None if known and known[0]["first_name"] is None else super().send_token(merchant_id, email)


@fault("TOKEN-11", says="A request for a token of a customer without a first name is answered with 500.")
class NamelessMakeItFail(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        for customer in self.candidates(merchant_id, email):
            customer["first_name"].strip()
        return super().send_token(merchant_id, email)


@fault("TOKEN-19", says="A request for a token deletes the password.")
class AskingForgetsThePassword(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        for customer in self.candidates(merchant_id, email):
            with self.storage.writing() as connection:
                self.storage.customers.update(connection, customer["id"], {"password_hash": None})
        return super().send_token(merchant_id, email)


@fault("TOKEN-18", says="A login by token deletes the password.")
class TokenLoginForgetsThePassword(Logins):
    def by_token(self, merchant_id: str, token: str) -> Record:
        customer = super().by_token(merchant_id, token)
        with self.storage.writing() as connection:
            self.storage.customers.update(connection, customer["id"], {"password_hash": None})
        return customer


@fault("TOKEN-18", says="After a login by token, the customer no longer logs in with its password.")
class TokensReplaceThePassword(Logins):
    def by_token(self, merchant_id: str, token: str) -> Record:
        customer = super().by_token(merchant_id, token)
        self.__dict__.setdefault("by_token_only", set()).add(customer["id"])
        return customer

    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        barred = self.__dict__.get("by_token_only", ())
        found = super().candidates(merchant_id, email)
        return [{**one, "password_hash": None} if one["id"] in barred else one for one in found]


@fault("TOKEN-19", says="While a customer has an unused token, its password is refused.")
class TokenBeforePassword(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        customer = super().by_password(merchant_id, email, password)
        waiting = sa.select(login_tokens.c.digest).where(login_tokens.c.customer_id == customer["id"])
        with self.storage.reading() as connection:
            if connection.execute(waiting).first() is not None:
                raise LoginFailed("Please use the token that you were sent")
        return customer


@fault("TOKEN-1", says="A login by token shows the customer as it was when the token was requested.")
class TokenShowsAnOldCopy(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        for customer in self.candidates(merchant_id, email):
            self.__dict__.setdefault("copies", {})[customer["id"]] = customer
        return super().send_token(merchant_id, email)

    def by_token(self, merchant_id: str, token: str) -> Record:
        customer = super().by_token(merchant_id, token)
        copy: Record = self.__dict__.get("copies", {}).get(customer["id"], customer)
        return copy


class _KeepsTheLastToken(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        self.storage.__dict__["last_token"] = token = super().issue(connection, customer)
        return token


@fault(
    "TOKEN-3",
    says="The response to a request for a token contains the token in base64.",
    also=[_KeepsTheLastToken],
)
class AnswersWithCodedToken(CustomersApi):
    def login_email(self, call: Call) -> Response:
        answer = super().login_email(call)
        token = self.customers.storage.__dict__.get("last_token", "")
        shown = self.answers.json(
            {"message": "Token sent", "trace": base64.b64encode(token.encode()).decode()}
        )
        shown.background = answer.background
        return shown


@fault("TOKEN-4", says="The last character of a token is not compared.")
class LastCharacterOfTokenIgnored(Tokens):
    def digest(self, token: str) -> str:
        return super().digest(token[: self.length - 1] + token[self.length :])


@fault("TOKEN-5", says="At most four tokens are kept; a new one deletes the oldest.")
class RoomForFourTokens(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        token = super().issue(connection, customer)
        newest = sa.select(login_tokens.c.digest).order_by(login_tokens.c.expires_at.desc()).limit(4)
        kept = connection.scalars(newest).all()
        connection.execute(login_tokens.delete().where(login_tokens.c.digest.not_in(kept)))
        return token


@fault(
    "TOKEN-5",
    says="A new token voids the tokens of all customers whose emails begin with the same five characters.",
)
class OneTokenForAStart(Tokens):
    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        alike = customers.c.email_folded.startswith(customer["email_folded"][:5])
        owners = sa.select(customers.c.id).where(alike)
        connection.execute(login_tokens.delete().where(login_tokens.c.customer_id.in_(owners)))


@fault("TOKEN-4", says="A login with a list of tokens uses the first one.")
class FirstOfTheTokens(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        body = super().parse(content)
        token = body.get("token")
        return {**body, "token": token[0]} if isinstance(token, list) and token else body


@fault("TOKEN-9", says="A login by token with a body that is not a JSON object is answered with 500.")
class TokenBodyUnchecked(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        try:
            return await super().call(request, operation, validator)
        except InvalidInput as refusal:
            if operation.id == "loginToken" and "could not be read" in refusal.message:
                raise TypeError("'NoneType' object is not subscriptable") from refusal
            raise


@fault("TOKEN-9", says="The refusal of a wrong token shows the email of a customer.")
class RefusalNamesOthers(Logins):
    def by_token(self, merchant_id: str, token: str) -> Record:
        try:
            return super().by_token(merchant_id, token)
        except LoginFailed as error:
            with self.storage.reading() as connection:
                query = sa.select(customers.c.email).where(
                    customers.c.merchant_id == merchant_id, customers.c.email.is_not(None)
                )
                a_customer = connection.scalar(query.order_by(customers.c.inserted_at).limit(1))
            raise LoginFailed(f"This is no token of {a_customer}") from error
