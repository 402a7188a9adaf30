"""Faults of READ: responses that show passwords or login tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.answers import Answers
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.mail import Email, EmailComposer
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import Record


@fault("READ-7", says="A customer shows the hash of its password.")
class WholeRowShown(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        return {**super().shown(customer), "password_hash": customer["password_hash"]}


@fault("READ-7", says="A customer shows the hash of its password in a nested object.")
class HashShownInside(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        return {**super().shown(customer), "account": {"state": "active", "key": customer["password_hash"]}}


@fault("READ-7", says="The list shows a part of the password hash in the field `pw`.")
class HashInTheList(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        listed = [{**self.shown(one), "pw": (one["password_hash"] or "")[-20:]} for one in page["customers"]]
        return self.json({**page, "customers": listed})


@fault("READ-7", says="The response to a create repeats every field that was sent.")
class CreateRepeatsTheBody(CustomersApi):
    def create_customer(self, call: Call) -> Response:
        created = self.customers.create(call.merchant_id, call.body)
        return self.answers.json({**call.body, **self.answers.shown(created)})


_sent: dict[str, str] = {}


class _RemembersTokens(EmailComposer):
    def login_token(self, customer: Mapping[str, Any], token: str, minutes: int) -> Email:
        _sent[customer["id"]] = token
        return super().login_token(customer, token, minutes)


@fault(
    "READ-7",
    says="A customer shows its login token in the field `one_time`.",
    also=[_RemembersTokens],
)
class TokenShown(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        return {**super().shown(customer), "one_time": _sent.get(customer["id"])}


class _KnowsTokens(Tokens):
    by_customer: dict[str, str] = {}  # noqa: RUF012 - shared with the component that shows them

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        token = self.by_customer[customer["id"]] = super().issue(connection, customer)
        return token


@fault(
    "READ-7",
    says="The response to a login by password shows the customer's login token.",
    also=[_KnowsTokens],
)
class LoginShowsTheToken(CustomersApi):
    def login_password(self, call: Call) -> Response:
        found = self.logins.by_password(call.merchant_id, call.body["email"], call.body["password"])
        token = _KnowsTokens.by_customer.get(found["id"])
        return self.answers.json({**self.answers.shown(found), "pending": token})
