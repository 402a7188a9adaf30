"""Removal of a customer's information under the GDPR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from partially_reference.clock import Clock
from partially_reference.contract import INPUT_FIELDS, PLAN_COPIES
from partially_reference.mail import Outbox
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import NotFound, OpenPlan
from partially_reference.storage.stores import Record, Storage


class Removal:
    """The three branches of removal. Source: customers.md, GDPR remove.

    Only a plan with the status `open` is open: one still in checkout or pending is not yet, and a
    defaulted one is no more.
    """

    open_statuses = frozenset({"open"})

    def __init__(
        self,
        storage: Storage,
        fields: Fields,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self.storage = storage
        self.fields = fields
        self.outbox = outbox
        self.clock = clock

    def remove(self, merchant_id: str, customer_id: str) -> None:
        """Delete or anonymise a customer, or refuse and change nothing. Removing twice is no error.

        Raises:
            NotFound: This merchant has no such customer.
            OpenPlan: The customer has an open payment plan.
        """
        with self.storage.writing() as connection:
            customer = self.storage.customers.lock(connection, merchant_id, customer_id)
            if customer is None:
                raise NotFound("Customer not found")
            statuses = self.storage.plans.statuses_of(connection, customer_id)
            self.refuse_open(statuses)
            self.forget_tokens(connection, customer)
            if statuses:
                self.anonymise(connection, customer)
                self.scrub_plans(connection, customer)
            else:
                self.delete(connection, customer)
        self.forget_emails(customer)

    def refuse_open(self, statuses: Sequence[str]) -> None:
        """Keep a customer with an open plan.

        Raises:
            OpenPlan: One of the plans is open.
        """
        if not self.open_statuses.isdisjoint(statuses):
            raise OpenPlan("Customers with open payment plans cannot be deleted")

    def delete(self, connection: sa.Connection, customer: Record) -> None:
        """Delete everything known of a customer without plans."""
        self.storage.customers.delete(connection, customer["id"])

    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        """Remove everything personal of a customer with plans, and keep the row for the plans."""
        values = self.anonymous_values(customer)
        columns = {
            **values,
            **self.fields.derived(values),
            "password_hash": None,
            "removed_at": self.clock.now(),
        }
        self.storage.customers.update(connection, customer["id"], columns)

    def anonymous_values(self, _customer: Record) -> dict[str, Any]:
        """What takes the place of a customer's fields: nothing at all, so no two customers can collide."""
        return dict.fromkeys(INPUT_FIELDS)

    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        """Remove the copies of the address that the customer's plans keep. Plans and payments stay."""
        self.storage.plans.update_of(connection, customer["id"], dict.fromkeys(PLAN_COPIES))

    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        """Void the login tokens the customer has not used."""
        self.storage.tokens.delete_of(connection, customer["id"])

    def forget_emails(self, customer: Record) -> None:
        """Forget the emails to the customer that were kept for the harness."""
        self.outbox.forget(customer["id"])
