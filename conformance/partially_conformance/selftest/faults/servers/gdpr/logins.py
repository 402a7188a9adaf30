"""Faults of GDPR: logins of removed customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.harness import HarnessApi
from partially_reference.http.routing import Call
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import LoginFailed
from partially_reference.rules.removal import Removal
from partially_reference.storage.stores import Record
from partially_reference.text import fold


@fault("GDPR-17", "GDPR-24", says="A login by password that worked once is cached and works after a removal.")
class RemembersLogins(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        cache: dict[tuple[str, str, str], Record] = self.__dict__.setdefault("cache", {})
        key = (merchant_id, email, password)
        if key not in cache:
            cache[key] = super().by_password(merchant_id, email, password)
        return cache[key]


class _HashesByEmail(HarnessApi):
    """Keeps the hashes of passwords by email."""

    hashes: dict[str, str] = {}  # noqa: RUF012 - shared with the logins

    def set_password(self, call: Call) -> Response:
        answer = super().set_password(call)
        with self.storage.reading() as connection:
            customer = self.customer(connection, call.path["id"])
        self.hashes[f"{customer['merchant_id']} {customer['email_folded']}"] = customer["password_hash"]
        return answer


@fault(
    "GDPR-17",
    says="The password of a removed customer works for the next customer with the same email.",
    also=[_HashesByEmail],
)
class PasswordOutlivesCustomer(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        kept = _HashesByEmail.hashes.get(f"{merchant_id} {fold(email)}")
        found = super().candidates(merchant_id, email)
        return [{**one, "password_hash": one["password_hash"] or kept} for one in found]


@fault("GDPR-18", "GDPR-24", says="A login token still works after its customer was removed.")
class TokenOutlivesCustomer(Logins):
    def send_token(self, merchant_id: str, email: str) -> Any:
        sent = super().send_token(merchant_id, email)
        if sent is not None:
            token = sent.body.split("\n\n")[1]
            self.__dict__.setdefault("cache", {})[token] = self.candidates(merchant_id, email)[0]
        return sent

    def by_token(self, merchant_id: str, token: str) -> Record:
        try:
            customer = super().by_token(merchant_id, token)
        except LoginFailed:
            customer = self.__dict__.get("cache", {}).get(token)
            if customer is None or customer["merchant_id"] != merchant_id:
                raise
        self.__dict__["cache"].pop(token, None)
        return customer


@fault(
    "GDPR-18",
    "GDPR-24",
    says="The login token of a removed customer logs in the next customer with the same email.",
)
class TokenFollowsEmail(Logins):
    def send_token(self, merchant_id: str, email: str) -> Any:
        sent = super().send_token(merchant_id, email)
        if sent is not None:
            token = sent.body.split("\n\n")[1]
            customer_id = self.candidates(merchant_id, email)[0]["id"]
            self.__dict__.setdefault("sent", {})[merchant_id, token] = (email, customer_id)
        return sent

    def by_token(self, merchant_id: str, token: str) -> Record:
        try:
            return super().by_token(merchant_id, token)
        except LoginFailed:
            email, customer_id = self.__dict__.get("sent", {}).get((merchant_id, token), (None, None))
            next_owners = self.candidates(merchant_id, email) if email else []
            if not next_owners or next_owners[0]["id"] == customer_id:
                raise
            return next_owners[0]


@fault(
    "GDPR-18",
    says="A customer without plans is anonymised instead of deleted, and its login token still works.",
)
class DeletedTokenWorks(Removal):
    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        """Keep them."""

    def delete(self, connection: sa.Connection, customer: Record) -> None:
        self.anonymise(connection, customer)


@fault("GDPR-24", says="The login token of an anonymised customer still works.")
class AnonymisedTokenWorks(Removal):
    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        if not self.storage.plans.statuses_of(connection, customer["id"]):
            super().forget_tokens(connection, customer)


@fault("GDPR-19", says="A login email is sent to the address of a removed customer.")
class AddressBook(Logins):
    def send_token(self, merchant_id: str, email: str) -> Any:
        book: dict[tuple[str, str], Record] = self.__dict__.setdefault("book", {})
        sent = super().send_token(merchant_id, email)
        if sent is not None:
            book[merchant_id, email] = self.candidates(merchant_id, email)[0]
        elif (merchant_id, email) in book:
            return self.composer.login_token(book[merchant_id, email], self.tokens.make(), 30)
        return sent


@fault("GDPR-24", says="Email and password of an anonymised customer still work.")
class AnonymisedPasswordWorks(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        super().anonymise(connection, customer)
        left = {"email_folded": customer["email_folded"], "password_hash": customer["password_hash"]}
        self.storage.customers.update(connection, customer["id"], left)
