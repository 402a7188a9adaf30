"""One valid request for each operation, to be sent with this key and that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.traffic.exchange import MISSING, Key


@dataclass(frozen=True)
class ValidRequest:
    """A request that nothing is wrong with, so that a refusal is about the key.

    Attributes:
        about: The customer it is about, of whom a refusal must show nothing but what was sent.
        can_succeed: Whether it succeeds with the right key. A login without a harness never does.
    """

    operation: str
    about: Customer
    customer_id: str | None = None
    query: Mapping[str, Any] | None = None
    json_body: Any = MISSING
    can_succeed: bool = True

    def send(self, api: Api, key: Key | None = None) -> Answer:
        """Send it with the key of the merchant, or with another."""
        return api.call(self.operation, self.customer_id, query=self.query, json_body=self.json_body, key=key)

    def must_be_refused(self, api: Api, key: Key, why: str) -> Answer:
        """The answer with this key, which must be a refusal; with the right key the same succeeds.

        A read is refused once more after it has succeeded: a cache may have kept the answer.

        Raises:
            Blocked: It does not succeed with the right key either.
        """
        sent = "" if self.json_body is MISSING else str(self.json_body)
        unsent = {name: value for name, value in self.about.items() if str(value) not in sent}
        answer = self.send(api, key).refused(f"{why} ({self.operation})", hides=[unsent])
        if self.can_succeed:
            with prerequisite(f"{self.operation} with the right key"):
                control = self.send(api)
                control.success()
            if api.contract.operations[self.operation].method == "GET":
                again = f"{why}, right after one with the key ({self.operation})"
                self.send(api, key).refused(again, control=control, hides=[unsent])
        return answer


def requests_to_every_operation(
    api: Api, given: Given, data: Data, offered: frozenset[Need]
) -> Iterator[ValidRequest]:
    """A request to each of the eight operations, each about a customer of its own.

    Logins have the right password and token where the harness allows it. Where it does not, they are
    refused in any case, and only what a refusal shows can be looked at.
    """
    for operation in api.contract.operations.values():
        customer = given.full_customer()
        made = ValidRequest(operation.id, customer, customer.id if operation.takes_id else None)
        match operation.id:
            case "listCustomers":
                made = replace(made, query={"q": customer.email})
            case "createCustomer":
                made = replace(made, json_body=data.fields())
            case "updateCustomer":
                made = replace(made, json_body={"phone": data.other("phone", customer)})
            case "loginEmail":
                made = replace(made, json_body={"email": customer.email})
            case "loginPassword":
                known = Need.PASSWORD in offered
                password = given.password(customer) if known else data.password()
                body = {"email": customer.email, "password": password}
                made = replace(made, json_body=body, can_succeed=known)
            case "loginToken":
                known = Need.EMAILS in offered
                token = given.token(customer) if known else data.word()
                made = replace(made, json_body={"token": token}, can_succeed=known)
        yield made
