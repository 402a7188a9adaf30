"""Faults of HTTP: what undocumented methods do to a customer."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import INPUT_FIELDS
from partially_reference.http.customers import CustomersApi
from partially_reference.http.refusals import MethodNotAllowed
from partially_reference.rules.refusals import Refusal
from partially_reference.storage.tables import payment_plans, payments


class _ActsOnAMethod(CustomersApi):
    """Does something to the customer in the path of a request that is refused for its method.

    Attributes:
        method: The method for which it does so.
        path: What the path must contain.
        status: The status of the response; None to send the refusal.
    """

    method: str
    path = ""
    status: int | None = None

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        refuse = self.answers.refusal

        def refusal(refusal: Refusal) -> Response:
            answer = refuse(refusal)
            return _Acting(self, answer) if isinstance(refusal, MethodNotAllowed) else answer

        self.answers.refusal = refusal  # type: ignore[method-assign] # nothing else sees refused methods

    def act(self, customer_id: str) -> None:
        raise NotImplementedError

    def change(self, customer_id: str, values: dict[str, Any]) -> None:
        storage = self.customers.storage
        with storage.writing() as connection:
            storage.customers.update(connection, customer_id, values)

    def delete(self, customer_id: str) -> None:
        plans = sa.select(payment_plans.c.id).where(payment_plans.c.customer_id == customer_id)
        storage = self.customers.storage
        with storage.writing() as connection:
            connection.execute(payments.delete().where(payments.c.plan_id.in_(plans)))
            connection.execute(payment_plans.delete().where(payment_plans.c.customer_id == customer_id))
            storage.customers.delete(connection, customer_id)


class _Acting(Response):
    """Acts on the customer in the path, then answers with its own status or with the refusal."""

    def __init__(self, api: _ActsOnAMethod, refusal: Response) -> None:
        super().__init__(status_code=api.status or refusal.status_code)
        self.api = api
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        customer_id = scope["path_params"].get("id")
        acts = scope["method"] == self.api.method and self.api.path in scope["path"]
        if customer_id is not None and acts:
            self.api.act(customer_id)
        if customer_id is None or not acts or self.api.status is None:
            await self.refusal(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@fault("HTTP-13", says="A PATCH clears the phone number before it is refused.")
class PatchClearsBeforeItIsRefused(_ActsOnAMethod):
    method = "PATCH"

    def act(self, customer_id: str) -> None:
        self.change(customer_id, {"phone": None})


@fault("HTTP-13", says="A GET at the path of a removal deletes the customer.")
class GetRemoves(_ActsOnAMethod):
    method = "GET"
    path = "/gdpr_remove/"
    status = 200

    def act(self, customer_id: str) -> None:
        self.delete(customer_id)


@fault("HTTP-14", says="DELETE deletes a customer, even one with plans.")
class DeleteDeletes(_ActsOnAMethod):
    method = "DELETE"
    status = 204

    def act(self, customer_id: str) -> None:
        self.delete(customer_id)


@fault("HTTP-14", says="A PATCH clears the fields that it does not send, even of a customer with a plan.")
class PatchReplaces(_ActsOnAMethod):
    method = "PATCH"
    status = 204

    def act(self, customer_id: str) -> None:
        self.change(customer_id, {name: None for name in INPUT_FIELDS if name != "email"})
