"""HTTP: requests that no well-behaved client sends."""

from __future__ import annotations

import re

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.bodies import broken, disputed, poisonous
from partially_conformance.suite.servers.shared.expectations import (
    must_be_as,
    must_be_unchanged,
    must_have_stored_nothing,
    must_keep,
)
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import Violation

_LARGE = 5 * 1024 * 1024
"""Bytes of a large body. Frameworks that limit bodies at all do so at 100 kB to 2 MB."""

_LABELS = (
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

_GIVEAWAYS = {
    "a stack trace": (
        r"Traceback \(most recent call last\)",
        r'File "[^"]+", line \d+',
        r"\bat [\w.$<>]+ ?\([^()\s]+:\d+(:\d+)?\)",
        r"\bgoroutine \d+ \[",
        r"^#\d+ .+\(\d+\): ",
        r"\b[\w/-]+\.(py|rb|php|js|ts|go|java|kt|cs|exs?):\d+",
    ),
    "a query": (
        r"SQLSTATE",
        r"\bSELECT\b.+\bFROM\b",
        r"\bINSERT INTO\b.+\bVALUES\b",
        r"\bUPDATE\b.+\bSET\b.+(=|\?)",
        r"\bDELETE FROM\b",
        r"\b(UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed",
        r"violates [\w-]+ constraint",
        r"\b(sqlalchemy|sqlite3|psycopg2?|ActiveRecord|PDOException|Ecto\.|Sequelize|Hibernate|pgx?\.)",
    ),
    "a path of the server": (
        r"(/[\w.@-]+)+\.(py|rb|php|js|ts|go|java|kt|cs|exs?)\b",
        r"\b[A-Z]:\\\\?[\w.]+\\",
        r"/(usr|home|root|var|opt|srv|Users)/[\w.-]+/",
        r"\bnode_modules\b|\bsite-packages\b",
    ),
}
"""What shows how a server is made inside, by what it is."""


@check("HTTP-4")
def broken_text_does_no_harm(api: Api, given: Given, data: Data) -> None:
    """Bytes, escapes, depths and numbers that readers fall over, in creates, updates and logins."""
    customer = given.customer()
    example = {"email": data.email()}
    for what in poisonous(example, "first_name"):
        sent = {"email": data.email()}
        answer = api.call("createCustomer", body=poisonous(sent, "first_name")[what])
        lives_on(api, answer, what)
        update = poisonous({"phone": None}, "first_name")[what]
        lives_on(api, api.call("updateCustomer", customer.id, body=update), what)
        login = poisonous({"email": customer.email}, "password")[what]
        api.call("loginPassword", body=login).no_server_error(f"{what} not to be answered with a 5xx")
    # What was stored must not spoil the lists it is in.
    api.list().no_server_error("a list after all this not to be answered with a 5xx")
    must_keep(again := data.fields(), api, api.create(again), what="a customer created after all this")


@check("HTTP-4")
def what_readers_do_not_agree_on_does_no_harm(api: Api, given: Given, data: Data) -> None:
    """Comments, byte order marks, names given twice, NaN and the like, in creates and updates."""
    customer = given.customer()
    for what in disputed({"email": data.email()}):
        body = disputed({"email": data.email(), "first_name": data.word()})[what]
        lives_on(api, api.call("createCustomer", body=body), what)
        body = disputed({"first_name": data.word()})[what]
        lives_on(api, api.call("updateCustomer", customer.id, body=body), what)


@check("HTTP-5")
def a_large_body_does_no_harm(api: Api, given: Given, data: Data, target: Target) -> None:
    """A text of megabytes in a create, an update and a login. To hang up on it is a refusal too."""
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
                "a customer to be read after a body of 5 MB", f"status {after.status}", answer
            )


@check("HTTP-6")
def other_labels_do_no_harm(api: Api, given: Given, data: Data) -> None:
    """JSON labelled as a dozen other things and as nothing: stored as JSON or not at all."""
    before = given.read(given.full_customer().id)
    for value in _LABELS:
        headers, label = {"Content-Type": value}, value or "as nothing"
        sent = {"email": data.email(), "first_name": f"{data.word()} Ångström"}
        answer = api.call("createCustomer", json_body=sent, headers=headers)
        answer.no_server_error(f"a body labelled {label} not to be answered with a 5xx")
        if answer.is_refusal:
            must_have_stored_nothing(api, sent["email"], answer)
        else:
            must_keep(sent, api, answer, what=f"the customer whose body was labelled {label}")
        change = {"first_name": f"{data.word()} Ñuñez"}
        answer = api.call("updateCustomer", before.id, json_body=change, headers=headers)
        answer.no_server_error(f"a body labelled {label} not to be answered with a 5xx")
        now = given.read(before.id)
        if answer.is_refusal:
            must_be_unchanged(before, api, answer)
        elif now["first_name"] == before["first_name"]:
            # A reader that goes by the label sees no fields at all, and an update without any may succeed.
            must_be_unchanged(before, api, answer)
            must_be_as({"first_name": before["first_name"]}, answer)
        else:
            must_keep(change, api, answer, what=f"the customer whose update was labelled {label}")
        before = now


@check("HTTP-10")
def refusals_give_nothing_away(api: Api, given: Given, data: Data, contract: Contract) -> None:
    """Whatever is not a success after broken bodies, odd values, ids, queries, labels and paths."""
    customer = given.customer()
    sent = {"email": data.email(), "first_name": data.word()}
    answers = [api.call("createCustomer", body=body) for body in broken(sent).values()]
    answers += [
        api.call("updateCustomer", customer.id, body=body) for body in poisonous(sent, "phone").values()
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
        if not answer.ok:
            must_give_nothing_away(answer)


def lives_on(api: Api, answer: Answer, what: str) -> None:
    """No 5xx, and a customer that was made or changed in this way can be read."""
    answer.no_server_error(f"{what} not to be answered with a 5xx")
    body = answer.json
    if answer.ok and isinstance(body, dict) and isinstance(body.get("id"), str):
        api.get(body["id"]).no_server_error(f"a customer sent with {what} to be read without a 5xx")


def must_give_nothing_away(answer: Answer) -> None:
    """No stack trace, no query and no path of the server is in the answer."""
    text = answer.text.replace('\\"', '"').replace("\\n", "\n")
    for what, patterns in _GIVEAWAYS.items():
        for pattern in patterns:
            if hit := re.search(pattern, text, re.MULTILINE):
                raise answer.violation(f"a refusal not to show {what}", f"it has {hit.group()[:120]!r}")
