"""The tables. The OpenAPI document names the columns for the fields of a customer."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Float, ForeignKey, Index, MetaData, String, Table, Text

from partially_reference.contract import INPUT_FIELDS, PLAN_COPIES

metadata = MetaData()

FOLDED_FIELDS = ("email", "first_name", "last_name")
"""The fields that are searched without regard to case. `email` has the folded copy `email_folded`."""


def _id() -> Column[str]:
    return Column("id", String(36), primary_key=True)


merchants = Table(
    "merchants",
    metadata,
    _id(),
    Column("key_digest", String(64), nullable=False, unique=True),
)

customers = Table(
    "customers",
    metadata,
    _id(),
    Column("merchant_id", ForeignKey(merchants.c.id), nullable=False),
    Column("inserted_at", DateTime, nullable=False),
    *(Column(name, Text) for name in INPUT_FIELDS),
    # Folded copies, because SQLite ignores the case of ASCII letters only.
    *(Column(f"{name}_folded", Text) for name in FOLDED_FIELDS),
    # The email that no other customer of this merchant may have. Null after the customer is anonymised.
    Column("email_claimed", Text),
    Column("password_hash", Text),
    Column("removed_at", DateTime),
    Index("customers_by_age", "merchant_id", "inserted_at", "id"),
    # Contains the order of lists too. Otherwise SQLite uses the index above and reads all customers.
    Index("customers_by_email", "merchant_id", "email_folded", "inserted_at", "id"),
    Index("customers_email_claimed", "merchant_id", "email_claimed", unique=True),
)

login_tokens = Table(
    "login_tokens",
    metadata,
    Column("merchant_id", ForeignKey(merchants.c.id), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("customer_id", ForeignKey(customers.c.id), nullable=False, index=True),
    Column("expires_at", Float(53), nullable=False),
)

payment_plans = Table(
    "payment_plans",
    metadata,
    _id(),
    Column("customer_id", ForeignKey(customers.c.id), nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("amount", Text, nullable=False),
    Column("currency", Text, nullable=False),
    *(Column(name, Text) for name in PLAN_COPIES),
)

payments = Table(
    "payments",
    metadata,
    _id(),
    Column("plan_id", ForeignKey(payment_plans.c.id), nullable=False, index=True),
    Column("amount", Text, nullable=False),
    Column("paid_at", DateTime, nullable=False),
)
