"""Lists, reads, creates and updates customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from partially_reference.clock import Clock
from partially_reference.rules.fields import Fields
from partially_reference.rules.paging import Paging
from partially_reference.rules.refusals import AlreadyRemoved, InvalidInput, NotFound
from partially_reference.rules.search import Search
from partially_reference.storage.stores import Record, Storage, new_id

NOT_SAVED = "The customer could not be saved"


class Customers:
    """The customers of each merchant."""

    def __init__(
        self,
        storage: Storage,
        fields: Fields,
        search: Search,
        paging: Paging,
        clock: Clock,
    ) -> None:
        self.storage = storage
        self.fields = fields
        self.search = search
        self.paging = paging
        self.clock = clock

    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        """One page of the customers of a merchant. With a query, only those that match."""
        number, size = self.paging.number(page), self.paging.size(per_page)
        condition = self.search.condition(q)
        with self.storage.reading() as connection:
            total = self.storage.customers.count(connection, merchant_id, condition)
            rows = self.storage.customers.page(
                connection, merchant_id, condition, self.paging.offset(number, size), size
            )
        return self.paging.envelope(rows, number, size, total)

    def read(self, merchant_id: str, customer_id: str) -> Record:
        """One customer.

        Raises:
            NotFound: This merchant has no such customer.
        """
        with self.storage.reading() as connection:
            return self.found(self.storage.customers.get(connection, merchant_id, customer_id))

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        """Store a new customer.

        Raises:
            InvalidInput: Another customer of the merchant already has this email.
        """
        values = self.fields.for_create(body)
        row = {**values, **self.fields.derived(values), **self.identity(merchant_id)}
        with self.unique_email(), self.storage.writing() as connection:
            return self.storage.customers.insert(connection, row)

    def identity(self, merchant_id: str) -> dict[str, Any]:
        """The values of a new customer that only the server sets."""
        return {"id": new_id(), "merchant_id": merchant_id, "inserted_at": self.clock.now()}

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        """Change the fields that were sent.

        Only the columns of these fields are written, so two updates of different fields at the same
        time are both kept. A new email voids the login tokens that were sent to the old one.

        Raises:
            NotFound: This merchant has no such customer.
            AlreadyRemoved: The customer's information was removed.
            InvalidInput: Another customer of the merchant has the new email.
        """
        values = self.fields.for_update(body)
        with self.unique_email(), self.storage.writing() as connection:
            before = self.found(self.storage.customers.lock(connection, merchant_id, customer_id))
            self.refuse_removed(before)
            if not values:
                return before
            after = self.storage.customers.update(
                connection, customer_id, {**values, **self.fields.derived(values)}
            )
            if self.email_changed(before, after):
                self.storage.tokens.delete_of(connection, customer_id)
            return after

    def email_changed(self, before: Record, after: Record) -> bool:
        """Whether emails to the customer now go to another address."""
        return bool(before["email_folded"] != after["email_folded"])

    def refuse_removed(self, customer: Record) -> None:
        """Refuse an update that would give an anonymised customer personal information again.

        Raises:
            AlreadyRemoved: The customer's information was removed.
        """
        if customer["removed_at"] is not None:
            raise AlreadyRemoved("The customer's information was removed and cannot be changed")

    def found(self, customer: Record | None) -> Record:
        """The customer, if there is one.

        Raises:
            NotFound: There is no such customer.
        """
        if customer is None:
            raise NotFound("Customer not found")
        return customer

    @contextmanager
    def unique_email(self) -> Iterator[None]:
        """Turn the error of the database about a taken email into a refusal.

        Raises:
            InvalidInput: Another customer of the merchant has this email.
        """
        try:
            yield
        except sa.exc.IntegrityError as error:
            if "email_claimed" not in str(error.orig):
                raise
            raise InvalidInput(NOT_SAVED, ["Email: has already been taken"]) from error
