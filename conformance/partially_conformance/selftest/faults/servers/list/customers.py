"""Faults of LIST: which customers the list shows, and what it shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import DEFAULTS
from partially_reference.http.answers import Answers
from partially_reference.rules.customers import Customers
from partially_reference.storage.stores import CustomerStore, Record


@fault("LIST-5", says="The list shows the address of every customer as null.")
class ShortFormInTheList(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        listed = [self.shown(one) for one in page["customers"]]
        short = [{**one, **{name: None for name in one if name.startswith("shipto_")}} for one in listed]
        return self.json({**page, "customers": short})


@fault(
    "LIST-5", says="The list shows customers as they were when it first showed them, without later updates."
)
class ListRemembersCustomers(Answers):
    def __init__(self) -> None:
        self.remembered: dict[str, Record] = {}

    def page(self, page: dict[str, Any]) -> Response:
        kept = [self.remembered.setdefault(one["id"], one) for one in page["customers"]]
        return super().page({**page, "customers": kept})


@fault("LIST-5", says="In the list, a field that is null shows the value of the customer before.")
class NullsTakenFromTheLast(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        listed: list[dict[str, Any]] = []
        for one in page["customers"]:
            before = listed[-1] if listed else {}
            shown = self.shown(one).items()
            listed.append({name: before.get(name) if value is None else value for name, value in shown})
        return self.json({**page, "customers": listed})


@fault("LIST-5", says="The list shows the default time zone where the time zone is null.")
class ListFillsInTheZone(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        listed = [self.shown(one) for one in page["customers"]]
        filled = [{**one, "timezone": one["timezone"] or DEFAULTS["timezone"]} for one in listed]
        return self.json({**page, "customers": filled})


@fault("LIST-5", says="The list cuts off texts after 200 characters and adds three dots.")
class ListCutsLongTexts(Answers):
    def page(self, page: Mapping[str, Any]) -> Response:
        def cut(value: Any) -> Any:
            return f"{value[:197]}..." if isinstance(value, str) and len(value) > 200 else value

        rows = [{name: cut(value) for name, value in row.items()} for row in page["customers"]]
        return super().page({**page, "customers": rows})


@fault("LIST-5", says="The list without a search shows empty texts as null.")
class ListShowsEmptyAsNull(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        if q is not None:
            return found
        rows = [{name: value or None for name, value in row.items()} for row in found["customers"]]
        return {**found, "customers": rows}


@fault("LIST-6", says="The list leaves out customers without an address.")
class OnlyWithAnAddress(Customers):
    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        found = super().list(merchant_id, q, page, per_page)
        return {**found, "customers": [one for one in found["customers"] if one["shipto_address"]]}


@fault("LIST-6", says="The total of the list is counted once and never again.")
class CountedOnce(CustomerStore):
    def __init__(self) -> None:
        self.counted: dict[str, int] = {}

    def count(self, connection: sa.Connection, merchant_id: str, condition: sa.ColumnElement[bool]) -> int:
        if not isinstance(condition, sa.True_):
            return super().count(connection, merchant_id, condition)
        return self.counted.setdefault(merchant_id, super().count(connection, merchant_id, condition))
