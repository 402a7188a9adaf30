"""The operations of the harness, a test-only API. It is served only on request and without authentication."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_reference.clock import Clock
from partially_reference.contract import PLAN_COPIES
from partially_reference.http.answers import Answers, timestamp
from partially_reference.http.routing import Call, Handler
from partially_reference.mail import Outbox
from partially_reference.rules.passwords import Passwords
from partially_reference.rules.refusals import NotFound
from partially_reference.storage.stores import Record, Storage


class HarnessApi:
    """One method for each operation of harness.yaml."""

    capabilities = ("password", "payment_plans", "emails", "clock")
    plan_amount, payment_amount, currency = "100.00", "25.00", "USD"

    def __init__(
        self,
        storage: Storage,
        passwords: Passwords,
        outbox: Outbox,
        clock: Clock,
        answers: Answers,
    ) -> None:
        self.storage = storage
        self.passwords = passwords
        self.outbox = outbox
        self.clock = clock
        self.answers = answers

    def handlers(self) -> dict[str, Handler]:
        """The method of each operation by the id of the operation."""
        return {
            "getCapabilities": self.get_capabilities,
            "setPassword": self.set_password,
            "createPaymentPlan": self.create_payment_plan,
            "getPaymentPlan": self.get_payment_plan,
            "updatePaymentPlan": self.update_payment_plan,
            "listEmails": self.list_emails,
            "advanceClock": self.advance_clock,
        }

    def get_capabilities(self, _call: Call) -> Response:
        """List the parts that the harness offers."""
        return self.answers.json({"capabilities": list(self.capabilities)})

    def set_password(self, call: Call) -> Response:
        """Set the password of a customer."""
        password_hash = self.passwords.hash(call.body["password"])
        with self.storage.writing() as connection:
            customer = self.customer(connection, call.path["id"])
            self.storage.customers.update(connection, customer["id"], {"password_hash": password_hash})
        return Response(status_code=204)

    def create_payment_plan(self, call: Call) -> Response:
        """Create a plan for a customer, with one payment and copies of the customer's address."""
        with self.storage.writing() as connection:
            customer = self.customer(connection, call.path["id"])
            plan = {
                "customer_id": customer["id"],
                "status": call.body["status"],
                "amount": self.plan_amount,
                "currency": self.currency,
                **{name: customer[name] for name in PLAN_COPIES},
            }
            plan_id = self.storage.plans.insert(connection, plan)
            self.storage.plans.insert_payment(connection, plan_id, self.payment_amount, self.clock.now())
            return self.answers.json(self.plan(connection, plan_id), 201)

    def get_payment_plan(self, call: Call) -> Response:
        """Show a plan exactly as it is stored now."""
        with self.storage.reading() as connection:
            return self.answers.json(self.plan(connection, call.path["plan_id"]))

    def update_payment_plan(self, call: Call) -> Response:
        """Change the status of a plan."""
        plan_id = call.path["plan_id"]
        with self.storage.writing() as connection:
            # Locks the customer, so that a removal at the same time sees either the old or the new status.
            self.customer(connection, self.plan(connection, plan_id)["customer_id"])
            self.storage.plans.set_status(connection, plan_id, call.body["status"])
            return self.answers.json(self.plan(connection, plan_id))

    def list_emails(self, call: Call) -> Response:
        """Show the emails to an address."""
        emails = self.outbox.sent_to(call.query["to"])
        shown = [{"to": email.to, "subject": email.subject, "body": email.body} for email in emails]
        return self.answers.json({"emails": shown})

    def advance_clock(self, call: Call) -> Response:
        """Move the clock for expiry and limits forward."""
        self.clock.advance(call.body["seconds"])
        return Response(status_code=204)

    def customer(self, connection: sa.Connection, customer_id: str) -> Record:
        """A customer of any merchant, locked until the transaction ends.

        Raises:
            NotFound: There is no such customer.
        """
        customer = self.storage.customers.lock_any(connection, customer_id)
        if customer is None:
            raise NotFound("Customer not found")
        return customer

    def plan(self, connection: sa.Connection, plan_id: str) -> dict[str, Any]:
        """A plan with its payments, as the harness shows it.

        Raises:
            NotFound: There is no such plan.
        """
        plan = self.storage.plans.get(connection, plan_id)
        if plan is None:
            raise NotFound("Payment plan not found")
        payments = [
            {"id": one["id"], "amount": one["amount"], "paid_at": timestamp(one["paid_at"])}
            for one in self.storage.plans.payments_of(connection, plan_id)
        ]
        return {**plan, "payments": payments}
