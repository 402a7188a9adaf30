"""Faults of READ: requests at the same time that get the response of another."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from partially_conformance.selftest.faults.servers.latency import LATENCY
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.mail import Email
from partially_reference.rules.customers import Customers
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import LoginFailed
from partially_reference.storage.stores import Record


@fault("READ-8", says="Gets at the same time show each other's customer, because they share a variable.")
class SharedVariable(Customers):
    current: Record | None = None

    def read(self, merchant_id: str, customer_id: str) -> Record:
        self.current = super().read(merchant_id, customer_id)
        time.sleep(0.002)  # time for another request
        return self.found(self.current)


@fault("READ-8", says="Gets at the same time get the same response, even for different ids.")
class AnswersShared(CustomersApi):
    running: Response | None = None

    def get_customer(self, call: Call) -> Response:
        if self.running is not None:
            return self.running
        self.running = answer = super().get_customer(call)
        time.sleep(0.002)  # time for other requests to come
        self.running = None
        return answer


@fault("READ-8", says="Creates at the same time get each other's customer, because they share a variable.")
class CreatesShareAVariable(Customers):
    created: Record | None = None

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        self.created = super().create(merchant_id, body)
        time.sleep(LATENCY)
        return self.created


@fault("READ-8", says="Searches at the same time use each other's query, because they share a variable.")
class SearchesShareAVariable(Customers):
    query: str | None = None

    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        self.query = q
        time.sleep(LATENCY)
        return super().list(merchant_id, self.query, page, per_page)


class _SharesAVariable(Logins):
    """Keeps a value in a variable that all requests share before it returns it."""

    def shared(self, value: Any) -> Any:
        self.__dict__["value"] = value
        time.sleep(LATENCY)
        return self.__dict__["value"]


@fault(
    "READ-12",
    says="Login emails requested at the same time are mixed up, because they share a variable.",
)
class EmailsShareAVariable(_SharesAVariable):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent: Email | None = self.shared(super().send_token(merchant_id, email))
        return sent


@fault(
    "READ-12",
    says="Logins by token at the same time get each other's customer, because they share a variable.",
)
class TokenLoginsShareAVariable(_SharesAVariable):
    def by_token(self, merchant_id: str, token: str) -> Record:
        found: Record = self.shared(super().by_token(merchant_id, token))
        return found


@fault(
    "READ-11",
    says="Logins by password at the same time get each other's customer, because they share a variable.",
)
class LoginsShareAVariable(Logins):
    current: Record | None = None

    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        self.current = super().by_password(merchant_id, email, password)
        time.sleep(LATENCY)
        return self.current


@fault("READ-11", says="Of several logins by password at the same time, only the first is looked at.")
class BusyLogins(Logins):
    busy = False

    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        if self.busy:
            raise LoginFailed("Another login is being checked")
        self.busy = True
        try:
            time.sleep(LATENCY)
            return super().by_password(merchant_id, email, password)
        finally:
            self.busy = False
