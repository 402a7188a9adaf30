"""Faults of READ: which customer a get finds, how ids are read, and reads that write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import Operation
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call, Reader
from partially_reference.rules.customers import Customers
from partially_reference.rules.refusals import InvalidInput, NotFound, Refusal
from partially_reference.storage.stores import CustomerStore, Placeholder, Record
from partially_reference.storage.tables import customers


@fault("READ-1", says="A get answers with the newest customer, whatever the id.")
class NewestForAnyId(CustomerStore):
    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        found = super().get(connection, merchant_id, customer_id)
        query = sa.select(customers).where(customers.c.merchant_id == merchant_id)
        newest = connection.execute(query.order_by(customers.c.inserted_at.desc())).first()
        return newest._asdict() if found is not None and newest is not None else None


@fault("HTTP-1", says="A get wraps the customer in an object.")
class Wrapped(CustomersApi):
    def get_customer(self, call: Call) -> Response:
        found = self.customers.read(call.merchant_id, call.path["id"])
        return self.answers.json({"customer": self.answers.shown(found)})


@fault("HTTP-1", says="A get leaves out fields that are null.")
class NullsLeftOutOfTheCustomer(CustomersApi):
    def get_customer(self, call: Call) -> Response:
        shown = self.answers.shown(self.customers.read(call.merchant_id, call.path["id"]))
        return self.answers.json({name: value for name, value in shown.items() if value is not None})


@fault("READ-1", says="A get shows the names of the customer that was read before.")
class NamesOfTheLast(Customers):
    last: Mapping[str, Any] = {}

    def read(self, merchant_id: str, customer_id: str) -> Record:
        found = super().read(merchant_id, customer_id)
        names = {name: self.last.get(name, found[name]) for name in ("first_name", "last_name")}
        self.last = found
        return {**found, **names}


@fault("READ-2", says="A get with an unknown id is answered with 400.")
class UnknownIsBadInput(Customers):
    def found(self, customer: Record | None) -> Record:
        if customer is None:
            raise InvalidInput("Customer not found")
        return customer


@fault("READ-2", says="A get with an unknown id is answered with 200 and null.")
class UnknownIsNull(CustomersApi):
    def get_customer(self, call: Call) -> Response:
        try:
            return super().get_customer(call)
        except NotFound:
            return self.answers.json(None)


@fault("READ-2", says="Only the first eight digits of an id are compared.")
class StartOfTheIdCounts(CustomerStore):
    def owned(self, merchant_id: Placeholder, customer_id: Placeholder) -> sa.ColumnElement[bool]:
        start, wanted = (sa.func.substr(text, 1, 8) for text in (customers.c.id, customer_id))
        return sa.and_(start == wanted, customers.c.merchant_id == merchant_id)


@fault("READ-3", says="A get with a malformed id is answered with 500.")
class MalformedIdNoAnswer(Reader):
    def identifier(self, text: str) -> str:
        try:
            return super().identifier(text)
        except Refusal as refusal:
            raise ValueError("badly formed hexadecimal UUID string") from refusal


@fault("READ-3", says="A get with the id `__proto__` or `constructor` is answered with 500.")
class IdsOfPrototypes(Reader):
    def identifier(self, text: str) -> str:
        if text in {"__proto__", "constructor"}:
            raise TypeError("Cannot convert undefined or null to object")
        return super().identifier(text)


@fault("READ-3", says="A path with an invalid percent escape is answered with 500.")
class PathsMustDecode(Reader):
    async def call(self, request: Request, operation: Operation, validator: Any) -> Call:
        if re.search(rb"%(?![0-9A-Fa-f]{2})", request.scope.get("raw_path") or b""):
            raise ValueError("URI malformed")
        return await super().call(request, operation, validator)


@fault("READ-3", says="Text after an id is ignored.")
class IdCutToItsLength(Reader):
    def identifier(self, text: str) -> str:
        return super().identifier(text[:36])


@fault("READ-3", says="Text before an id is ignored.")
class IdAnywhere(Reader):
    def identifier(self, text: str) -> str:
        return super().identifier(text[-36:])


@fault("READ-3", says="An id with NUL is answered with 500.")
class NulGoesToTheDatabase(Reader):
    def identifier(self, text: str) -> str:
        if "\0" in text:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return super().identifier(text)


@fault("READ-6", says="A get shows the time of the request as the time of creation.")
class ReadsStamp(Customers):
    def read(self, merchant_id: str, customer_id: str) -> Record:
        return {**super().read(merchant_id, customer_id), "inserted_at": self.clock.now()}


@fault("READ-6", says="A search stores `-` as the last name of customers who have none.")
class SearchesFillIn(CustomersApi):
    def list_customers(self, call: Call) -> Response:
        if "q" in call.query:
            with self.customers.storage.writing() as connection:
                own = customers.c.merchant_id == call.merchant_id
                filled = sa.func.coalesce(customers.c.last_name, "-")
                connection.execute(customers.update().where(own).values(last_name=filled))
        return super().list_customers(call)
