"""HTTP: what surrounds the operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from partially_conformance.bench.api import NO_KEY, Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_have_stored_nothing,
    must_keep,
)
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import NotObservable
from partially_conformance.traffic.exchange import MISSING

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"}
"""What curl sends with `--data`."""

_SAFE = ("GET", "HEAD", "OPTIONS")
_UNSAFE = ("POST", "PATCH", "BREW", "DELETE")
_WITH_BODY = ("POST", "PATCH")
"""Methods of HTTP, and one that is none, of which no path of a customer documents all."""


@check("HTTP-1", shape=True)
def every_success_has_the_documented_shape(
    api: Api, data: Data, contract: Contract, choices: Choices
) -> None:
    """The documented example of each operation but two logins, and the longest and shortest customer."""
    for answer in successes(api, data, contract):
        answer.success()
    for fields in (data.fields(language=data.language()), {"email": data.email()}):
        customer = api.create(fields).customer()
        api.get(customer.id).success()
        extra = sorted(customer.keys() - contract.response_fields.keys())
        choices.saw("extra-fields", ", ".join(extra) or "none")


@check("HTTP-1")
def a_login_has_the_documented_shape(api: Api, given: Given, offered: frozenset[Need]) -> None:
    """A login by password and one by token, as far as the harness makes them possible."""
    if Need.PASSWORD in offered:
        customer = given.full_customer()
        password = given.password(customer)
        api.login_password(email=customer.email, password=password).customer()
    if Need.EMAILS in offered:
        api.login_token(token=given.token(given.customer())).customer()


@check("HTTP-2", shape=True, read_only=True)
def unknown_paths_are_refused(api: Api, data: Data) -> None:
    """Reads of paths that nobody documented, beside and below the documented ones."""
    word, nobody = data.word().lower(), data.unknown_id()
    for path in (
        f"/{word}",
        f"/{word}/customer",
        f"/customer/{nobody}/{word}",
        f"/customer/{nobody}/{word}/{nobody}",
    ):
        answer = api.send("GET", path)
        if not answer.is_refusal:
            raise answer.violation(f"GET {path} to be refused with a 4xx", f"status {answer.status}")
    for path in ("/", "/customer/", f"/customer/{nobody}/"):  # a server may have a page there
        api.send("GET", path).no_server_error(f"GET {path} not to be answered with a 5xx")


@check("HTTP-2")
def writes_to_unknown_paths_are_refused(api: Api, given: Given, data: Data) -> None:
    """Writes to paths below the documented ones, with a body that the path above would take."""
    customer = given.read(given.full_customer().id)
    word = data.word().lower()
    for method, path in (
        ("POST", f"/{word}"),
        ("PUT", f"/customer/{customer.id}/{word}"),
        ("PUT", f"/customer/{word}/{customer.id}"),
    ):
        sent = {"email": data.email(), "first_name": data.word()}
        answer = api.send(method, path, json_body=sent)
        if not answer.is_refusal:
            raise answer.violation(f"{method} {path} to be refused with a 4xx", f"status {answer.status}")
        must_be_unchanged(customer, api, answer)
        must_have_stored_nothing(api, sent["email"], answer)


@check("HTTP-3")
def safe_methods_change_nothing(api: Api, given: Given) -> None:
    """GET, HEAD and OPTIONS where no path documents them, on the paths of a customer."""
    customer = given.read(given.full_customer().id)
    for answer in undocumented(api, customer.id, _SAFE):
        does_no_harm(answer)
        must_be_unchanged(customer, api, answer)
    for name in ("login_password", "login_token"):
        does_no_harm(api.send("GET", f"/customer/{name}"))
    for method in ("HEAD", "OPTIONS"):
        does_no_harm(api.send(method, "/customer"))


@check("HTTP-3")
def other_methods_do_no_harm(
    api: Api, given: Given, data: Data, target: Target, offered: frozenset[Need]
) -> None:
    """Other methods that no path documents, on the paths of a customer, who has an open plan if possible.

    A target may offer more than the document: another method may remove a customer without such a plan.
    """
    customer = given.read(given.full_customer().id)
    has_plan = Need.PAYMENT_PLANS in offered
    if has_plan:
        given.plan(customer, "open")
    for method in _UNSAFE:
        for answer in undocumented(api, customer.id, (method,)):
            does_no_harm(answer)
            if answer.ok and not has_plan:
                break  # it may have removed the customer
            must_be_unchanged(customer, api, answer)
        if not has_plan:
            customer = given.read(given.full_customer().id)
    word = data.word()
    # Somebody else's customers must be safe even from a server that takes these for all of them.
    for method in () if target.live else ("PUT", "PATCH", "DELETE"):
        answer = api.send(method, "/customer", json_body={"first_name": word, "email": data.email()})
        does_no_harm(answer)
        must_be_unchanged(customer, api, answer)
        must_have_stored_nothing(api, word, answer)


@check("HTTP-11")
def a_405_names_the_methods_there_are(api: Api, given: Given, contract: Contract) -> None:
    """Methods that no path documents; in a 405, Allow has the documented ones and not these."""
    customer = given.customer()
    documented = {
        operation.method for operation in contract.operations.values() if operation.path == "/customer/{id}"
    }
    for answer in undocumented(api, customer.id, (*_SAFE, *_UNSAFE)):
        request = answer.exchange.request
        if answer.status != 405 or not request.target.endswith(f"/customer/{customer.id}"):
            continue
        allow = {method.strip().upper() for method in answer.headers.get("allow", "").split(",")}
        if not documented <= allow or request.method in allow:
            shown = answer.headers.get("allow")
            raise answer.violation(
                f"Allow to name {' and '.join(sorted(documented))} in a 405 to {request.method}",
                "there is no such header" if shown is None else f"it is {shown!r}",
            )


@check("HTTP-8")
def refusals_say_why(api: Api, given: Given, data: Data) -> None:
    """Refusals of every kind: an object with a message, and errors, if there, is a list of texts."""
    for answer in refusals(api, given, data):
        body = answer.json
        if not isinstance(body, dict):
            raise answer.violation("a refusal to be a JSON object", f"its body is {answer.text[:200]!r}")
        if not isinstance(body.get("message"), str) or not body["message"].strip():
            raise answer.violation("a refusal to have a message", f"its body is {answer.text[:200]!r}")
        errors = body.get("errors", [])
        if not isinstance(errors, list) or not all(isinstance(error, str) for error in errors):
            raise answer.violation("errors to be a list of texts", f"it is {errors!r}")


@check("HTTP-9", shape=True)
def successes_are_labelled_as_json(api: Api, data: Data, contract: Contract) -> None:
    """The documented example of each operation but two logins."""
    for answer in successes(api, data, contract):
        if answer.ok and answer.text:
            must_be_labelled(answer, ("application/json",))


@check("HTTP-9")
def refusals_are_labelled_as_json(api: Api, given: Given, data: Data) -> None:
    """Refusals of every kind that have a JSON object as their body."""
    for answer in refusals(api, given, data):
        if isinstance(answer.json, dict):
            must_be_labelled(answer, ("application/json", "application/problem+json"))


@check("HTTP-12")
def the_published_create_works_as_printed(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """The published body, and one with signs that mean something in a form, labelled as curl does."""
    published = dict(contract.operations["createCustomer"].example or {})
    signs = {"first_name": "a+b=c&d%20e;f", "shipto_address": "1 + 1 & 2%2B2"}
    for sent in ({**published, "email": data.email()}, {"email": data.email("a+b"), **signs}):
        answer = api.call("createCustomer", json_body=sent, headers=_FORM)
        choices.saw("form-label", "taken" if answer.ok else f"refused with {answer.status}")
        must_keep(sent, api, answer, what="the customer created by curl")


@check("HTTP-12")
def the_other_published_commands_work_as_printed(api: Api, given: Given, contract: Contract) -> None:
    """The published update, a request for a token and a removal, labelled as curl does."""
    customer = given.customer()
    sent = dict(contract.operations["updateCustomer"].example or {})
    answer = api.call("updateCustomer", customer.id, json_body=sent, headers=_FORM)
    must_keep(sent, api, answer, what="the customer updated by curl")
    api.call("loginEmail", json_body={"email": customer.email}, headers=_FORM).success()
    api.call("gdprRemoveCustomer", customer.id, headers={"Accept": "*/*"}).success()


def successes(api: Api, data: Data, contract: Contract) -> list[Answer]:
    """What each operation answers to its documented example, on a customer made for it.

    The two logins are left out: they need a password, or a token that was emailed.
    """
    example = dict(contract.operations["createCustomer"].example or {})
    email = data.email()  # what a mock shows in its place may be anything
    created = api.create({**example, "email": email})
    customer = created.customer()
    updated = api.update(customer.id, contract.operations["updateCustomer"].example)
    return [
        created,
        updated,
        api.get(customer.id),
        api.list(),
        api.list(q=email, page=1, per_page=10),
        api.login_email(email=email),
        api.gdpr_remove(customer.id),
    ]


def undocumented(api: Api, customer_id: str, methods: Sequence[str]) -> Iterator[Answer]:
    """What the paths of a customer answer to those of some methods that are not documented for them.

    Those that take a body get an empty object: a server that takes PATCH for PUT does no harm.
    """
    identifier = quote(customer_id, safe="")
    for path, documented in ((f"/customer/{identifier}", "GET"), (f"/customer/gdpr_remove/{identifier}", "")):
        for method in methods:
            if method == documented:
                continue
            yield api.send(method, path, json_body={} if documented and method in _WITH_BODY else MISSING)


def does_no_harm(answer: Answer) -> None:
    """The answer to a method that is not documented is no 5xx but 501, which says just that."""
    if answer.status >= 500 and answer.status != 501:
        method = answer.exchange.request.method
        raise answer.violation(f"{method} not to be answered with a 5xx", f"status {answer.status}")


def refusals(api: Api, given: Given, data: Data) -> list[Answer]:
    """Refusals of every kind; what a target does not refuse is left out.

    Raises:
        NotObservable: It refuses none of them.
    """
    nobody, customer = data.unknown_id(), given.customer()
    odd: dict[str, Any] = {"email": ["a"]}
    answers = [
        api.get(nobody),
        api.update(nobody, first_name=data.word()),
        api.gdpr_remove(nobody),
        api.get("abc"),
        api.create(first_name=data.word()),
        api.create(email=""),
        api.create(odd),
        api.call("createCustomer", body=b'{"email": '),
        api.update(customer.id, odd),
        api.login_password(email=data.email(), password=data.password()),
        api.login_token(token=data.word()),
        api.login_email(),
        api.call("listCustomers", key=NO_KEY),
        api.call("createCustomer", json_body={"email": data.email()}, key=NO_KEY),
    ]
    refused = [answer for answer in answers if answer.is_refusal]
    if not refused:
        raise NotObservable("nothing was refused")
    return refused


def must_be_labelled(answer: Answer, allowed: tuple[str, ...]) -> None:
    """The content type of the answer is one of these, whatever its parameters."""
    label = answer.headers.get("content-type")
    if label is None or label.partition(";")[0].strip().lower() not in allowed:
        raise answer.violation(
            "an answer with a JSON body to be labelled application/json",
            "it has no label" if label is None else f"it is labelled {label!r}",
        )
