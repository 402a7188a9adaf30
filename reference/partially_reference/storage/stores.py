"""The queries of each table. Every method runs inside a transaction of its caller.

Each statement is built once, with placeholders for the values of a call, because SQLAlchemy needs several
times as long to build a statement as to run it.
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
"""A stored row: its values by column name."""


def new_id() -> str:
    """A new random id."""
    return str(uuid4())


Placeholder = sa.BindParameter[str]
"""Takes the place of a text that is known only when the statement runs."""


def _all_rows(result: sa.Result[Any]) -> list[Record]:
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def _first_row(result: sa.Result[Any]) -> Record | None:
    found = _all_rows(result)
    return found[0] if found else None


def _only_row(result: sa.Result[Any]) -> Record:
    (found,) = _all_rows(result)
    return found


def _equals_parameter(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """The condition that a column has the value of its parameter.

    The name of the parameter begins with `the_`, because the plain name of a column is that of a value to
    write.
    """
    return column == sa.bindparam(f"the_{column.name}")


_GET_MERCHANT = sa.select(merchants.c.id).where(_equals_parameter(merchants.c.key_digest))
_INSERT_MERCHANT = merchants.insert()


class MerchantStore:
    """The merchants. Each is found by the digest of its API key."""

    def get_or_create(self, connection: sa.Connection, key_digest: str) -> str:
        """The id of the merchant with this key. A new key creates a new merchant."""
        found = connection.scalar(_GET_MERCHANT, {"the_key_digest": key_digest})
        if found is not None:
            return str(found)
        merchant_id = new_id()
        connection.execute(_INSERT_MERCHANT, {"id": merchant_id, "key_digest": key_digest})
        return merchant_id


_LOCK_CUSTOMER = sa.select(customers).where(_equals_parameter(customers.c.id)).with_for_update()
_INSERT_CUSTOMER = customers.insert().returning(customers)
_UPDATE_CUSTOMER = customers.update().where(_equals_parameter(customers.c.id)).returning(customers)
_DELETE_CUSTOMER = customers.delete().where(_equals_parameter(customers.c.id))
_COUNT_CUSTOMERS = (
    sa.select(sa.func.count()).select_from(customers).where(_equals_parameter(customers.c.merchant_id))
)
_OLDEST_FIRST = (customers.c.inserted_at, customers.c.id)


@lru_cache(maxsize=8)
def _select_customers(order: tuple[sa.ColumnElement[Any], ...]) -> sa.Select[Any]:
    return sa.select(customers).where(_equals_parameter(customers.c.merchant_id)).order_by(*order)


@lru_cache(maxsize=8)
def _select_by_email(order: tuple[sa.ColumnElement[Any], ...], *, lock: bool) -> sa.Select[Any]:
    query = _select_customers(order).where(_equals_parameter(customers.c.email_folded))
    return query.with_for_update() if lock else query


@lru_cache(maxsize=8)
def _select_page(order: tuple[sa.ColumnElement[Any], ...]) -> sa.Select[Any]:
    offset, limit = (sa.bindparam(name, type_=sa.BigInteger) for name in ("offset", "limit"))
    return _select_customers(order).offset(offset).limit(limit)


def _with_condition(query: sa.Select[Any], condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The query with a condition. Most lists have none; then the query that was built once is used."""
    return query if isinstance(condition, sa.True_) else query.where(condition)


class CustomerStore:
    """The customers. A method that takes a merchant id uses only the customers of that merchant."""

    def insert(self, connection: sa.Connection, values: Record) -> Record:
        """Store a new customer and return the whole row."""
        return _only_row(connection.execute(_INSERT_CUSTOMER, values))

    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        """One customer of a merchant."""
        asked = {"merchant_id": merchant_id, "customer_id": customer_id}
        return _first_row(connection.execute(self._select_own, asked))

    def lock(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        """One customer of a merchant, locked until the transaction ends."""
        asked = {"merchant_id": merchant_id, "customer_id": customer_id}
        return _first_row(connection.execute(self._select_own_locked, asked))

    def lock_any(self, connection: sa.Connection, customer_id: str) -> Record | None:
        """One customer of any merchant, locked until the transaction ends."""
        return _first_row(connection.execute(_LOCK_CUSTOMER, {"the_id": customer_id}))

    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        """Write only these columns of a customer, and return the whole row."""
        return _only_row(connection.execute(_UPDATE_CUSTOMER, {"the_id": customer_id, **values}))

    def delete(self, connection: sa.Connection, customer_id: str) -> None:
        """Delete the row of a customer."""
        connection.execute(_DELETE_CUSTOMER, {"the_id": customer_id})

    def by_email(
        self, connection: sa.Connection, merchant_id: str, email_folded: str, *, lock: bool = False
    ) -> Sequence[Record]:
        """The customers of a merchant with this email, oldest first. With `lock` they are locked."""
        query = _select_by_email(self.order(), lock=lock)
        asked = {"the_merchant_id": merchant_id, "the_email_folded": email_folded}
        return _all_rows(connection.execute(query, asked))

    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        """How many customers of a merchant meet a condition."""
        query = _with_condition(_COUNT_CUSTOMERS, condition)
        return connection.scalar(query, {"the_merchant_id": merchant_id}) or 0

    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        """A part of the customers of a merchant that meet a condition."""
        query = _with_condition(_select_page(self.order()), condition)
        asked = {"the_merchant_id": merchant_id, "offset": offset, "limit": limit}
        return _all_rows(connection.execute(query, asked))

    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        """The order of every list: oldest first, then by id, so that the order is always the same."""
        return _OLDEST_FIRST

    def owned(self, merchant_id: Placeholder, customer_id: Placeholder) -> sa.ColumnElement[bool]:
        """The condition that a customer has this id and belongs to this merchant. It is built only once."""
        return sa.and_(customers.c.id == customer_id, customers.c.merchant_id == merchant_id)

    @cached_property
    def _select_own(self) -> sa.Select[Any]:
        merchant_id, customer_id = (
            sa.bindparam(name, type_=sa.String) for name in ("merchant_id", "customer_id")
        )
        return sa.select(customers).where(self.owned(merchant_id, customer_id))

    @cached_property
    def _select_own_locked(self) -> sa.Select[Any]:
        return self._select_own.with_for_update()


_INSERT_TOKEN = login_tokens.insert()
_TAKE_TOKEN = (
    login_tokens.delete()
    .where(_equals_parameter(login_tokens.c.merchant_id), _equals_parameter(login_tokens.c.digest))
    .returning(login_tokens)
)
_DELETE_TOKENS = login_tokens.delete().where(_equals_parameter(login_tokens.c.customer_id))


class TokenStore:
    """The login tokens that were not used yet. Each is found by its digest."""

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
        """Delete a token and return it. Of two calls at the same time only one gets it."""
        asked = {"the_merchant_id": merchant_id, "the_digest": digest}
        return _first_row(connection.execute(_TAKE_TOKEN, asked))

    def delete_of(self, connection: sa.Connection, customer_id: str) -> None:
        """Delete all tokens of a customer."""
        connection.execute(_DELETE_TOKENS, {"the_customer_id": customer_id})


_GET_PLAN = sa.select(payment_plans).where(_equals_parameter(payment_plans.c.id))
_INSERT_PLAN = payment_plans.insert()
_UPDATE_PLAN = payment_plans.update().where(_equals_parameter(payment_plans.c.id))
_UPDATE_PLANS = payment_plans.update().where(_equals_parameter(payment_plans.c.customer_id))
_GET_STATUSES = sa.select(payment_plans.c.status).where(_equals_parameter(payment_plans.c.customer_id))
_GET_PAYMENTS = (
    sa.select(payments)
    .where(_equals_parameter(payments.c.plan_id))
    .order_by(payments.c.paid_at, payments.c.id)
)
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
        return _first_row(connection.execute(_GET_PLAN, {"the_id": plan_id}))

    def payments_of(self, connection: sa.Connection, plan_id: str) -> Sequence[Record]:
        """The payments of a plan, oldest first."""
        return _all_rows(connection.execute(_GET_PAYMENTS, {"the_plan_id": plan_id}))

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
    """The transactions of the database, and its four stores.

    Args:
        database: The database.
        merchants: The merchants.
        customers: The customers of the merchants.
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
