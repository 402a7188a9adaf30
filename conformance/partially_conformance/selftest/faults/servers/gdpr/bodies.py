"""Faults of GDPR: removals without a body, and with one that is not needed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import Operation
from partially_reference.http.customers import CustomersApi
from partially_reference.http.refusals import UnsupportedBody
from partially_reference.http.routing import Call, Reader


@fault("GDPR-22", says="A removal without a body is refused.")
class RemovalWantsABody(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if operation.id == "gdprRemoveCustomer":
            await self.bodies.read(request)
        return await super().call(request, operation, validator)


@fault("GDPR-22", says="A removal without the content type of JSON is refused.")
class RemovalWantsALabel(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if operation.id == "gdprRemoveCustomer" and "json" not in request.headers.get("content-type", ""):
            raise UnsupportedBody("Expected Content-Type application/json")
        return await super().call(request, operation, validator)


@fault("GDPR-27", says="A removal that is labelled as JSON and has an empty body is answered with 500.")
class EmptyRemovalFails(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if operation.id == "gdprRemoveCustomer" and "json" in request.headers.get("content-type", ""):
            json.loads(await request.body())
        return await super().call(request, operation, validator)


class _PassesBodiesOfRemovals(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        found = await super().call(request, operation, validator)
        if operation.id == "gdprRemoveCustomer" and await request.body():
            return replace(found, body={"sent": True})
        return found


@fault(
    "GDPR-27",
    says="A removal with a body is answered as if it was done, but removes nothing.",
    also=[_PassesBodiesOfRemovals],
)
class RemovalWithABodyDoesNothing(CustomersApi):
    def gdpr_remove_customer(self, call: Call) -> Response:
        return self.answers.message("Done") if call.body else super().gdpr_remove_customer(call)


@fault("GDPR-26", says="A removal that is labelled as JSON and has an empty body is refused.")
class EmptyBodyIsNoJson(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if operation.id == "gdprRemoveCustomer" and "json" in request.headers.get("content-type", ""):
            await self.bodies.read(request)
        return await super().call(request, operation, validator)
