"""Variants: removals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from jsonschema_rs import Draft202012Validator
from starlette.requests import Request

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.contract import INPUT_FIELDS, PLAN_COPIES, Operation
from partially_reference.http.answers import Answers
from partially_reference.http.routing import Call, Reader
from partially_reference.rules.customers import Customers
from partially_reference.rules.refusals import AlreadyRemoved, InvalidInput, NotFound, OpenPlan, Refusal
from partially_reference.rules.removal import Removal
from partially_reference.rules.search import Search
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers


@variant("open-plan-status", says="A removal is refused with 403 for an open plan.")
class OpenPlan403(Answers):
    def status(self, refusal: Refusal) -> int:
        return 403 if isinstance(refusal, OpenPlan) else super().status(refusal)


@variant("open-plan-status", says="A removal is refused with 409 for an open plan.")
class OpenPlan409(Answers):
    def status(self, refusal: Refusal) -> int:
        return 409 if isinstance(refusal, OpenPlan) else super().status(refusal)


@variant("open-plan-status", says="A removal is refused with 422 for an open plan.")
class OpenPlan422(Answers):
    def status(self, refusal: Refusal) -> int:
        return 422 if isinstance(refusal, OpenPlan) else super().status(refusal)


@variant("checkout-plan", says="A plan in checkout counts as open.")
class CheckoutIsOpen(Removal):
    open_statuses = frozenset({"open", "checkout"})


@variant("pending-plan", says="A pending plan counts as open.")
class PendingIsOpen(Removal):
    open_statuses = frozenset({"open", "pending"})


@variant("defaulted-plan", says="A defaulted plan counts as open.")
class DefaultedIsOpen(Removal):
    open_statuses = frozenset({"open", "defaulted"})


@variant(
    "checkout-plan",
    "pending-plan",
    "defaulted-plan",
    says="Every plan that is neither paid nor canceled counts as open.",
)
class UnfinishedIsOpen(Removal):
    open_statuses = frozenset({"open", "checkout", "pending", "defaulted"})


@variant("anonymised-read", says="An anonymised customer is not listed, but a get still finds it.")
class AnonymisedNotListed(Search):
    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        return sa.and_(super().condition(q), customers.c.removed_at.is_(None))


@variant(
    "anonymised-read",
    says="An anonymised customer is neither listed nor found by a get.",
    also=[AnonymisedNotListed],
)
class AnonymisedNotFound(Customers):
    def found(self, customer: Record | None) -> Record:
        return super().found(customer if customer is None or customer["removed_at"] is None else None)


@variant("anonymised-read", says="An anonymised customer has placeholders instead of its names and email.")
class Placeholders(Removal):
    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        names = {
            "first_name": "Removed",
            "last_name": "Customer",
            "email": f"{customer['id']}@removed.invalid",
        }
        return {**super().anonymous_values(customer), **names}


@variant(
    "anonymised-read",
    says="Every field of an anonymised customer but the email, and every copy on its plans, is `[removed]`.",
)
class EverythingRedacted(Removal):
    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        return {
            **dict.fromkeys(INPUT_FIELDS, "[removed]"),
            "email": f"removed-{customer['id']}@removed.invalid",
        }

    def scrub_plans(self, connection: sa.Connection, customer: Record) -> None:
        self.storage.plans.update_of(connection, customer["id"], dict.fromkeys(PLAN_COPIES, "[removed]"))


@variant("second-removal", says="The second removal of an anonymised customer is answered with 404.")
class SecondRemoval404(Removal):
    def anonymise(self, connection: sa.Connection, customer: Record) -> None:
        if customer["removed_at"] is not None:
            raise NotFound("Customer not found")
        super().anonymise(connection, customer)


class _Bodies(Reader):
    """Refuses removals with some bodies."""

    def refuses(self, _label: str, _body: bytes) -> bool:
        return False

    async def call(self, request: Request, operation: Operation, validator: Draft202012Validator) -> Call:
        found = await super().call(request, operation, validator)
        if operation.id == "gdprRemoveCustomer":
            label = request.headers.get("content-type", "")
            if self.refuses(label, await request.body()):
                raise InvalidInput("The body could not be read")
        return found


@variant("labelled-removal", says="A removal that is labelled as JSON and has an empty body is refused.")
class EmptyJsonRemovalRefused(_Bodies):
    def refuses(self, label: str, body: bytes) -> bool:
        return super().refuses(label, body) or ("json" in label and not body)


@variant("removal-body", says="A removal with a body is refused.")
class RemovalBodyRefused(_Bodies):
    def refuses(self, label: str, body: bytes) -> bool:
        return super().refuses(label, body) or bool(body)


class _Gone(Refusal):
    """The customer was removed before."""


class _GoneStatus(Answers):
    def status(self, refusal: Refusal) -> int:
        return 410 if isinstance(refusal, _Gone) else super().status(refusal)


class _Remembering(Removal):
    """Remembers the ids of removed customers, and calls `again` for a second removal."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.removed: set[str] = set()

    def remove(self, merchant_id: str, customer_id: str) -> None:
        if customer_id in self.removed:
            self.again()
            return
        super().remove(merchant_id, customer_id)
        self.removed.add(customer_id)

    def again(self) -> None:
        """Do what a second removal does."""


@variant("second-removal", says="The second removal of a customer is answered with 410.", also=[_GoneStatus])
class SecondRemoval410(_Remembering):
    def again(self) -> None:
        raise _Gone("The customer was removed before")


@variant(
    "second-removal", says="The second removal of a customer is answered with 200, even if it was deleted."
)
class SecondRemoval200(_Remembering):
    pass


class _NotesDeleted(Removal):
    """Notes the ids of deleted customers."""

    deleted: set[str] = set()  # noqa: RUF012 - shared with the reads and updates

    def delete(self, connection: sa.Connection, customer: Record) -> None:
        super().delete(connection, customer)
        self.deleted.add(customer["id"])


@variant(
    "deleted-read",
    says="A read and an update of a deleted customer are answered with 410.",
    also=[_NotesDeleted, _GoneStatus],
)
class Deleted410(Customers):
    def read(self, merchant_id: str, customer_id: str) -> Record:
        self._refuse_deleted(customer_id)
        return super().read(merchant_id, customer_id)

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        self._refuse_deleted(customer_id)
        return super().update(merchant_id, customer_id, body)

    def _refuse_deleted(self, customer_id: str) -> None:
        if customer_id in _NotesDeleted.deleted:
            raise _Gone("The customer was removed before")


@variant(says="An update of an anonymised customer is answered with 404.")
class AnonymisedUpdate404(Customers):
    def refuse_removed(self, customer: Record) -> None:
        try:
            super().refuse_removed(customer)
        except AlreadyRemoved:
            raise NotFound("Customer not found") from None
