"""The harness of the target, and the checks that it keeps its contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from partially_conformance.rules.catalogue import Need
from partially_conformance.target.journal import Journal
from partially_conformance.traffic.check_end import HarnessFault
from partially_conformance.traffic.exchange import MISSING, Exchange, Request
from partially_conformance.traffic.interruption import uninterrupted
from partially_conformance.traffic.transport import Transport

CAPABILITIES = {need.value: need for need in Need if need is not Need.SECOND_MERCHANT}
"""The needs that a harness can meet, by the name of the capability."""


class Harness:
    """Calls the harness of the target.

    Every method raises `HarnessFault` if the harness does not keep its contract.

    Args:
        base_url: Where the harness is.
        transport: Sends the requests.
        journal: Takes in the plans that are created.
    """

    def __init__(self, base_url: str, transport: Transport, journal: Journal) -> None:
        self._base_url = base_url
        self._transport = transport
        self._journal = journal

    def capabilities(self) -> frozenset[Need]:
        """The capabilities that the harness reports. Unknown names are ignored."""
        body = self._json(self._send("GET", "/"), 200)
        names = body.get("capabilities") if isinstance(body, dict) else None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise HarnessFault('GET /: expected {"capabilities": [...]} with texts, got another body')
        return frozenset(CAPABILITIES[name] for name in names if name in CAPABILITIES)

    def check(self, need: Need, *, unknown: str) -> None:
        """Check what the contract of a capability says about requests without a customer.

        A harness that answers every request with a 2xx would make a conforming target look broken.

        Args:
            need: The need that the capability meets.
            unknown: A UUID that no customer and no plan has.
        """
        if need is Need.PASSWORD:
            self._unknown("PUT", f"/customers/{unknown}/password", {"password": unknown})
        elif need is Need.PAYMENT_PLANS:
            self._unknown("POST", f"/customers/{unknown}/payment_plans", {"status": "paid"})
            self._unknown("PUT", f"/payment_plans/{unknown}", {"status": "paid"})
            self._unknown("GET", f"/payment_plans/{unknown}", None)
        elif need is Need.EMAILS:
            if self.emails(f"{unknown}@example.com"):
                raise HarnessFault("GET /emails: expected no emails for an unused address, got some")
        elif need is Need.CLOCK:
            self.advance(1)

    def set_password(self, customer_id: str, password: str) -> None:
        """Set the password of a customer."""
        self._expect(self._put_password(customer_id, password), 204)

    def try_password(self, customer_id: str, password: str) -> bool:
        """Set an unusual password, which a target may refuse; returns whether it was accepted."""
        exchange = self._put_password(customer_id, password)
        if exchange.response is not None and 400 <= exchange.response.status < 500:
            return False
        self._expect(exchange, 204)
        return True

    def _put_password(self, customer_id: str, password: str) -> Exchange:
        return self._send("PUT", f"/customers/{_id(customer_id)}/password", {"password": password})

    def add_plan(self, customer_id: str, status: str) -> dict[str, Any]:
        """Create a plan of a customer with one payment; returns it as the harness shows it."""
        with uninterrupted():  # without an entry in the journal a plan cannot be closed later
            self._journal.plan_requested(customer_id)
            answer = self._send("POST", f"/customers/{_id(customer_id)}/payment_plans", {"status": status})
            plan = self._plan(answer, 201)
            self._journal.plan_created(customer_id, plan["id"])
        stored = self.plan(plan["id"])
        if stored is None or stored["status"] != status or len(stored["payments"]) != 1:
            raise HarnessFault(
                f"GET /payment_plans: expected the created plan with status {status} and one payment,"
                f" got {_described(stored)}"
            )
        return stored

    def set_plan(self, plan_id: str, status: str) -> dict[str, Any]:
        """Change the status of a plan; returns the plan as the harness shows it."""
        self._plan(self._send("PUT", f"/payment_plans/{_id(plan_id)}", {"status": status}), 200)
        stored = self.plan(plan_id)
        if stored is None or stored["status"] != status:
            raise HarnessFault(
                f"GET /payment_plans: expected the changed plan with status {status},"
                f" got {_described(stored)}"
            )
        return stored

    def plan(self, plan_id: str) -> dict[str, Any] | None:
        """A plan as it is stored now; None if it does not exist any more."""
        exchange = self._send("GET", f"/payment_plans/{_id(plan_id)}")
        if exchange.response is not None and exchange.response.status == 404:
            return None
        return self._plan(exchange, 200)

    def emails(self, address: str) -> list[dict[str, str]]:
        """The emails sent to an address, oldest first."""
        body = self._json(self._send("GET", f"/emails?to={quote(address, safe='')}"), 200)
        emails = body.get("emails") if isinstance(body, dict) else None
        if not isinstance(emails, list) or not all(
            isinstance(email, dict)
            and all(isinstance(email.get(part), str) for part in ("to", "subject", "body"))
            for email in emails
        ):
            raise HarnessFault(
                'GET /emails: expected {"emails": [{"to", "subject", "body"}, ...]}, got another body'
            )
        return emails

    def advance(self, seconds: float) -> None:
        """Move the clock of the target forward by so many seconds."""
        self._expect(self._send("POST", "/clock/advance", {"seconds": seconds}), 204)

    def _send(self, method: str, target: str, body: Mapping[str, Any] | None = None) -> Exchange:
        request = Request(
            method,
            self._base_url + target,
            urlsplit(self._base_url).path + target,
            {"Content-Type": "application/json"} if body is not None else {},
            body=json.dumps(body).encode() if body is not None else None,
            purpose="harness",
            base=self._base_url,
        )
        exchange = self._transport.send(request)
        if exchange.response is None:
            raise HarnessFault(f"{_shown(method, target)}: {exchange.outcome}")
        return exchange

    def _unknown(self, method: str, target: str, body: Mapping[str, Any] | None) -> None:
        exchange = self._send(method, target, body)
        assert exchange.response is not None
        if not 400 <= exchange.response.status < 500:
            raise HarnessFault(
                f"{_named(exchange)} with an unknown id: expected 404, got {exchange.response.status}"
            )

    def _expect(self, exchange: Exchange, status: int) -> None:
        assert exchange.response is not None
        if not 200 <= exchange.response.status < 300:
            raise HarnessFault(f"{_named(exchange)}: expected {status}, got {exchange.response.status}")

    def _json(self, exchange: Exchange, status: int) -> Any:
        self._expect(exchange, status)
        assert exchange.response is not None
        body = exchange.response.json()
        if body is MISSING:
            raise HarnessFault(f"{_named(exchange)}: expected a JSON body, got one that is not JSON")
        return body

    def _plan(self, exchange: Exchange, status: int) -> dict[str, Any]:
        body = self._json(exchange, status)
        if not (
            isinstance(body, dict)
            and isinstance(body.get("id"), str)
            and isinstance(body.get("status"), str)
            and isinstance(body.get("payments"), list)
        ):
            raise HarnessFault(
                f"{_named(exchange)}: expected a plan with id, status and payments, got another body"
            )
        return body


def _described(plan: dict[str, Any] | None) -> str:
    if plan is None:
        return "a 404"
    return f"status {plan['status']} and {len(plan['payments'])} payments"


def _id(value: str) -> str:
    return quote(value, safe="")


def _shown(method: str, target: str) -> str:
    """Method and path of a request, without the query, which may contain an email."""
    return f"{method} {target.partition('?')[0]}"


def _named(exchange: Exchange) -> str:
    return _shown(exchange.request.method, exchange.request.target)
