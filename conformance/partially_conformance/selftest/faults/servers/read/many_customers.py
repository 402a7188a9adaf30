"""Faults of READ: stores that forget customers, lists that are mixed up, and clocks that are wrong."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.faults.servers.latency import LATENCY
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.rules.customers import Customers
from partially_reference.storage.stores import CustomerStore, Record


@fault("READ-1", says="After 300 customers of a merchant, a read no longer finds the oldest.")
class ThreeHundredAtMost(CustomerStore):
    def __init__(self) -> None:
        self.stored: dict[str, list[str]] = {}
        self.forgotten: set[str] = set()

    def insert(self, connection: sa.Connection, values: Record) -> Record:
        stored = self.stored.setdefault(values["merchant_id"], [])
        stored.append(values["id"])
        if len(stored) > 300:
            self.forgotten.add(stored.pop(0))
        return super().insert(connection, values)

    def get(self, connection: sa.Connection, merchant_id: str, customer_id: str) -> Record | None:
        return None if customer_id in self.forgotten else super().get(connection, merchant_id, customer_id)


@fault("READ-8", says="Lists at the same time get each other's page, because they share a variable.")
class PagesMixedUp(Customers):
    number: int | None = None

    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        self.number = page
        time.sleep(LATENCY)
        return super().list(merchant_id, q, self.number, per_page)


@fault("READ-8", says="Requests at the same time use the merchant of the last one, which is in a variable.")
class MerchantsMixedUp(CustomersApi):
    merchant_id = ""

    def list_customers(self, call: Call) -> Response:
        self.merchant_id = call.merchant_id
        time.sleep(LATENCY)
        return super().list_customers(Call(self.merchant_id, call.path, call.query, call.body))


@fault("READ-5", says="inserted_at is a year ahead.")
class AYearAhead(Customers):
    def identity(self, merchant_id: str) -> dict[str, Any]:
        made = super().identity(merchant_id)
        return {**made, "inserted_at": made["inserted_at"] + timedelta(days=365)}
