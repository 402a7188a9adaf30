"""HTTP: malformed, large and wrongly labelled requests, and what their refusals must not show."""

from __future__ import annotations

import re

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.bodies import (
    ambiguous_bodies,
    broken_bodies,
    hard_to_read_bodies,
)
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_have_stored_nothing,
    must_match,
    must_store,
)
from partially_conformance.target.target import Target
from partially_conformance.traffic.cases import Cases
from partially_conformance.traffic.check_end import Violation

_LARGE = 5 * 1024 * 1024
"""Bytes of a large body. Frameworks that limit bodies have limits from 100 kB to 2 MB."""

_CONTENT_TYPES = (
    "text/plain",
    "text/html",
    "application/xml",
    "text/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/yaml",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    "application/x-www-form-urlencoded; charset=utf-16",
    "nonsense",
    "/",
    "",
)

_INTERNALS = {
    "a stack trace": (
        r"Traceback \(most recent call last\)",
        r'File "[^"]+", line \d+',
        r"\bat [\w.$<>]+ ?\([^()\s]+:\d+(:\d+)?\)",
        r"\bgoroutine \d+ \[",
        r"^#\d+ .+\(\d+\): ",
        r"\b[\w/-]+\.(py|rb|php|js|ts|go|java|kt|cs|exs?):\d+",
    ),
    "an SQL query": (
        r"SQLSTATE",
        r"\bSELECT\b.+\bFROM\b",
        r"\bINSERT INTO\b.+\bVALUES\b",
        r"\bUPDATE\b.+\bSET\b.+(=|\?)",
        r"\bDELETE FROM\b",
        r"\b(UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed",
        r"violates [\w-]+ constraint",
        r"\b(sqlalchemy|sqlite3|psycopg2?|ActiveRecord|PDOException|Ecto\.|Sequelize|Hibernate|pgx?\.)",
    ),
    "a file path of the target": (
        r"(/[\w.@-]+)+\.(py|rb|php|js|ts|go|java|kt|cs|exs?)\b",
        r"\b[A-Z]:\\\\?[\w.]+\\",
        r"/(usr|home|root|var|opt|srv|Users)/[\w.-]+/",
        r"\bnode_modules\b|\bsite-packages\b",
    ),
}
"""Patterns of internals that a refusal must not show, by what they are."""


@check("HTTP-4")
def hard_to_read_bodies_do_no_harm(api: Api, given: Given, data: Data, cases: Cases) -> None:
    """Send invalid UTF-8, invalid escapes, deep nesting and huge numbers in creates, updates and logins."""
    customer = given.customer()
    example = {"email": data.email()}
    for what in hard_to_read_bodies(example, "first_name"):
        sent = {"email": data.email()}
        with cases.next():
            answer = api.call("createCustomer", body=hard_to_read_bodies(sent, "first_name")[what])
            must_be_harmless(api, answer, what)
        update = hard_to_read_bodies({"phone": None}, "first_name")[what]
        with cases.next():
            must_be_harmless(api, api.call("updateCustomer", customer.id, body=update), what)
        login = hard_to_read_bodies({"email": customer.email}, "password")[what]
        with cases.next():
            api.call("loginPassword", body=login).no_server_error(f"{what} not to be answered with a 5xx")
    # A stored value must not break the list that shows it.
    api.list().no_server_error("the list after these requests not to be answered with a 5xx")
    must_store(again := data.fields(), api, api.create(again), what="a customer created after these requests")


@check("HTTP-4")
def ambiguous_bodies_do_no_harm(api: Api, given: Given, data: Data, cases: Cases) -> None:
    """Send comments, byte order marks, duplicate names, NaN and the like in creates and updates."""
    customer = given.customer()
    for what in ambiguous_bodies({"email": data.email()}):
        with cases.next():
            body = ambiguous_bodies({"email": data.email(), "first_name": data.word()})[what]
            must_be_harmless(api, api.call("createCustomer", body=body), what)
            body = ambiguous_bodies({"first_name": data.word()})[what]
            must_be_harmless(api, api.call("updateCustomer", customer.id, body=body), what)


@check("HTTP-5")
def a_large_body_does_no_harm(api: Api, given: Given, data: Data, target: Target) -> None:
    """Send 5 MB in creates, an update and a login. Closing the connection counts as a refusal."""
    customer = given.read(given.full_customer().id)
    large = "x" * _LARGE
    for answer in (
        api.create(email=data.email(), shipto_address=large),
        api.update(customer.id, shipto_address=large),
        api.login_password(email=customer.email, password=large),
        api.call("createCustomer", body=b" " * _LARGE),
    ):
        exchange = answer.exchange
        if exchange.response is not None:
            answer.no_server_error("a body of 5 MB not to be answered with a 5xx")
        elif exchange.seconds >= target.timeout:
            raise Violation(
                "a body of 5 MB to be answered, or the connection to be closed", exchange.outcome, [exchange]
            )
        after = api.get(customer.id)
        if not after.ok:
            raise after.violation(
                "a customer to be readable after a body of 5 MB", f"status {after.status}", answer
            )


@check("HTTP-6")
def other_content_types_do_no_harm(api: Api, given: Given, data: Data) -> None:
    """Send JSON with many other content types and with none: it is stored as JSON or not at all."""
    before = given.read(given.full_customer().id)
    for value in _CONTENT_TYPES:
        headers = {"Content-Type": value}
        label = f"with the content type {value}" if value else "without a content type"
        sent = {"email": data.email(), "first_name": f"{data.word()} Ångström"}
        answer = api.call("createCustomer", json_body=sent, headers=headers)
        answer.no_server_error(f"a body sent {label} not to be answered with a 5xx")
        if answer.is_refusal:
            must_have_stored_nothing(api, sent["email"], answer)
        else:
            must_store(sent, api, answer, what=f"the customer created {label}")
        change = {"first_name": f"{data.word()} Ñuñez"}
        answer = api.call("updateCustomer", before.id, json_body=change, headers=headers)
        answer.no_server_error(f"a body sent {label} not to be answered with a 5xx")
        now = given.read(before.id)
        if answer.is_refusal:
            must_be_unchanged(before, api, answer)
        elif now["first_name"] == before["first_name"]:
            # A target that reads by content type may see no fields, and accept an empty update.
            must_be_unchanged(before, api, answer)
            must_match({"first_name": before["first_name"]}, answer)
        else:
            must_store(change, api, answer, what=f"the customer updated {label}")
        before = now


@check("HTTP-10")
def refusals_show_no_internals(api: Api, given: Given, data: Data, contract: Contract, cases: Cases) -> None:
    """Check failures after malformed bodies and unusual values, ids, queries, content types and paths."""
    customer = given.customer()
    sent = {"email": data.email(), "first_name": data.word()}
    answers = [api.call("createCustomer", body=body) for body in broken_bodies(sent).values()]
    answers += [
        api.call("updateCustomer", customer.id, body=body)
        for body in hard_to_read_bodies(sent, "phone").values()
    ]
    answers += [api.create({"email": data.email(), name: {"a": "b"}}) for name in contract.create_fields]
    answers += [api.create(email=email) for email in ("", customer.email, "a\0b", "x" * 100_000)]
    answers += [api.update(customer.id, email=["a"]), api.update(customer.id, shipto_city="a\0b")]
    answers += [api.get(malformed) for malformed in ("abc", "'", "a\0b", "%", "9" * 400, data.unknown_id())]
    answers += [api.gdpr_remove("'"), api.update("'", phone="1")]
    answers += [api.list(page=page) for page in ("x", "-1", "9" * 40, "'")]
    answers += [api.login_password(email={"$gt": ""}, password=["a"]), api.login_token(token={"a": 1})]
    answers += [api.call("createCustomer", json_body=sent, headers={"Content-Type": "application/xml"})]
    answers += [api.send("GET", f"/{data.word()}"), api.send("DELETE", "/customer/abc")]
    for answer in answers:
        with cases.next():
            if not answer.ok:
                must_show_no_internals(answer)


def must_be_harmless(api: Api, answer: Answer, what: str) -> None:
    """Require that a request is not answered with a 5xx, and that its customer can be read."""
    answer.no_server_error(f"{what} not to be answered with a 5xx")
    body = answer.json
    if answer.ok and isinstance(body, dict) and isinstance(body.get("id"), str):
        api.get(body["id"]).no_server_error(
            f"a read of a customer sent with {what} not to be answered with a 5xx"
        )


def must_show_no_internals(answer: Answer) -> None:
    """Require that a response shows no stack trace, no SQL and no file path of the target."""
    text = answer.text.replace('\\"', '"').replace("\\n", "\n")
    for what, patterns in _INTERNALS.items():
        for pattern in patterns:
            if hit := re.search(pattern, text, re.MULTILINE):
                raise answer.violation(f"a refusal not to show {what}", f"it shows {hit.group()[:120]!r}")
