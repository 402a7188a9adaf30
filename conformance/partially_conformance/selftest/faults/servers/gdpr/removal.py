"""Faults of GDPR: deletions, removals of unknown customers, repeated removals, and freed emails."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from partially_conformance.selftest.faults.servers.latency import LATENCY
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import Operation
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call, Reader
from partially_reference.rules.customers import Customers
from partially_reference.rules.refusals import InvalidInput, NotFound
from partially_reference.rules.removal import Removal
from partially_reference.storage.stores import CustomerStore, Placeholder, Record
from partially_reference.storage.tables import customers, payment_plans
from partially_reference.text import fold


class _MarksInsteadOfDeleting(Removal):
    """Marks a row as deleted instead of deleting it."""

    def delete(self, connection: sa.Connection, customer: Record) -> None:
        self.storage.customers.update(connection, customer["id"], {"removed_at": self.clock.now()})


class _HidesMarkedFromGet(CustomerStore):
    """Hides marked customers from a get, not from lists."""

    def owned(self, merchant_id: Placeholder, customer_id: Placeholder) -> sa.ColumnElement[bool]:
        return sa.and_(super().owned(merchant_id, customer_id), customers.c.removed_at.is_(None))


@fault(
    "GDPR-1",
    "GDPR-2",
    "GDPR-23",
    says="A deletion only marks the customer; get, list and update still find it.",
)
class MarkNobodyLooksAt(_MarksInsteadOfDeleting):
    pass


@fault(
    "GDPR-2",
    says="A get does not find a deleted customer, but the list shows it.",
    also=[_HidesMarkedFromGet],
)
class MarkListsDoNotLookAt(_MarksInsteadOfDeleting):
    pass


class _HidesMarkedFromPages(_HidesMarkedFromGet):
    def page(
        self,
        connection: sa.Connection,
        merchant_id: str,
        condition: sa.ColumnElement[bool],
        offset: int,
        limit: int,
    ) -> Sequence[Record]:
        unmarked = sa.and_(condition, customers.c.removed_at.is_(None))
        return super().page(connection, merchant_id, unmarked, offset, limit)


@fault(
    "GDPR-2",
    says="The totals of lists and searches still count deleted customers.",
    also=[_HidesMarkedFromPages],
)
class MarkTotalsDoNotLookAt(_MarksInsteadOfDeleting):
    pass


class _HidesMarkedFromSearchTotals(_HidesMarkedFromPages):
    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        if condition.compare(sa.true()):
            return super().count(connection, merchant_id, condition)
        unmarked = sa.and_(condition, customers.c.removed_at.is_(None))
        return super().count(connection, merchant_id, unmarked)


@fault(
    "GDPR-2",
    says="The total of the list without a search still counts deleted customers.",
    also=[_HidesMarkedFromSearchTotals],
)
class MarkTheTotalDoesNotLookAt(_MarksInsteadOfDeleting):
    pass


@fault("GDPR-1", says="A removal is answered with 204 and no message.")
class SilentRemoval(CustomersApi):
    def gdpr_remove_customer(self, call: Call) -> Response:
        super().gdpr_remove_customer(call)
        return Response(status_code=204)


@fault("GDPR-1", says="A removal answers that it is done, but removes nothing.")
class QueuedRemoval(CustomersApi):
    def gdpr_remove_customer(self, call: Call) -> Response:
        self.customers.read(call.merchant_id, call.path["id"])
        return self.answers.message("Customer account deleted")


@fault("GDPR-12", says="A deletion deletes all customers with the same last name.")
class DeletesByName(Removal):
    def delete(self, connection: sa.Connection, customer: Record) -> None:
        _delete_where(connection, customers.c.last_name == customer["last_name"], customer)


@fault("GDPR-12", says="A deletion also deletes customers whose email ends with the email of the customer.")
class DeletesByEndOfEmail(Removal):
    def delete(self, connection: sa.Connection, customer: Record) -> None:
        _delete_where(connection, customers.c.email_folded.endswith(customer["email_folded"]), customer)


@fault("GDPR-12", says="A deletion also deletes customers of other merchants with the same email.")
class DeletesAcrossMerchants(Removal):
    def delete(self, connection: sa.Connection, customer: Record) -> None:
        _delete_where(connection, customers.c.email_folded == customer["email_folded"], customer)


def _delete_where(connection: sa.Connection, condition: sa.ColumnElement[bool], customer: Record) -> None:
    others = sa.and_(condition, customers.c.id.not_in(sa.select(payment_plans.c.customer_id)))
    connection.execute(customers.delete().where(sa.or_(customers.c.id == customer["id"], others)))


class _DeletesAlike(Removal):
    def alike(self, customer: Record) -> sa.ColumnElement[bool]:
        raise NotImplementedError

    def delete(self, connection: sa.Connection, customer: Record) -> None:
        super().delete(connection, customer)
        own = customers.c.merchant_id == customer["merchant_id"]
        without_plans = customers.c.id.not_in(sa.select(payment_plans.c.customer_id))
        connection.execute(customers.delete().where(own, without_plans, self.alike(customer)))


@fault("GDPR-12", says="A deletion deletes by email with LIKE, so an underscore matches any character.")
class DeletesByPattern(_DeletesAlike):
    def alike(self, customer: Record) -> sa.ColumnElement[bool]:
        return customers.c.email_folded.like(customer["email_folded"])


@fault("GDPR-12", says="A deletion also deletes customers whose email is equal up to the plus sign.")
class DeletesByUntaggedEmail(_DeletesAlike):
    def alike(self, customer: Record) -> sa.ColumnElement[bool]:
        local, plus, _ = customer["email_folded"].partition("+")
        return customers.c.email_folded.startswith(local + plus, autoescape=True) if plus else sa.false()


@fault("GDPR-14", says="The removal of an unknown customer is answered with 200.")
class UnknownIsRemoved(CustomersApi):
    def gdpr_remove_customer(self, call: Call) -> Response:
        try:
            return super().gdpr_remove_customer(call)
        except NotFound:
            return self.answers.message("Customer account deleted")


@fault("GDPR-14", says="The removal of an unknown customer is answered with 400.")
class UnknownRemovalIsBadInput(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        try:
            super().remove(merchant_id, customer_id)
        except NotFound as error:
            raise InvalidInput("Customer could not be removed") from error


@fault("GDPR-14", says="A removal with a malformed id is answered with 500.")
class OddIdBreaksRemoval(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if operation.id == "gdprRemoveCustomer" and len(request.path_params["id"]) != 36:
            raise ValueError("invalid input syntax for type uuid")
        return await super().call(request, operation, validator)


@fault("GDPR-15", says="The second removal of a customer is answered with 500.")
class SecondDeletionFails(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        known: set[str] = self.__dict__.setdefault("known", set())
        if customer_id in known:
            raise RuntimeError("expected 1 row, got 0")
        super().remove(merchant_id, customer_id)
        known.add(customer_id)


@fault("GDPR-15", says="The removal of an anonymised customer is answered with 500.")
class SecondAnonymisationFails(Removal):
    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        customer["email"].lower()
        super().forget_tokens(connection, customer)


@fault("GDPR-16", says="The email of a deleted customer cannot be used again.", also=[_HidesMarkedFromGet])
class DeletedEmailStaysTaken(_MarksInsteadOfDeleting):
    def delete(self, connection: sa.Connection, customer: Record) -> None:
        super().delete(connection, customer)
        values = {**self.anonymous_values(customer), "first_name_folded": None, "last_name_folded": None}
        self.storage.customers.update(connection, customer["id"], {**values, "email_folded": None})


@fault("GDPR-16", says="The email of an anonymised customer cannot be used again.")
class AnonymisedEmailStaysTaken(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        super().anonymise(connection, customer)
        self.storage.customers.update(
            connection, customer["id"], {"email_claimed": customer["email_claimed"]}
        )


class _KeepsDeleted(Removal):
    """Keeps the values of deleted customers."""

    kept: dict[str, Record] = {}  # noqa: RUF012 - shared with the creates

    def delete(self, connection: sa.Connection, customer: Record) -> None:
        super().delete(connection, customer)
        self.kept[f"{customer['merchant_id']} {customer['email_folded']}"] = customer


@fault(
    "GDPR-16",
    says="A create with the email of a deleted customer restores that customer.",
    also=[_KeepsDeleted],
)
class CreateBringsBack(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        before = _KeepsDeleted.kept.pop(f"{merchant_id} {fold(body['email'])}", None)
        if before is None:
            return super().create(merchant_id, body)
        with self.storage.writing() as connection:
            return self.storage.customers.insert(connection, before)


@fault(
    "GDPR-16",
    says="A create with the email of a deleted customer fills in the fields of that customer.",
    also=[_KeepsDeleted],
)
class CreateFillsIn(Customers):
    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        before = _KeepsDeleted.kept.get(f"{merchant_id} {fold(body['email'])}", {})
        return super().create(merchant_id, {**before, **body})


class _RemembersRemovedEmails(Removal):
    removed: set[str] = set()  # noqa: RUF012 - shared with the component that looks

    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        self.removed.add(customer["email_folded"])
        super().forget_tokens(connection, customer)


@fault(
    "GDPR-16",
    says="An update to the email of a removed customer is refused.",
    also=[_RemembersRemovedEmails],
)
class RemovedEmailsOnlyForNew(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        email = body.get("email")
        if isinstance(email, str) and fold(email) in _RemembersRemovedEmails.removed:
            raise InvalidInput("The customer could not be saved", ["Email: has already been taken"])
        return super().update(merchant_id, customer_id, body)


@fault("GDPR-21", says="Of two removals of a customer at the same time, one is answered with 500.")
class LooksThenDeletes(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.reading() as connection:
            before = self.storage.customers.get(connection, merchant_id, customer_id)
        time.sleep(0.02)  # time for another removal
        try:
            super().remove(merchant_id, customer_id)
        except NotFound:
            if before is not None:
                raise RuntimeError("expected 1 row, got 0") from None
            raise


@fault("GDPR-21", says="A removal of a customer that is just being removed is answered with 500.")
class BusyCustomer(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        busy: set[str] = self.__dict__.setdefault("busy", set())
        if customer_id in busy:
            raise RuntimeError("could not obtain lock on row")
        busy.add(customer_id)
        try:
            time.sleep(LATENCY)
            super().remove(merchant_id, customer_id)
        finally:
            busy.discard(customer_id)


@fault("GDPR-22", says="A removal without a body is refused.")
class RemovalWantsABody(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if operation.id == "gdprRemoveCustomer":
            await self.bodies.read(request)
        return await super().call(request, operation, validator)


@fault("GDPR-22", says="A removal that is labelled as JSON and has an empty body is refused.")
class EmptyBodyIsNoJson(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if operation.id == "gdprRemoveCustomer" and "json" in request.headers.get("content-type", ""):
            await self.bodies.read(request)
        return await super().call(request, operation, validator)


@fault("GDPR-23", says="An update of a deleted customer creates it again.")
class UpdateBringsBack(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        try:
            return super().update(merchant_id, customer_id, body)
        except NotFound:
            if "email" not in body:
                raise
        values = self.fields.for_create(body)
        row = {**values, **self.fields.derived(values), **self.identity(merchant_id), "id": customer_id}
        with self.storage.writing() as connection:
            return self.storage.customers.insert(connection, row)


@fault("GDPR-23", says="An update of an unknown customer is answered with 200 and a message.")
class UpdateOfNobody(CustomersApi):
    def update_customer(self, call: Call) -> Response:
        try:
            return super().update_customer(call)
        except NotFound:
            return self.answers.message("Customer updated")


@fault("GDPR-21", says="Of several removals at the same time, the last one leaves the first name.")
class RacingRemovalLeavesTheName(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        running: dict[str, int] = self.__dict__.setdefault("running", {})
        running[customer_id] = running.get(customer_id, 0) + 1
        time.sleep(LATENCY)
        super().remove(merchant_id, customer_id)

    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        values = super().anonymous_values(customer)
        several = self.__dict__["running"][customer["id"]] > 1
        return {**values, "first_name": customer["first_name"]} if several else values
