"""A valid request for each operation, to be sent with right and with wrong keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from partially_conformance.bench.answer import Answer, Customer
from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.traffic.exchange import MISSING, Key


@dataclass(frozen=True)
class ValidRequest:
    """A request that can only be refused for its key.

    Attributes:
        about: The customer it is about. A refusal must show nothing of it except what was sent.
        can_succeed: Whether it succeeds with the right key. A login without a harness never does.
    """

    operation: str
    about: Customer
    customer_id: str | None = None
    query: Mapping[str, Any] | None = None
    json_body: Any = MISSING
    can_succeed: bool = True

    def send(self, api: Api, key: Key | None = None) -> Answer:
        """Send it with the key of the merchant, or with another key."""
        return api.call(self.operation, self.customer_id, query=self.query, json_body=self.json_body, key=key)

    def must_be_refused(self, api: Api, key: Key, why: str) -> Answer:
        """Require that the request is refused with this key, and return the refusal.

        With the right key the same request must succeed. After that, a read must be refused once more: a
        cache may have kept the response.

        Raises:
            Blocked: The request does not succeed with the right key.
        """
        sent = "" if self.json_body is MISSING else str(self.json_body)
        unsent = {name: value for name, value in self.about.items() if str(value) not in sent}
        answer = self.send(api, key).refused(f"{why} ({self.operation})", hides=[unsent])
        if self.can_succeed:
            with prerequisite(f"the same request with the right key ({self.operation})"):
                control = self.send(api)
                control.success()
            if api.contract.operations[self.operation].method == "GET":
                again = f"{why}, right after the same request with the right key ({self.operation})"
                self.send(api, key).refused(again, control=control, hides=[unsent])
        return answer


def requests_to_every_operation(
    api: Api, given: Given, data: Data, offered: frozenset[Need]
) -> Iterator[ValidRequest]:
    """Generate a request for each of the eight operations, each about a customer of its own.

    Logins contain the right password or token if the harness allows it. Otherwise they are refused in any
    case, and only what a refusal shows can be checked.
    """
    for operation in api.contract.operations.values():
        customer = given.full_customer()
        request = ValidRequest(operation.id, customer, customer.id if operation.takes_id else None)
        match operation.id:
            case "listCustomers":
                request = replace(request, query={"q": customer.email})
            case "createCustomer":
                request = replace(request, json_body=data.fields())
            case "updateCustomer":
                request = replace(request, json_body={"phone": data.other("phone", customer)})
            case "loginEmail":
                request = replace(request, json_body={"email": customer.email})
            case "loginPassword":
                known = Need.PASSWORD in offered
                password = given.password(customer) if known else data.password()
                body = {"email": customer.email, "password": password}
                request = replace(request, json_body=body, can_succeed=known)
            case "loginToken":
                known = Need.EMAILS in offered
                token = given.token(customer) if known else data.word()
                request = replace(request, json_body={"token": token}, can_succeed=known)
        yield request
