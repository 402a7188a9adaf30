"""What is asked of the tables. Every method works inside the caller's transaction.

A statement is built once, with placeholders for what differs from call to call: building it anew takes
SQLAlchemy several times as long as running it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from partially_reference.storage.database import Database
from partially_reference.storage.tables import customers, login_tokens, merchants, payment_plans, payments

Record = Mapping[str, Any]
"""A stored row by column name."""


def new_id() -> str:
    """A fresh random id."""
    return str(uuid4())


Placeholder = sa.BindParameter[str]
"""Stands in a statement for a text that is only known when the statement runs."""


def _all(result: sa.Result[Any]) -> list[Record]:
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def _first(result: sa.Result[Any]) -> Record | None:
    found = _all(result)
    return found[0] if found else None


def _one(result: sa.Result[Any]) -> Record:
    (found,) = _all(result)
    return found


def _is(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """The column has the value that is passed for it.

    Its name there begins with `the_`, since a plain one would be that of a value to write.
    """
    return column == sa.bindparam(f"the_{column.name}")


_GET_MERCHANT = sa.select(merchants.c.id).where(_is(merchants.c.key_digest))
_INSERT_MERCHANT = merchants.insert()


class MerchantStore:
    """The merchants, known by the digest of their API key."""

    def get_or_create(self, connection: sa.Connection, key_digest: str) -> str:
        """The id of the merchant with this key, who is created if new."""
        found = connection.scalar(_GET_MERCHANT, {"the_key_digest": key_digest})
        if found is not None:
            return str(found)
        merchant_id = new_id()
        connection.execute(_INSERT_MERCHANT, {"id": merchant_id, "key_digest": key_digest})
        return merchant_id


_LOCK_CUSTOMER = sa.select(customers).where(_is(customers.c.id)).with_for_update()
_INSERT_CUSTOMER = customers.insert().returning(customers)
_UPDATE_CUSTOMER = customers.update().where(_is(customers.c.id)).returning(customers)
_DELETE_CUSTOMER = customers.delete().where(_is(customers.c.id))
_COUNT_CUSTOMERS = sa.select(sa.func.count()).select_from(customers).where(_is(customers.c.merchant_id))
_OLDEST_FIRST = (customers.c.inserted_at, customers.c.id)


@lru_cache(maxsize=8)
def _customers_in(order: tuple[sa.ColumnElement[Any], ...]) -> sa.Select[Any]:
    return sa.select(customers).where(_is(customers.c.merchant_id)).order_by(*order)


@lru_cache(maxsize=8)
def _with_email_in(order: tuple[sa.ColumnElement[Any], ...], *, lock: bool) -> sa.Select[Any]:
    query = _customers_in(order).where(_is(customers.c.email_folded))
    return query.with_for_update() if lock else query


@lru_cache(maxsize=8)
def _page_in(order: tuple[sa.ColumnElement[Any], ...]) -> sa.Select[Any]:
    offset, limit = (sa.bindparam(name, type_=sa.BigInteger) for name in ("offset", "limit"))
    return _customers_in(order).offset(offset).limit(limit)


def _that(query: sa.Select[Any], condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The query of those who meet a condition. Mostly it is that of everybody, which is ready."""
    return query if isinstance(condition, sa.True_) else query.where(condition)


class CustomerStore:
    """The customers. Whoever names a merchant reaches the customers of that merchant only."""

    def insert(self, connection: sa.Connection, values: Record) -> Record:
        """Store a new customer and return the whole row."""
        return _one(connection.execute(_INSERT_CUSTOMER, values))

    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        """One customer of a merchant."""
        asked = {"merchant_id": merchant_id, "customer_id": customer_id}
        return _first(connection.execute(self._own, asked))

    def lock(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        """One customer of a merchant, kept from others until the transaction ends."""
        asked = {"merchant_id": merchant_id, "customer_id": customer_id}
        return _first(connection.execute(self._own_locked, asked))

    def lock_any(self, connection: sa.Connection, customer_id: str) -> Record | None:
        """One customer of whatever merchant, kept from others until the transaction ends."""
        return _first(connection.execute(_LOCK_CUSTOMER, {"the_id": customer_id}))

    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        """Write these columns of a customer, no others, and return the whole row."""
        return _one(connection.execute(_UPDATE_CUSTOMER, {"the_id": customer_id, **values}))

    def delete(self, connection: sa.Connection, customer_id: str) -> None:
        """Delete the row of a customer."""
        connection.execute(_DELETE_CUSTOMER, {"the_id": customer_id})

    def by_email(
        self, connection: sa.Connection, merchant_id: str, email_folded: str, *, lock: bool = False
    ) -> Sequence[Record]:
        """The customers of a merchant with this email, oldest first; kept from others when locked."""
        query = _with_email_in(self.order(), lock=lock)
        asked = {"the_merchant_id": merchant_id, "the_email_folded": email_folded}
        return _all(connection.execute(query, asked))

    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        """How many customers of a merchant meet a condition."""
        query = _that(_COUNT_CUSTOMERS, condition)
        return connection.scalar(query, {"the_merchant_id": merchant_id}) or 0

    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        """Some of the customers of a merchant who meet a condition."""
        query = _that(_page_in(self.order()), condition)
        asked = {"the_merchant_id": merchant_id, "offset": offset, "limit": limit}
        return _all(connection.execute(query, asked))

    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        """The order of every list: oldest first, and no two customers at the same place."""
        return _OLDEST_FIRST

    def owned(self, merchant_id: Placeholder, customer_id: Placeholder) -> sa.ColumnElement[bool]:
        """The customer has this id and belongs to this merchant; asked once, for all of them."""
        return sa.and_(customers.c.id == customer_id, customers.c.merchant_id == merchant_id)

    @cached_property
    def _own(self) -> sa.Select[Any]:
        merchant_id, customer_id = (
            sa.bindparam(name, type_=sa.String) for name in ("merchant_id", "customer_id")
        )
        return sa.select(customers).where(self.owned(merchant_id, customer_id))

    @cached_property
    def _own_locked(self) -> sa.Select[Any]:
        return self._own.with_for_update()


_INSERT_TOKEN = login_tokens.insert()
_TAKE_TOKEN = (
    login_tokens.delete()
    .where(_is(login_tokens.c.merchant_id), _is(login_tokens.c.digest))
    .returning(login_tokens)
)
_DELETE_TOKENS = login_tokens.delete().where(_is(login_tokens.c.customer_id))


class TokenStore:
    """The login tokens that are still outstanding, known by their digest."""

    def insert(self, connection: sa.Connection, customer: Record, digest: str, expires_at: float) -> None:
        """Store a token of a customer."""
        values = {
            "merchant_id": customer["merchant_id"],
            "digest": digest,
            "customer_id": customer["id"],
            "expires_at": expires_at,
        }
        connection.execute(_INSERT_TOKEN, values)

    def take(self, connection: sa.Connection, merchant_id: str, digest: str) -> Record | None:
        """Remove a token and return it. Of two who ask at once only one gets it."""
        asked = {"the_merchant_id": merchant_id, "the_digest": digest}
        return _first(connection.execute(_TAKE_TOKEN, asked))

    def delete_of(self, connection: sa.Connection, customer_id: str) -> None:
        """Remove all tokens of a customer."""
        connection.execute(_DELETE_TOKENS, {"the_customer_id": customer_id})


_GET_PLAN = sa.select(payment_plans).where(_is(payment_plans.c.id))
_INSERT_PLAN = payment_plans.insert()
_UPDATE_PLAN = payment_plans.update().where(_is(payment_plans.c.id))
_UPDATE_PLANS = payment_plans.update().where(_is(payment_plans.c.customer_id))
_GET_STATUSES = sa.select(payment_plans.c.status).where(_is(payment_plans.c.customer_id))
_GET_PAYMENTS = sa.select(payments).where(_is(payments.c.plan_id)).order_by(payments.c.paid_at, payments.c.id)
_INSERT_PAYMENT = payments.insert()


class PlanStore:
    """The payment plans and their payments."""

    def insert(self, connection: sa.Connection, values: Record) -> str:
        """Store a new plan and return its id."""
        plan_id = new_id()
        connection.execute(_INSERT_PLAN, {"id": plan_id, **values})
        return plan_id

    def insert_payment(self, connection: sa.Connection, plan_id: str, amount: str, paid_at: datetime) -> None:
        """Store a payment of a plan."""
        values = {"id": new_id(), "plan_id": plan_id, "amount": amount, "paid_at": paid_at}
        connection.execute(_INSERT_PAYMENT, values)

    def get(self, connection: sa.Connection, plan_id: str) -> Record | None:
        """One plan."""
        return _first(connection.execute(_GET_PLAN, {"the_id": plan_id}))

    def payments_of(self, connection: sa.Connection, plan_id: str) -> Sequence[Record]:
        """The payments of a plan, oldest first."""
        return _all(connection.execute(_GET_PAYMENTS, {"the_plan_id": plan_id}))

    def statuses_of(self, connection: sa.Connection, customer_id: str) -> Sequence[str]:
        """The status of each plan of a customer."""
        return connection.scalars(_GET_STATUSES, {"the_customer_id": customer_id}).all()

    def set_status(self, connection: sa.Connection, plan_id: str, status: str) -> None:
        """Change the status of a plan."""
        connection.execute(_UPDATE_PLAN, {"the_id": plan_id, "status": status})

    def update_of(self, connection: sa.Connection, customer_id: str, values: Record) -> None:
        """Write these columns of all plans of a customer."""
        connection.execute(_UPDATE_PLANS, {"the_customer_id": customer_id, **values})


class Storage:
    """The database and the four stores in it.

    Args:
        database: Where they are.
        merchants: Who may call.
        customers: Their customers.
        tokens: The login tokens of the customers.
        plans: The payment plans of the customers.
    """

    def __init__(
        self,
        database: Database,
        merchants: MerchantStore,
        customers: CustomerStore,
        tokens: TokenStore,
        plans: PlanStore,
    ) -> None:
        self.merchants = merchants
        self.customers = customers
        self.tokens = tokens
        self.plans = plans
        self.reading = database.reading
        self.writing = database.writing
