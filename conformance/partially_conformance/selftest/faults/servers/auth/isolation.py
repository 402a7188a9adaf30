"""Faults of AUTH: a merchant reaches customers of another merchant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import INPUT_FIELDS
from partially_reference.http.answers import Answers
from partially_reference.mail import Email
from partially_reference.rules.customers import NOT_SAVED, Customers
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import InvalidInput, NotFound, Refusal
from partially_reference.rules.removal import Removal
from partially_reference.storage.stores import CustomerStore, Record, Storage
from partially_reference.storage.tables import customers, login_tokens
from partially_reference.text import fold


def _merchant_of(storage: Storage, customer_id: str) -> str | None:
    """Return the id of the merchant of this customer, None if there is no such customer."""
    with storage.reading() as connection:
        query = sa.select(customers.c.merchant_id).where(customers.c.id == customer_id)
        owner = connection.scalar(query)
    return None if owner is None else str(owner)


@fault(
    "AUTH-6", says="A search by last name covers the customers of all merchants, because AND binds before OR."
)
class LastNamesOfAllMerchants(CustomerStore):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        own: sa.ColumnElement[bool] = customers.c.merchant_id == merchant_id
        match condition:
            case sa.BooleanClauseList(clauses=[first, *others]):
                mixed = sa.or_(sa.and_(own, first), *others)
            case _:
                mixed = sa.and_(own, condition)
        query = sa.select(customers).where(mixed).order_by(*self.order()).offset(offset).limit(limit)
        return [row._asdict() for row in connection.execute(query)]


@fault("AUTH-6", says="The list without a search shows the customers of all merchants.")
class ListOfAllMerchants(CustomerStore):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        if not isinstance(condition, sa.True_):
            return super().page(connection, merchant_id, condition, offset, limit)
        query = sa.select(customers).order_by(*self.order()).offset(offset).limit(limit)
        return [row._asdict() for row in connection.execute(query)]


@fault("AUTH-6", says="The totals of a search count the customers of all merchants.")
class TotalsOfAllMerchants(CustomerStore):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        if isinstance(condition, sa.True_):
            return super().count(connection, merchant_id, condition)
        return connection.scalar(sa.select(sa.func.count()).select_from(customers).where(condition)) or 0


@fault("AUTH-7", says="A get looks for the id among the customers of all merchants.")
class ReadsOfAllMerchants(CustomerStore):
    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        row = connection.execute(sa.select(customers).where(customers.c.id == customer_id)).first()
        return None if row is None else row._asdict()


@fault("AUTH-7", says="The refusal of a get shows the email of another merchant's customer.")
class RefusalNamesTheCustomer(Customers):
    def read(self, merchant_id: str, customer_id: str) -> Record:
        owner = _merchant_of(self.storage, customer_id)
        if owner not in {None, merchant_id}:
            assert owner is not None
            email = super().read(owner, customer_id)["email"]
            raise NotFound(f"The customer {email} belongs to another merchant")
        return super().read(merchant_id, customer_id)


@fault("AUTH-8", "AUTH-9", says="Updates and removals look for the id among the customers of all merchants.")
class WritesOfAllMerchants(CustomerStore):
    def lock(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        return self.lock_any(connection, customer_id)


@fault("AUTH-8", says="An update changes another merchant's customer and then answers 404.")
class UpdateBeforeTheMerchant(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        updated = super().update(_merchant_of(self.storage, customer_id) or merchant_id, customer_id, body)
        if updated["merchant_id"] != merchant_id:
            raise NotFound("Customer not found")
        return updated


@fault(
    "AUTH-8",
    says="An update of another merchant's customer answers 200 with that customer and changes nothing.",
)
class UpdateOfOthersIgnored(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        owner = _merchant_of(self.storage, customer_id) or merchant_id
        return super().update(owner, customer_id, body if owner == merchant_id else {})


@fault("AUTH-9", says="A removal removes another merchant's customer and then answers 404.")
class RemovalBeforeTheMerchant(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        owner = _merchant_of(self.storage, customer_id)
        super().remove(owner or merchant_id, customer_id)
        if owner != merchant_id:
            raise NotFound("Customer not found")


@fault(
    "AUTH-9",
    says="A removal of another merchant's customer answers that it is done, although nothing was removed.",
)
class RemovalOfOthersIgnored(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        if _merchant_of(self.storage, customer_id) in {None, merchant_id}:
            super().remove(merchant_id, customer_id)


@fault("AUTH-10", says="A login by password looks for the email among the customers of all merchants.")
class PasswordsOfAllMerchants(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        with self.storage.reading() as connection:
            query = sa.select(customers).where(customers.c.email_folded == email.casefold())
            return [row._asdict() for row in connection.execute(query)]


@fault(
    "AUTH-10",
    says="A login by password finds only the newest customer with the email among all merchants.",
)
class NewestOfAllMerchants(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        with self.storage.reading() as connection:
            query = sa.select(customers).where(customers.c.email_folded == email.casefold())
            newest = connection.execute(query.order_by(customers.c.inserted_at.desc())).first()
        return [newest._asdict()] if newest is not None and newest.merchant_id == merchant_id else []


@fault("AUTH-10", says="A login accepts the password of another merchant's customer with the same email.")
class PasswordsOfTwins(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        own = self.candidates(merchant_id, email)
        with self.storage.reading() as connection:
            query = sa.select(customers.c.password_hash).where(customers.c.email_folded == fold(email))
            hashes = connection.scalars(query).all()
        if own and any(one and self.passwords.matches(password, one) for one in hashes):
            return own[0]
        return super().by_password(merchant_id, email, password)


@fault("AUTH-11", says="A token logs in with the key of any merchant.")
class TokensOfAllMerchants(Logins):
    def by_token(self, merchant_id: str, token: str) -> Record:
        with self.storage.reading() as connection:
            digest = self.tokens.digest(token)
            query = sa.select(login_tokens.c.merchant_id).where(login_tokens.c.digest == digest)
            owner = connection.scalar(query)
        return super().by_token(owner or merchant_id, token)


@fault("AUTH-11", says="A login email is sent to the customer of another merchant.")
class TokensAskedForByOthers(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent = super().send_token(merchant_id, email)
        if sent is not None:
            return sent
        with self.storage.reading() as connection:
            query = sa.select(customers.c.merchant_id).where(customers.c.email_folded == email.casefold())
            owner = connection.scalar(query)
        return None if owner is None else super().send_token(owner, email)


class _NotYours(Refusal):
    """The customer belongs to another merchant."""


class _NotYours403(Answers):
    def status(self, refusal: Refusal) -> int:
        return 403 if isinstance(refusal, _NotYours) else super().status(refusal)


@fault(
    "AUTH-15",
    says="Another merchant's customer is answered with 403, an unknown one with 404.",
    also=[_NotYours403],
)
class OthersAreForbidden(Customers):
    def read(self, merchant_id: str, customer_id: str) -> Record:
        if _merchant_of(self.storage, customer_id) not in {None, merchant_id}:
            raise _NotYours("The customer belongs to another merchant")
        return super().read(merchant_id, customer_id)


@fault("AUTH-6", says="All pages of the list but the first show the customers of all merchants.")
class LaterPagesOfAllMerchants(CustomerStore):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        if offset == 0:
            return super().page(connection, merchant_id, condition, offset, limit)
        query = sa.select(customers).where(condition).order_by(*self.order()).offset(offset).limit(limit)
        return [row._asdict() for row in connection.execute(query)]


@fault("AUTH-9", says="A removal anonymises another merchant's customer who has plans.")
class RemovesOthersWithPlans(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.reading() as connection:
            has_plans = bool(self.storage.plans.statuses_of(connection, customer_id))
        owner = _merchant_of(self.storage, customer_id) if has_plans else None
        super().remove(owner or merchant_id, customer_id)


def _with_email_elsewhere(storage: Storage, merchant_id: str, email: str) -> Record | None:
    """Return a customer of another merchant with this email, None if there is none."""
    with storage.reading() as connection:
        query = sa.select(customers).where(
            customers.c.merchant_id != merchant_id, customers.c.email_claimed == fold(email)
        )
        row = connection.execute(query).first()
    return None if row is None else row._asdict()


@fault("AUTH-16", says="A create with the email of another merchant's customer answers with that customer.")
class CustomerOfAnyMerchantReturned(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        return _with_email_elsewhere(self.storage, merchant_id, body["email"]) or super().create(
            merchant_id, body
        )


@fault(
    "AUTH-16",
    says="A create fills in fields that were not sent from another merchant's customer with the same email.",
)
class FilledInFromElsewhere(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        known = _with_email_elsewhere(self.storage, merchant_id, body["email"]) or {}
        kept = {name: value for name, value in known.items() if name in INPUT_FIELDS}
        return super().create(merchant_id, {**kept, **body})


@fault(
    "AUTH-16",
    says="An update to the email of another merchant's customer is refused with that customer's name.",
)
class RefusalNamesWhoHasTheEmail(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        taken = _with_email_elsewhere(self.storage, merchant_id, body["email"]) if "email" in body else None
        if taken is not None:
            raise InvalidInput(NOT_SAVED, [f"Email: belongs to {taken['first_name']} {taken['last_name']}"])
        return super().update(merchant_id, customer_id, body)


@fault("AUTH-16", says="A create with the email of another merchant's customer is answered with 500.")
class ClashOfEmailsFails(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        if _with_email_elsewhere(self.storage, merchant_id, body["email"]):
            raise RuntimeError("UNIQUE constraint failed: customers.email")
        return super().create(merchant_id, body)
