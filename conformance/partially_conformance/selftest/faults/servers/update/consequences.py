"""Faults of UPDATE: former emails, the plans of a customer, and responses that show something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import PLAN_COPIES
from partially_reference.rules.customers import NOT_SAVED, Customers
from partially_reference.rules.refusals import InvalidInput
from partially_reference.storage.stores import PlanStore, Record
from partially_reference.storage.tables import payment_plans


class _KeepsFormerEmails(Customers):
    """Keeps the emails that customers had before an update."""

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        after = super().update(merchant_id, customer_id, body)
        if before["email_folded"] != after["email_folded"]:
            self.__dict__.setdefault("former", {})[merchant_id, before["email_folded"]] = customer_id
        return after

    def refuse_former(
        self, merchant_id: str, body: Mapping[str, Any], customer_id: str | None = None
    ) -> None:
        email = self.fields.derived(self.fields.pick(body)).get("email_folded")
        owner = self.__dict__.get("former", {}).get((merchant_id, email))
        if owner is not None and owner != customer_id:
            raise InvalidInput(NOT_SAVED, ["Email: has already been taken"])


@fault("UPDATE-22", says="A create with the former email of another customer is refused.")
class FormerEmailsStayTaken(_KeepsFormerEmails):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        self.refuse_former(merchant_id, body)
        return super().create(merchant_id, body)


@fault("UPDATE-22", says="An update to the former email of another customer is refused.")
class FormerEmailsAreNoUpdate(_KeepsFormerEmails):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        self.refuse_former(merchant_id, body, customer_id)
        return super().update(merchant_id, customer_id, body)


@fault("UPDATE-22", says="A customer cannot have an email again that it had before.")
class NoWayBack(_KeepsFormerEmails):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        email = self.fields.derived(self.fields.pick(body)).get("email_folded")
        if self.__dict__.get("former", {}).get((merchant_id, email)) == customer_id:
            raise InvalidInput(NOT_SAVED, ["Email: has already been taken"])
        return super().update(merchant_id, customer_id, body)


class _WritesPlans(Customers):
    """Writes columns of the plans of a customer after each update."""

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        updated = super().update(merchant_id, customer_id, body)
        if values := self.plan_values(updated, body):
            with self.storage.writing() as connection:
                self.storage.plans.update_of(connection, customer_id, values)
        return updated

    def plan_values(self, updated: Record, body: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


@fault("UPDATE-23", says="An update of the address also changes the copies on the customer's plans.")
class PlansFollowTheAddress(_WritesPlans):
    def plan_values(self, updated: Record, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: updated[name] for name in PLAN_COPIES if name in body}


@fault("UPDATE-23", says="An update of the country sets the plans of the customer back to pending.")
class PlansStartAgain(_WritesPlans):
    def plan_values(self, updated: Record, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"status": "pending"} if "shipto_country" in body else {}


@fault("UPDATE-23", says="A new plan gets the address of the customer's first plan.")
class AddressOfTheFirstPlan(PlanStore):
    def insert(self, connection: sa.Connection, values: Record) -> str:
        of_customer = payment_plans.c.customer_id == values["customer_id"]
        first = connection.execute(sa.select(payment_plans).where(of_customer)).first()
        copies = {name: first._mapping[name] for name in PLAN_COPIES} if first else {}
        return super().insert(connection, {**values, **copies})


@fault(
    "UPDATE-8", says="An update that changes nothing is answered with the oldest customer of the merchant."
)
class EmptyUpdateShowsAnother(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        updated = super().update(merchant_id, customer_id, body)
        if self.fields.pick(body):
            return updated
        oldest: Record = self.list(merchant_id, None, 1, 1)["customers"][0]
        return oldest


@fault("UPDATE-9", "UPDATE-17", says="The response to an update with null shows the last name as null.")
class NullShownForTheName(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        updated = super().update(merchant_id, customer_id, body)
        return {**updated, "last_name": None} if None in body.values() else updated
