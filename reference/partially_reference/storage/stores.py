"""What is asked of the tables. Every method works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
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


def _one(result: sa.Result[Any]) -> Record:
    return result.one()._asdict()


def _first(result: sa.Result[Any]) -> Record | None:
    row = result.first()
    return None if row is None else row._asdict()


def _all(result: sa.Result[Any]) -> list[Record]:
    return [row._asdict() for row in result]


class MerchantStore:
    """The merchants, known by the digest of their API key."""

    def get_or_create(self, connection: sa.Connection, key_digest: str) -> str:
        """The id of the merchant with this key, who is created if new."""
        found = connection.scalar(sa.select(merchants.c.id).where(merchants.c.key_digest == key_digest))
        if found is not None:
            return str(found)
        merchant_id = new_id()
        connection.execute(merchants.insert().values(id=merchant_id, key_digest=key_digest))
        return merchant_id


class CustomerStore:
    """The customers. Whoever names a merchant reaches the customers of that merchant only."""

    def insert(self, connection: sa.Connection, values: Record) -> Record:
        """Store a new customer and return the whole row."""
        return _one(connection.execute(customers.insert().values(**values).returning(customers)))

    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        """One customer of a merchant."""
        return _first(connection.execute(sa.select(customers).where(self.owned(merchant_id, customer_id))))

    def lock(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        """One customer of a merchant, kept from others until the transaction ends."""
        query = sa.select(customers).where(self.owned(merchant_id, customer_id)).with_for_update()
        return _first(connection.execute(query))

    def lock_any(self, connection: sa.Connection, customer_id: str) -> Record | None:
        """One customer of whatever merchant, kept from others until the transaction ends."""
        query = sa.select(customers).where(customers.c.id == customer_id).with_for_update()
        return _first(connection.execute(query))

    def update(self, connection: sa.Connection, customer_id: str, values: Record) -> Record:
        """Write these columns of a customer, no others, and return the whole row."""
        statement = (
            customers.update().where(customers.c.id == customer_id).values(**values).returning(customers)
        )
        return _one(connection.execute(statement))

    def delete(self, connection: sa.Connection, customer_id: str) -> None:
        """Delete the row of a customer."""
        connection.execute(customers.delete().where(customers.c.id == customer_id))

    def by_email(
        self, connection: sa.Connection, merchant_id: str, email_folded: str, *, lock: bool = False
    ) -> Sequence[Record]:
        """The customers of a merchant with this email, oldest first; kept from others when locked."""
        query = sa.select(customers).where(
            customers.c.merchant_id == merchant_id, customers.c.email_folded == email_folded
        )
        query = query.order_by(*self.order())
        return _all(connection.execute(query.with_for_update() if lock else query))

    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        """How many customers of a merchant meet a condition."""
        query = sa.select(sa.func.count()).select_from(customers)
        return connection.scalar(query.where(customers.c.merchant_id == merchant_id, condition)) or 0

    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        """Some of the customers of a merchant who meet a condition."""
        query = sa.select(customers).where(customers.c.merchant_id == merchant_id, condition)
        return _all(connection.execute(query.order_by(*self.order()).offset(offset).limit(limit)))

    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        """The order of every list: oldest first, and no two customers at the same place."""
        return (customers.c.inserted_at, customers.c.id)

    def owned(self, merchant_id: str, customer_id: str) -> sa.ColumnElement[bool]:
        """The customer has this id and belongs to this merchant."""
        return sa.and_(customers.c.id == customer_id, customers.c.merchant_id == merchant_id)


class TokenStore:
    """The login tokens that are still outstanding, known by their digest."""

    def insert(self, connection: sa.Connection, customer: Record, digest: str, expires_at: float) -> None:
        """Store a token of a customer."""
        connection.execute(
            login_tokens.insert().values(
                merchant_id=customer["merchant_id"],
                digest=digest,
                customer_id=customer["id"],
                expires_at=expires_at,
            )
        )

    def take(self, connection: sa.Connection, merchant_id: str, digest: str) -> Record | None:
        """Remove a token and return it. Of two who ask at once only one gets it."""
        statement = (
            login_tokens.delete()
            .where(login_tokens.c.merchant_id == merchant_id, login_tokens.c.digest == digest)
            .returning(login_tokens)
        )
        return _first(connection.execute(statement))

    def delete_of(self, connection: sa.Connection, customer_id: str) -> None:
        """Remove all tokens of a customer."""
        connection.execute(login_tokens.delete().where(login_tokens.c.customer_id == customer_id))


class PlanStore:
    """The payment plans and their payments."""

    def insert(self, connection: sa.Connection, values: Record) -> str:
        """Store a new plan and return its id."""
        plan_id = new_id()
        connection.execute(payment_plans.insert().values(id=plan_id, **values))
        return plan_id

    def insert_payment(self, connection: sa.Connection, plan_id: str, amount: str, paid_at: datetime) -> None:
        """Store a payment of a plan."""
        connection.execute(
            payments.insert().values(id=new_id(), plan_id=plan_id, amount=amount, paid_at=paid_at)
        )

    def get(self, connection: sa.Connection, plan_id: str) -> Record | None:
        """One plan."""
        return _first(connection.execute(sa.select(payment_plans).where(payment_plans.c.id == plan_id)))

    def payments_of(self, connection: sa.Connection, plan_id: str) -> Sequence[Record]:
        """The payments of a plan, oldest first."""
        query = (
            sa.select(payments)
            .where(payments.c.plan_id == plan_id)
            .order_by(payments.c.paid_at, payments.c.id)
        )
        return _all(connection.execute(query))

    def statuses_of(self, connection: sa.Connection, customer_id: str) -> Sequence[str]:
        """The status of each plan of a customer."""
        query = sa.select(payment_plans.c.status).where(payment_plans.c.customer_id == customer_id)
        return connection.scalars(query).all()

    def set_status(self, connection: sa.Connection, plan_id: str, status: str) -> None:
        """Change the status of a plan."""
        connection.execute(payment_plans.update().where(payment_plans.c.id == plan_id).values(status=status))

    def update_of(self, connection: sa.Connection, customer_id: str, values: Record) -> None:
        """Write these columns of all plans of a customer."""
        connection.execute(
            payment_plans.update().where(payment_plans.c.customer_id == customer_id).values(**values)
        )


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
