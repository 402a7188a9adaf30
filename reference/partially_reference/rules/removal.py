"""Removes the information of a customer, as the GDPR demands."""

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
    """Refuses a removal, deletes a customer or anonymises one. The published text: "GDPR remove".

    Only a plan with the status `open` is open. A plan in checkout or pending is not open yet, and a
    defaulted plan is not open any more.
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
        """Delete or anonymise a customer, or refuse and change nothing.

        An anonymised customer can be removed again.

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
        """Refuse the removal of a customer with an open plan.

        Raises:
            OpenPlan: One of the plans is open.
        """
        if not self.open_statuses.isdisjoint(statuses):
            raise OpenPlan("Customers with open payment plans cannot be deleted")

    def delete(self, connection: sa.Connection, customer: Record) -> None:
        """Delete a customer without plans."""
        self.storage.customers.delete(connection, customer["id"])

    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        """Remove the personal values of a customer with plans. The row stays, since plans refer to it."""
        values = self.anonymous_values(customer)
        columns = {
            **values,
            **self.fields.derived(values),
            "password_hash": None,
            "removed_at": self.clock.now(),
        }
        self.storage.customers.update(connection, customer["id"], columns)

    def anonymous_values(self, _customer: Record) -> dict[str, Any]:
        """The values that replace the fields of a customer: null, so that no two customers collide."""
        return dict.fromkeys(INPUT_FIELDS)

    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        """Remove the copies of the address from the customer's plans. The plans and payments stay."""
        self.storage.plans.update_of(connection, customer["id"], dict.fromkeys(PLAN_COPIES))

    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        """Delete the login tokens that the customer has not used."""
        self.storage.tokens.delete_of(connection, customer["id"])

    def forget_emails(self, customer: Record) -> None:
        """Delete the emails to the customer that were kept for the harness."""
        self.outbox.forget(customer["id"])
