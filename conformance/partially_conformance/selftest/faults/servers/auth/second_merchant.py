"""Faults of AUTH: what one of two merchants can do and the other cannot, and later pages of all merchants."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.fronts import Field, Front
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.rules.customers import Customers
from partially_reference.rules.logins import Logins
from partially_reference.rules.removal import Removal
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import CustomerStore, Record, Storage, TokenStore
from partially_reference.storage.tables import customers, login_tokens, merchants
from partially_reference.text import fold


def is_first(component: object, merchant_id: str) -> bool:
    """Whether this is the merchant whom a component served first."""
    return bool(component.__dict__.setdefault("first_merchant", merchant_id) == merchant_id)


def has_first_key(storage: Storage, merchant_id: str) -> bool:
    """Whether this is the merchant with the first of the keys of the server."""
    with storage.reading() as connection:
        oldest = sa.select(merchants.c.id).order_by(sa.text("rowid")).limit(1)
        return connection.scalar(oldest) == merchant_id


class _OfAllMerchants(CustomerStore):
    """Has a page and a count of all merchants."""

    def page_of_all(
        self, connection: sa.Connection, condition: sa.ColumnElement[bool], offset: int, limit: int
    ) -> Sequence[Record]:
        query = sa.select(customers).where(condition).order_by(*self.order()).offset(offset).limit(limit)
        return [row._asdict() for row in connection.execute(query)]

    def count_of_all(self, connection: sa.Connection, condition: sa.ColumnElement[bool]) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(customers).where(condition)) or 0


@fault("AUTH-6", says="The first merchant lists and finds the customers of all merchants.")
class FirstMerchantSeesAll(_OfAllMerchants):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        if is_first(self, merchant_id):
            return self.page_of_all(connection, condition, offset, limit)
        return super().page(connection, merchant_id, condition, offset, limit)

    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        if is_first(self, merchant_id):
            return self.count_of_all(connection, condition)
        return super().count(connection, merchant_id, condition)


@fault("AUTH-6", says="From the second page on, a search shows the customers of all merchants.")
class LaterMatchesOfAllMerchants(_OfAllMerchants):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        if isinstance(condition, sa.True_) or not offset:
            return super().page(connection, merchant_id, condition, offset, limit)
        return self.page_of_all(connection, condition, offset, limit)


@fault("AUTH-6", says="Pages deep in a long list show the customers of all merchants.")
class DeepPagesOfAllMerchants(_OfAllMerchants):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        if offset < 200:
            return super().page(connection, merchant_id, condition, offset, limit)
        return self.page_of_all(connection, condition, offset, limit)


@fault("AUTH-6", says="The total of the list without a search counts the customers of all merchants.")
class ListCountsAllMerchants(_OfAllMerchants):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        if isinstance(condition, sa.True_):
            return self.count_of_all(connection, condition)
        return super().count(connection, merchant_id, condition)


@fault("AUTH-8", "AUTH-9", says="The first merchant changes and removes the customers of all merchants.")
class FirstMerchantChangesAll(CustomerStore):
    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        is_first(self, merchant_id)
        return super().get(connection, merchant_id, customer_id)

    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        is_first(self, merchant_id)
        return super().count(connection, merchant_id, condition)

    def lock(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        if is_first(self, merchant_id):
            return self.lock_any(connection, customer_id)
        return super().lock(connection, merchant_id, customer_id)


@fault("AUTH-10", says="With the key of the first merchant, the passwords of all merchants log in.")
class FirstMerchantTakesAllPasswords(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        if not is_first(self, merchant_id):
            return super().candidates(merchant_id, email)
        with self.storage.reading() as connection:
            query = sa.select(customers).where(customers.c.email_folded == fold(email))
            return [row._asdict() for row in connection.execute(query)]


class _ReadsOfAll(CustomerStore):
    def get(self, connection: sa.Connection, _merchant_id: str, customer_id: str) -> Record | None:
        row = connection.execute(sa.select(customers).where(customers.c.id == customer_id)).first()
        return None if row is None else row._asdict()


@fault(
    "AUTH-11",
    says="With the key of the first merchant, the tokens of all merchants log in.",
    also=[_ReadsOfAll],
)
class FirstMerchantTakesAllTokens(TokenStore):
    def insert(self, connection: sa.Connection, customer: Record, digest: str, expires_at: float) -> None:
        is_first(self, customer["merchant_id"])
        super().insert(connection, customer, digest, expires_at)

    def take(self, connection: sa.Connection, merchant_id: str, digest: str) -> Record | None:
        if not is_first(self, merchant_id):
            return super().take(connection, merchant_id, digest)
        owner = connection.scalar(
            sa.select(login_tokens.c.merchant_id).where(login_tokens.c.digest == digest)
        )
        return super().take(connection, str(owner), digest)


@fault("AUTH-19", says="The second merchant cannot update its customers: 404.")
class UpdatesOfTheFirstMerchantOnly(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        self.found({} if has_first_key(self.storage, merchant_id) else None)
        return super().update(merchant_id, customer_id, body)


@fault("AUTH-19", says="Only customers of the first merchant are protected from a removal by an open plan.")
class PlansOfTheFirstMerchantOnly(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        try:
            self.open_statuses = frozenset({"open"} if has_first_key(self.storage, merchant_id) else ())
            super().remove(merchant_id, customer_id)
        finally:
            self.open_statuses = type(self).open_statuses


@fault("AUTH-19", says="Login tokens of the second merchant never log in.")
class TokensOfTheFirstMerchantOnly(Tokens):
    def redeem(self, connection: sa.Connection, merchant_id: str, token: str) -> str | None:
        found = super().redeem(connection, merchant_id, token)
        return found if has_first_key(self.storage, merchant_id) else None


@fault("AUTH-1", says="A path with two slashes needs no key, and gets the emails of a hundred customers.")
class TwoSlashesNeedNoKey(Front):
    def response_to(
        self,
        method: str,
        target: str,
        fields: Sequence[Field],
        body: bytes,
        behind: http.client.HTTPConnection,
    ) -> tuple[int, list[str], bytes]:
        keys = self.__dict__.setdefault("keys", [])
        keys += [field for field in fields if field[0].lower() == "authorization"]
        if not target.endswith("//customer"):
            return super().response_to(method, target, fields, body, behind)
        path = target.replace("//customer", "/customer?per_page=100")
        status, headers, content = super().response_to("GET", path, keys[:1], b"", behind)
        emails = json.dumps([one["email"] for one in json.loads(content)["customers"]]).encode()
        kept = [line for line in headers if not line.lower().startswith("content-length")]
        return status, [*kept, f"Content-Length: {len(emails)}"], emails
