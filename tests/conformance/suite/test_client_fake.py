"""The fake in the client behaves as documented: the suite checks it like any other target."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from partially_client import Customer
from partially_client.testing import FakePartially, FakePlan
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.rules.results import Status
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.target.target import Target
from partially_reference.serving import running
from partially_spec import HARNESS, load

KEYS = ("fake-key-of-one-merchant", "fake-key-of-another")
PLAN_COPIES = [
    name for name in load(HARNESS).schema("PaymentPlan")["properties"] if name.startswith("shipto")
]

# A fake is a tool of tests: it lets them guess as often as they like, and its tokens last.
LEFT_OUT = {"PASSWORD-16", "TOKEN-13", "TOKEN-14"}


class Api:
    """Hands requests over from HTTP to the fake, as they came."""

    def __init__(self, fake: FakePartially) -> None:
        self._fake = fake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        url = httpx2.URL(scheme="https", host="fake.test", raw_path=target)
        answer = self._fake.handle(
            httpx2.Request(scope["method"], url, headers=scope["headers"], content=body)
        )
        response = Response(answer.content, answer.status_code)
        for name, value in answer.headers.items():
            response.headers[name] = value
        await response(scope, receive, send)


class Harness:
    """What the suite needs beside the API, from what the fake offers to tests."""

    def __init__(self, fake: FakePartially) -> None:
        self.fake = fake
        self.plans: dict[str, tuple[FakePlan, dict[str, Any]]] = {}

    def customer(self, customer_id: str) -> Customer | None:
        everyone = [customer for key in KEYS for customer in self.fake.all(Customer, api_key=key)]
        return next((customer for customer in everyone if customer.id == customer_id), None)

    def routes(self) -> list[Route]:
        return [
            Route("/", self.capabilities),
            Route("/customers/{id}/password", self.set_password, methods=["PUT"]),
            Route("/customers/{id}/payment_plans", self.add_plan, methods=["POST"]),
            Route("/payment_plans/{id}", self.plan, methods=["GET", "PUT"]),
            Route("/emails", self.emails),
        ]

    async def capabilities(self, request: Request) -> Response:
        return JSONResponse({"capabilities": ["password", "payment_plans", "emails"]})

    async def set_password(self, request: Request) -> Response:
        customer_id = request.path_params["id"]
        if self.customer(customer_id) is None:
            return Response(status_code=404)
        self.fake.set_password(customer_id, (await request.json())["password"])
        return Response(status_code=204)

    async def add_plan(self, request: Request) -> Response:
        customer = self.customer(request.path_params["id"])
        if customer is None:
            return Response(status_code=404)
        plan = self.fake.add_plan(customer.id, (await request.json())["status"])
        payment = {"id": plan.id, "amount": "25.00", "paid_at": "2026-01-01T00:00:00.000000"}
        copies = {name: getattr(customer, name) for name in PLAN_COPIES}
        self.plans[plan.id] = (plan, {"amount": "100.00", "currency": "USD", "payments": [payment], **copies})
        return JSONResponse(self.shown(plan.id), status_code=201)

    async def plan(self, request: Request) -> Response:
        plan_id = request.path_params["id"]
        if plan_id not in self.plans:
            return Response(status_code=404)
        if request.method == "PUT":
            self.plans[plan_id][0].status = (await request.json())["status"]
        return JSONResponse(self.shown(plan_id))

    def shown(self, plan_id: str) -> dict[str, Any]:
        plan, rest = self.plans[plan_id]
        customer = self.customer(plan.owner_id)
        if customer is None or customer.email is None:
            rest.update(dict.fromkeys(PLAN_COPIES))
        return {"id": plan.id, "customer_id": plan.owner_id, "status": plan.status, **rest}

    async def emails(self, request: Request) -> Response:
        to = request.query_params["to"].casefold()
        mine = [email for email in self.fake.outbox if email.to.casefold() == to]
        shown = [{"to": m.to, "subject": "Your login token", "body": f"Token: {m.token}\n"} for m in mine]
        return JSONResponse({"emails": shown})


@contextmanager
def served() -> Iterator[Target]:
    fake = FakePartially(keys=KEYS, clock=lambda: dt.datetime.now(dt.UTC))
    harness = Mount("/harness", routes=Harness(fake).routes())
    with running(Starlette(routes=[harness, Mount("/api", app=Api(fake))])) as address:
        yield Target(
            name="fake",
            base_url=f"{address}/api",
            api_key=KEYS[0],
            other_api_key=KEYS[1],
            harness_url=f"{address}/harness",
        )


def test_the_fake_conforms() -> None:
    rules = tuple(rule for rule in load_catalogue().of_servers if rule.id not in LEFT_OUT)
    with served() as target:
        report = run(RunOptions(target=target, rules=rules, effort=Effort.QUICK), Silent())
    complaints = {
        result.rule.id: (
            result.status.value,
            result.reason,
            json.dumps([f.observed for f in result.failures]),
        )
        for result in report.rules
        if result.status is not Status.PASSED
    }
    assert complaints == {}
    assert report.exit_code == 0, report.reason
