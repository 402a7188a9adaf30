"""Faults of GDPR: removals after several plans, updates or refusals, and effects on other customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import PLAN_COPIES
from partially_reference.http.answers import Answers
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.rules.customers import Customers
from partially_reference.rules.refusals import OpenPlan
from partially_reference.rules.removal import Removal
from partially_reference.storage.stores import PlanStore, Record
from partially_reference.storage.tables import customers, login_tokens, payment_plans, payments

# -- which plans refuse a removal --------------------------------------------------------


@fault("GDPR-9", says="A removal checks only the three newest plans.")
class OnlyTheNewestPlans(Removal):
    def refuse_open(self, statuses: Sequence[str]) -> None:
        super().refuse_open(statuses[-3:])


@fault("GDPR-9", says="A removal is refused for exactly one open plan, but not for two.")
class TwoOpenPlansAreNone(Removal):
    def refuse_open(self, statuses: Sequence[str]) -> None:
        if list(statuses).count("open") == 1:
            super().refuse_open(statuses)


@fault("GDPR-9", says="A defaulted plan lets a removal ignore open plans.")
class DefaultedHidesOpen(Removal):
    def refuse_open(self, statuses: Sequence[str]) -> None:
        if "defaulted" not in statuses:
            super().refuse_open(statuses)


@fault("GDPR-3", says="A plan that was closed once counts as closed after it was opened again.")
class ReopenedPlanIsClosed(PlanStore):
    def insert(self, connection: sa.Connection, values: Record) -> str:
        plan_id = super().insert(connection, values)
        self._note(plan_id, values["status"])
        return plan_id

    def set_status(self, connection: sa.Connection, plan_id: str, status: str) -> None:
        super().set_status(connection, plan_id, status)
        self._note(plan_id, status)

    def statuses_of(self, connection: sa.Connection, customer_id: str) -> Sequence[str]:
        query = sa.select(payment_plans.c.id, payment_plans.c.status)
        rows = connection.execute(query.where(payment_plans.c.customer_id == customer_id)).all()
        closed = self.__dict__.get("closed", {})
        return [closed.get(plan_id, status) for plan_id, status in rows]

    def _note(self, plan_id: str, status: str) -> None:
        if status in ("paid", "canceled"):
            self.__dict__.setdefault("closed", {})[plan_id] = status


class _RemembersRefusals(Removal):
    """Calls `again` when a removal is refused a second time."""

    def remove(self, merchant_id: str, customer_id: str) -> None:
        refused: set[str] = self.__dict__.setdefault("refused", set())
        try:
            super().remove(merchant_id, customer_id)
        except OpenPlan:
            if customer_id in refused:
                self.again(merchant_id, customer_id)
            refused.add(customer_id)
            raise

    def again(self, merchant_id: str, customer_id: str) -> None:
        raise NotImplementedError


@fault("GDPR-4", says="A removal that is refused a second time clears the first name.")
class SecondRefusalClearsTheName(_RemembersRefusals):
    def again(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.writing() as connection:
            self.storage.customers.update(connection, customer_id, {"first_name": None})


@fault("GDPR-3", says="The second request to remove a customer anonymises it in spite of an open plan.")
class SecondRequestConfirms(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        try:
            super().remove(merchant_id, customer_id)
        except OpenPlan:
            asked: set[str] = self.__dict__.setdefault("asked", set())
            if customer_id not in asked:
                asked.add(customer_id)
                raise
            with self.storage.writing() as connection:
                customer = self.storage.customers.lock(connection, merchant_id, customer_id)
                assert customer is not None
                self.anonymise(connection, customer)


@fault("GDPR-4", says="After a refused removal, the customer cannot be updated.")
class RefusalLeavesItPending(CustomersApi):
    def gdpr_remove_customer(self, call: Call) -> Response:
        try:
            return super().gdpr_remove_customer(call)
        except OpenPlan:
            self.__dict__.setdefault("pending", set()).add(call.path["id"])
            raise

    def update_customer(self, call: Call) -> Response:
        if call.path["id"] in self.__dict__.get("pending", ()):
            raise OpenPlan("The customer is being removed")
        return super().update_customer(call)


@fault("GDPR-30", says="A refused removal voids the login tokens of the customer.")
class VoidsTokensBeforeItLooks(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.writing() as connection:
            customer = self.storage.customers.lock(connection, merchant_id, customer_id)
            if customer is not None:
                self.forget_tokens(connection, customer)
        super().remove(merchant_id, customer_id)


class _ShowsLanguage(Answers):
    """Shows the language of a customer."""

    def shown(self, customer: Record) -> dict[str, Any]:
        return {**super().shown(customer), "language": customer["language"]}


@fault(
    "GDPR-4", says="A refused removal clears the language, which this server shows.", also=[_ShowsLanguage]
)
class RefusalResetsLanguage(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        try:
            super().remove(merchant_id, customer_id)
        except OpenPlan:
            with self.storage.writing() as connection:
                self.storage.customers.update(connection, customer_id, {"language": None})
            raise


# -- leaked data -------------------------------------------------------------------------


@fault("GDPR-5", says="The email of an anonymised customer keeps the part before the @.")
class KeepsTheLocalPart(Removal):
    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        local = customer["email"].partition("@")[0]
        return {**super().anonymous_values(customer), "email": f"{local}@removed.example.com"}


@fault("GDPR-5", says="Values that an update changed are still shown after the customer was anonymised.")
class KeepsWhatWasUpdated(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        after = super().update(merchant_id, customer_id, body)
        self.__dict__.setdefault("changed", {}).setdefault(customer_id, {}).update(body)
        return after

    def found(self, customer: Record | None) -> Record:
        customer = super().found(customer)
        if customer["removed_at"] is None:
            return customer
        changed = self.__dict__.get("changed", {}).get(customer["id"], {})
        return {**customer, **{name: value for name, value in changed.items() if name != "email"}}


@fault("GDPR-5", says="A customer without names keeps phone and address when it is anonymised.")
class NamelessStays(Removal):
    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        values = super().anonymous_values(customer)
        if customer["first_name"] is None and customer["last_name"] is None:
            return {**values, "phone": customer["phone"], "shipto_address": customer["shipto_address"]}
        return values


@fault("GDPR-5", says="An update of an anonymised customer writes its old names back from a cached copy.")
class UpdateWritesACopy(CustomersApi):
    def get_customer(self, call: Call) -> Response:
        self._remember(call)
        return super().get_customer(call)

    def gdpr_remove_customer(self, call: Call) -> Response:
        self._remember(call)
        return super().gdpr_remove_customer(call)

    def update_customer(self, call: Call) -> Response:
        copy = self.__dict__.get("copies", {}).get(call.path["id"])
        storage = self.customers.storage
        with storage.writing() as connection:
            now = storage.customers.lock(connection, call.merchant_id, call.path["id"])
            if copy is None or now is None or now["removed_at"] is None:
                copy = None
            else:
                names = {"first_name": copy["first_name"], "last_name": copy["last_name"]}
                now = storage.customers.update(connection, now["id"], names)
        return super().update_customer(call) if copy is None or now is None else self.answers.customer(now)

    def _remember(self, call: Call) -> None:
        customer = self.customers.read(call.merchant_id, call.path["id"])
        if customer["removed_at"] is None:
            self.__dict__.setdefault("copies", {})[customer["id"]] = customer


# -- plans after a removal ---------------------------------------------------------------


def _delete_plans(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> None:
    plans = sa.select(payment_plans.c.id).where(condition)
    connection.execute(payments.delete().where(payments.c.plan_id.in_(plans)))
    connection.execute(payment_plans.delete().where(condition))


@fault("GDPR-7", says="A customer who has only canceled plans is deleted together with the plans.")
class CanceledIsNoHistory(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        if set(self.storage.plans.statuses_of(connection, customer["id"])) != {"canceled"}:
            super().anonymise(connection, customer)
            return
        _delete_plans(connection, payment_plans.c.customer_id == customer["id"])
        self.delete(connection, customer)


@fault("GDPR-7", says="The second removal of a customer deletes its plans.")
class SecondRemovalTakesPlans(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        if customer["removed_at"] is not None:
            _delete_plans(connection, payment_plans.c.customer_id == customer["id"])
        super().anonymise(connection, customer)


@fault(
    "GDPR-11", says="A removal keeps the copies of the address on plans that are neither paid nor canceled."
)
class UnfinishedPlansKeepCopies(Removal):
    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        own = payment_plans.c.customer_id == customer["id"]
        finished = payment_plans.c.status.in_(("paid", "canceled"))
        statement = payment_plans.update().where(own, finished)
        connection.execute(statement.values(**dict.fromkeys(PLAN_COPIES)))


@fault("GDPR-13", says="The deletion of a customer deletes the paid plans of all customers.")
class DeletionTakesPaidPlans(Removal):
    def delete(self, connection: sa.Connection, customer: Record) -> None:
        super().delete(connection, customer)
        _delete_plans(connection, payment_plans.c.status == "paid")


# -- other customers ---------------------------------------------------------------------


@fault("GDPR-12", says="Anonymising a customer clears the address of all customers with the same address.")
class AnonymisesTheHousehold(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        super().anonymise(connection, customer)
        at_address = customers.c.shipto_address == customer["shipto_address"]
        connection.execute(customers.update().where(at_address).values(shipto_address=None))


@fault("GDPR-29", says="A removal voids the login tokens of all customers.")
class VoidsAllTokens(Removal):
    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        connection.execute(login_tokens.delete())


@fault("GDPR-29", says="Anonymising a customer voids the login tokens of all customers.")
class AnonymisingVoidsAllTokens(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        super().anonymise(connection, customer)
        connection.execute(login_tokens.delete())


@fault("GDPR-28", says="A removal deletes the passwords of all customers.")
class ForgetsAllPasswords(Removal):
    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        super().forget_tokens(connection, customer)
        connection.execute(customers.update().values(password_hash=None))
