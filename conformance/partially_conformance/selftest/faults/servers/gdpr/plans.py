"""Faults of GDPR: removals of customers with payment plans, and the plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import PLAN_COPIES
from partially_reference.http.answers import Answers
from partially_reference.rules.refusals import OpenPlan
from partially_reference.rules.removal import Removal
from partially_reference.storage.stores import PlanStore, Record
from partially_reference.storage.tables import customers, login_tokens, payment_plans, payments

# -- which plans refuse a removal --------------------------------------------------------


@fault("GDPR-3", "GDPR-9", says="A customer with an open plan is anonymised.")
class OpenPlansDoNotCount(Removal):
    open_statuses = frozenset()


@fault("GDPR-3", "GDPR-9", says="A removal that is refused for an open plan is answered with 200.")
class RefusesWithSuccess(Answers):
    statuses = {**Answers.statuses, OpenPlan: 200}  # noqa: RUF012 - as in the class it replaces


@fault("GDPR-3", "GDPR-9", says="A removal that is refused for an open plan is answered with 500.")
class RefusesWithServerError(Answers):
    statuses = {**Answers.statuses, OpenPlan: 500}  # noqa: RUF012 - as in the class it replaces


@fault("GDPR-9", says="A removal checks only the oldest plan.")
class OnlyTheOldestPlan(Removal):
    def refuse_open(self, statuses: Sequence[str]) -> None:
        super().refuse_open(statuses[:1])


@fault("GDPR-9", says="A removal checks only the newest plan.")
class OnlyTheNewestPlan(Removal):
    def refuse_open(self, statuses: Sequence[str]) -> None:
        super().refuse_open(statuses[-1:])


@fault("GDPR-9", says="A paid plan lets a removal ignore open plans.")
class OneClosedPlanIsEnough(Removal):
    def refuse_open(self, statuses: Sequence[str]) -> None:
        if "paid" not in statuses:
            super().refuse_open(statuses)


@fault("GDPR-5", "GDPR-10", says="A canceled plan counts as open.")
class CanceledIsOpen(Removal):
    open_statuses = frozenset({"open", "canceled"})


@fault(
    "GDPR-5",
    "GDPR-10",
    "GDPR-20",
    says="The removal of a customer with any plan is refused, even if the plan is paid.",
)
class PlansCannotBeRemoved(Removal):
    def refuse_open(self, statuses: Sequence[str]) -> None:
        if statuses:
            raise OpenPlan("Customers with payment plans cannot be deleted")


@fault("GDPR-10", says="A removal that was refused once is always refused, even after the plan was closed.")
class OnceRefusedAlwaysRefused(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        refused: set[str] = self.__dict__.setdefault("refused", set())
        if customer_id in refused:
            raise OpenPlan("Customers with open payment plans cannot be deleted")
        try:
            super().remove(merchant_id, customer_id)
        except OpenPlan:
            refused.add(customer_id)
            raise


@fault("GDPR-11", says="The removal of a customer with a defaulted plan is answered with 500.")
class UnknownStateFails(Removal):
    def refuse_open(self, statuses: Sequence[str]) -> None:
        is_open = {"open": True, "paid": False, "canceled": False, "pending": True, "checkout": False}
        if any(is_open[status] for status in statuses):
            raise OpenPlan("Customers with open payment plans cannot be deleted")


@fault("GDPR-11", says="A customer whose only plans are in checkout is deleted together with the plans.")
class CheckoutIsNoHistory(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        plans = payment_plans.c.customer_id == customer["id"]
        statuses = self.storage.plans.statuses_of(connection, customer["id"])
        if set(statuses) != {"checkout"}:
            super().anonymise(connection, customer)
            return
        of_plans = sa.select(payment_plans.c.id).where(plans)
        connection.execute(payments.delete().where(payments.c.plan_id.in_(of_plans)))
        connection.execute(payment_plans.delete().where(plans))
        self.delete(connection, customer)


@fault("GDPR-11", says="A removal that is refused for a defaulted plan cancels that plan.")
class DefaultedIsWrittenOff(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.writing() as connection:
            statuses = self.storage.plans.statuses_of(connection, customer_id)
            if "defaulted" in statuses:
                self.storage.plans.update_of(connection, customer_id, {"status": "canceled"})
        if "defaulted" in statuses:
            raise OpenPlan("Customers with open payment plans cannot be deleted")
        super().remove(merchant_id, customer_id)


@fault("GDPR-3", says="A customer without a last name is removed in spite of an open plan.")
class NamelessHaveNoPlans(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.reading() as connection:
            customer = self.storage.customers.get(connection, merchant_id, customer_id)
        if customer and not customer["last_name"]:
            self.open_statuses = frozenset()
        try:
            super().remove(merchant_id, customer_id)
        finally:
            self.open_statuses = type(self).open_statuses


# -- effects of a refused removal --------------------------------------------------------


class _WorksBeforeItRefuses(Removal):
    """Does a part of its work before it refuses because of an open plan."""

    def before(self, connection: sa.Connection, customer: Record) -> None:
        raise NotImplementedError

    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.writing() as connection:
            customer = self.storage.customers.lock(connection, merchant_id, customer_id)
            if customer is not None:
                self.before(connection, customer)
        super().remove(merchant_id, customer_id)


@fault("GDPR-4", says="A refused removal clears the phone number.")
class ClearsBeforeItLooks(_WorksBeforeItRefuses):
    def before(self, connection: sa.Connection, customer: Record) -> None:
        self.storage.customers.update(connection, customer["id"], {"phone": None})


@fault("GDPR-4", says="A refused removal clears the phone numbers of all other customers of the merchant.")
class ClearsAllBeforeItLooks(_WorksBeforeItRefuses):
    def before(self, connection: sa.Connection, customer: Record) -> None:
        others = customers.c.merchant_id == customer["merchant_id"], customers.c.id != customer["id"]
        connection.execute(sa.update(customers).where(*others).values(phone=None))


@fault("GDPR-4", says="A refused removal clears the copies of the address on the plans.")
class ClearsPlansBeforeItLooks(_WorksBeforeItRefuses):
    def before(self, connection: sa.Connection, customer: Record) -> None:
        self.scrub_plans(connection, customer)


@fault("GDPR-4", says="After a refused removal, a search no longer finds the customer.")
class LeavesTheSearchBeforeItLooks(_WorksBeforeItRefuses):
    def before(self, connection: sa.Connection, customer: Record) -> None:
        self.storage.customers.update(
            connection, customer["id"], {"first_name_folded": None, "last_name_folded": None}
        )


@fault("GDPR-4", says="A refused removal cancels the open plans.")
class CancelsAndRefuses(_WorksBeforeItRefuses):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.reading() as connection:
            statuses = self.storage.plans.statuses_of(connection, customer_id)
        super().remove(merchant_id, customer_id)
        self.refuse_open(statuses)

    def before(self, connection: sa.Connection, customer: Record) -> None:
        if "open" in self.storage.plans.statuses_of(connection, customer["id"]):
            self.storage.plans.update_of(connection, customer["id"], {"status": "canceled"})

    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        """Keep the customer: the refusal comes later."""


@fault("GDPR-25", says="A refused removal deletes the password.")
class ForgetsPasswordBeforeItLooks(_WorksBeforeItRefuses):
    def before(self, connection: sa.Connection, customer: Record) -> None:
        self.storage.customers.update(connection, customer["id"], {"password_hash": None})


@fault("GDPR-30", says="After a refused removal, the login tokens of the customer have expired.")
class RefusalEndsTokens(_WorksBeforeItRefuses):
    def before(self, connection: sa.Connection, customer: Record) -> None:
        own = login_tokens.c.customer_id == customer["id"]
        connection.execute(login_tokens.update().where(own).values(expires_at=0))


@fault("GDPR-25", says="After a refused removal, the customer can no longer log in.")
class RefusalLocksTheAccount(_WorksBeforeItRefuses):
    def before(self, connection: sa.Connection, customer: Record) -> None:
        self.storage.customers.update(connection, customer["id"], {"email_folded": f"-{customer['id']}"})


# -- plans after a removal ---------------------------------------------------------------


class _ChangesPlans(Removal):
    """Changes plans that it should keep."""

    changes: Mapping[str, Any] = {}

    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        super().scrub_plans(connection, customer)
        self.storage.plans.update_of(connection, customer["id"], self.changes)


@fault("GDPR-7", says="The plans of an anonymised customer are canceled.")
class CancelsPlans(_ChangesPlans):
    changes = {"status": "canceled"}  # noqa: RUF012 - never changed


@fault("GDPR-7", says="The amounts on the plans of an anonymised customer are set to 0.00.")
class ClearsAmounts(_ChangesPlans):
    changes = {"amount": "0.00"}  # noqa: RUF012 - never changed


@fault("GDPR-7", says="The payments of an anonymised customer are deleted.")
class DeletesPayments(Removal):
    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        super().scrub_plans(connection, customer)
        plans = sa.select(payment_plans.c.id).where(payment_plans.c.customer_id == customer["id"])
        connection.execute(payments.delete().where(payments.c.plan_id.in_(plans)))


@fault("GDPR-7", says="The plans of an anonymised customer are deleted.")
class DeletesPlans(DeletesPayments):
    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        super().scrub_plans(connection, customer)
        connection.execute(payment_plans.delete().where(payment_plans.c.customer_id == customer["id"]))


@fault("GDPR-8", says="A removal keeps the copies of the address on the plans.")
class KeepsCopies(Removal):
    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        """Keep them."""


class _ClearsSomePlans(Removal):
    """Clears the copies of the address on some plans."""

    def which_plans(self, connection: sa.Connection, customer: Record) -> sa.ColumnElement[bool]:
        raise NotImplementedError

    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        statement = payment_plans.update().where(self.which_plans(connection, customer))
        connection.execute(statement.values(**dict.fromkeys(PLAN_COPIES)))


@fault("GDPR-8", says="A removal clears the copy of the address on the newest plan only.")
class ScrubsTheNewestPlan(_ClearsSomePlans):
    def which_plans(self, connection: sa.Connection, customer: Record) -> sa.ColumnElement[bool]:
        own = sa.select(payment_plans.c.id).where(payment_plans.c.customer_id == customer["id"])
        return payment_plans.c.id.in_(connection.scalars(own).all()[-1:])


@fault("GDPR-8", says="A removal clears the copy of the address on paid plans only.")
class ScrubsPaidPlans(_ClearsSomePlans):
    def which_plans(self, connection: sa.Connection, customer: Record) -> sa.ColumnElement[bool]:
        own = payment_plans.c.customer_id == customer["id"]
        return sa.and_(own, payment_plans.c.status == "paid")


@fault(
    "GDPR-8",
    says="A removal clears a copy of the address on a plan only if it equals the customer's present address.",
)
class ScrubsTheCurrentAddress(_ClearsSomePlans):
    def which_plans(self, connection: sa.Connection, customer: Record) -> sa.ColumnElement[bool]:
        own = payment_plans.c.customer_id == customer["id"]
        return sa.and_(own, payment_plans.c.shipto_address == customer["shipto_address"])


@fault("GDPR-8", says="A removal keeps the name on the plans.")
class KeepsTheNameOnPlans(Removal):
    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        columns = dict.fromkeys(name for name in PLAN_COPIES if name != "shipto_name")
        self.storage.plans.update_of(connection, customer["id"], columns)


@fault("GDPR-8", says="A removal keeps the copies of the address on plans whose status was changed.")
class CopiesOnChangedPlansStay(PlanStore):
    def set_status(self, connection: sa.Connection, plan_id: str, status: str) -> None:
        self.__dict__.setdefault("changed", set()).add(plan_id)
        super().set_status(connection, plan_id, status)

    def update_of(self, connection: sa.Connection, customer_id: str, values: Record) -> None:
        changed = self.__dict__.get("changed", set())
        plans = sa.and_(payment_plans.c.customer_id == customer_id, payment_plans.c.id.not_in(changed))
        connection.execute(payment_plans.update().where(plans).values(**values))


@fault("GDPR-13", says="A removal also clears the copies on plans of other customers with the same name.")
class ScrubsByName(_ClearsSomePlans):
    def which_plans(self, connection: sa.Connection, customer: Record) -> sa.ColumnElement[bool]:
        own = payment_plans.c.customer_id == customer["id"]
        return sa.or_(own, payment_plans.c.shipto_name == customer["shipto_name"])


@fault("GDPR-13", says="A removal clears the copies of the address on the plans of all customers.")
class ScrubsEveryPlan(_ClearsSomePlans):
    def which_plans(self, connection: sa.Connection, customer: Record) -> sa.ColumnElement[bool]:
        return sa.true()
