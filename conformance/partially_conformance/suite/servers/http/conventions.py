"""HTTP: the shapes of responses, unknown paths and methods, content types, and the published commands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from partially_conformance.bench.api import NO_KEY, Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.rules.check import check
from partially_conformance.rules.choices import Choices
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import (
    must_be_unchanged,
    must_have_stored_nothing,
    must_store,
)
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import NotObservable
from partially_conformance.traffic.exchange import MISSING

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"}
"""What curl sends with `--data`."""

_SAFE = ("GET", "HEAD", "OPTIONS")
_UNSAFE = ("POST", "PATCH", "BREW", "DELETE")
_WITH_BODY = ("POST", "PATCH")
"""Methods that are not safe, one of them not an HTTP method."""


@check("HTTP-1", shape=True)
def every_success_has_the_documented_shape(
    api: Api, data: Data, contract: Contract, choices: Choices
) -> None:
    """Send the documented example of each operation except two logins; create full and minimal customers."""
    for answer in send_examples(api, data, contract):
        answer.success()
    for fields in (data.fields(language=data.language()), {"email": data.email()}):
        customer = api.create(fields).customer()
        api.get(customer.id).success()
        extra = sorted(customer.keys() - contract.response_fields.keys())
        choices.saw("extra-fields", ", ".join(extra) or "none")


@check("HTTP-2", shape=True, read_only=True)
def unknown_paths_are_refused(api: Api, data: Data) -> None:
    """Read paths that are not documented, beside and below the documented paths."""
    word, unknown_id = data.word().lower(), data.unknown_id()
    for path in (
        f"/{word}",
        f"/{word}/customer",
        f"/customer/{unknown_id}/{word}",
        f"/customer/{unknown_id}/{word}/{unknown_id}",
    ):
        answer = api.send("GET", path)
        if not answer.is_refusal:
            raise answer.violation(f"GET {path} to be refused with a 4xx", f"status {answer.status}")
    for path in ("/", "/customer/", f"/customer/{unknown_id}/"):  # a target may have a page there
        api.send("GET", path).no_server_error(f"GET {path} not to be answered with a 5xx")


@check("HTTP-2")
def writes_to_unknown_paths_are_refused(api: Api, given: Given, data: Data) -> None:
    """Write to paths below the documented paths, with a body that the documented path accepts."""
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
def undocumented_methods_are_not_answered_with_a_5xx(
    api: Api, given: Given, data: Data, target: Target
) -> None:
    """Send undocumented methods to the paths of a customer, to the list, and to the logins.

    A target may offer more than the document: another method may remove a customer without an open plan.
    """
    customer = given.customer()
    for answer in send_undocumented(api, customer.id, _SAFE):
        must_not_fail(answer)
    for name in ("login_password", "login_token"):
        must_not_fail(api.send("GET", f"/customer/{name}"))
    for method in ("HEAD", "OPTIONS"):
        must_not_fail(api.send(method, "/customer"))
    for method in _UNSAFE:
        for answer in send_undocumented(api, given.customer().id, (method,)):
            must_not_fail(answer)
    for answer in write_to_the_list(api, data, target):
        must_not_fail(answer)


@check("HTTP-13")
def safe_and_refused_methods_change_nothing(api: Api, given: Given, data: Data, target: Target) -> None:
    """Read a customer after GET, HEAD and OPTIONS, and after every other method that is refused."""
    customer = given.read(given.full_customer().id)
    for answer in send_undocumented(api, customer.id, _SAFE):
        must_be_unchanged(customer, api, answer)
    for method in _UNSAFE:
        for answer in send_undocumented(api, customer.id, (method,)):
            if answer.ok:
                customer = given.read(given.full_customer().id)  # it may have removed the other
                break
            must_be_unchanged(customer, api, answer)
    for answer in write_to_the_list(api, data, target):
        if not answer.ok:
            must_be_unchanged(customer, api, answer)
            sent = json.loads(answer.exchange.request.body or b"{}")
            must_have_stored_nothing(api, sent["first_name"], answer)


@check("HTTP-14")
def no_method_changes_a_customer_with_an_open_plan(
    api: Api, given: Given, data: Data, target: Target
) -> None:
    """Send undocumented methods to the paths of a customer with an open plan, and to the list."""
    customer = given.read(given.full_customer().id)
    given.plan(customer, "open")
    for method in _UNSAFE:
        for answer in send_undocumented(api, customer.id, (method,)):
            must_be_unchanged(customer, api, answer)
    for answer in write_to_the_list(api, data, target):
        must_be_unchanged(customer, api, answer)


@check("HTTP-11")
def a_405_names_the_documented_methods(api: Api, given: Given, contract: Contract) -> None:
    """Send undocumented methods: Allow in a 405 has the documented methods and not the one sent."""
    customer = given.customer()
    documented = {
        operation.method for operation in contract.operations.values() if operation.path == "/customer/{id}"
    }
    for answer in send_undocumented(api, customer.id, (*_SAFE, *_UNSAFE)):
        request = answer.exchange.request
        if answer.status != 405 or not request.target.endswith(f"/customer/{customer.id}"):
            continue
        allow = {method.strip().upper() for method in answer.headers.get("allow", "").split(",")}
        if not documented <= allow or request.method in allow:
            shown = answer.headers.get("allow")
            raise answer.violation(
                f"Allow to name {' and '.join(sorted(documented))} and not {request.method} in a 405",
                "no such header" if shown is None else f"Allow is {shown!r}",
            )


@check("HTTP-8")
def refusals_have_a_message(api: Api, given: Given, data: Data) -> None:
    """Check the bodies of many refusals: an object with a message, and perhaps a list of errors."""
    for answer in send_wrong_requests(api, given, data):
        body = answer.json
        if not isinstance(body, dict):
            raise answer.violation(
                "the body of a refusal to be a JSON object", f"the body is {answer.text[:200]!r}"
            )
        if not isinstance(body.get("message"), str) or not body["message"].strip():
            raise answer.violation(
                "the body of a refusal to have a message", f"the body is {answer.text[:200]!r}"
            )
        errors = body.get("errors", [])
        if not isinstance(errors, list) or not all(isinstance(error, str) for error in errors):
            raise answer.violation("errors in a refusal to be a list of strings", f"errors is {errors!r}")


@check("HTTP-9", shape=True)
def successes_are_labelled_as_json(api: Api, data: Data, contract: Contract) -> None:
    """Send the documented example of each operation except two logins."""
    for answer in send_examples(api, data, contract):
        if answer.ok and answer.text:
            must_be_labelled(answer, ("application/json",))


@check("HTTP-9")
def refusals_are_labelled_as_json(api: Api, given: Given, data: Data) -> None:
    """Check the content type of many refusals whose body is a JSON object, perhaps a problem detail."""
    for answer in send_wrong_requests(api, given, data):
        if isinstance(answer.json, dict):
            must_be_labelled(answer, ("application/json", "application/problem+json"))


@check("HTTP-12")
def the_published_create_command_works(api: Api, data: Data, contract: Contract, choices: Choices) -> None:
    """Create with the published body, and one with special characters of forms, labelled as curl does."""
    published = dict(contract.operations["createCustomer"].example or {})
    special = {"first_name": "a+b=c&d%20e;f", "shipto_address": "1 + 1 & 2%2B2"}
    for sent in ({**published, "email": data.email()}, {"email": data.email("a+b"), **special}):
        answer = api.call("createCustomer", json_body=sent, headers=_FORM)
        choices.saw("form-label", "taken" if answer.ok else f"refused with {answer.status}")
        must_store(sent, api, answer, what="the customer created by curl")


@check("HTTP-12")
def the_other_published_commands_work(api: Api, given: Given, contract: Contract) -> None:
    """Send the published update, a request for a token and a removal, labelled as curl does."""
    customer = given.customer()
    sent = dict(contract.operations["updateCustomer"].example or {})
    answer = api.call("updateCustomer", customer.id, json_body=sent, headers=_FORM)
    must_store(sent, api, answer, what="the customer updated by curl")
    api.call("loginEmail", json_body={"email": customer.email}, headers=_FORM).success()
    api.call("gdprRemoveCustomer", customer.id, headers={"Accept": "*/*"}).success()


def send_examples(api: Api, data: Data, contract: Contract) -> list[Answer]:
    """Send the documented example of each operation, for a new customer, and return the responses.

    The two logins are left out: they need a password, or an emailed token.
    """
    example = dict(contract.operations["createCustomer"].example or {})
    email = data.email()  # a mock may show another email
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


def send_undocumented(api: Api, customer_id: str, methods: Sequence[str]) -> Iterator[Answer]:
    """Send those of the methods that are not documented to the paths of a customer.

    POST and PATCH have an empty object as their body: a target that treats PATCH as PUT changes nothing.
    """
    identifier = quote(customer_id, safe="")
    for path, documented in ((f"/customer/{identifier}", "GET"), (f"/customer/gdpr_remove/{identifier}", "")):
        for method in methods:
            if method == documented:
                continue
            yield api.send(method, path, json_body={} if documented and method in _WITH_BODY else MISSING)


def write_to_the_list(api: Api, data: Data, target: Target) -> Iterator[Answer]:
    """Send PUT, PATCH and DELETE with the fields of a new customer to the list.

    On a live target nothing is sent: these requests could change all customers, also those of others.
    """
    for method in () if target.live else ("PUT", "PATCH", "DELETE"):
        sent = {"first_name": data.word(), "email": data.email()}
        yield api.send(method, "/customer", json_body=sent)


def must_not_fail(answer: Answer) -> None:
    """Require that an undocumented method is not answered with a 5xx except 501, which means just that."""
    if answer.status >= 500 and answer.status != 501:
        method = answer.exchange.request.method
        raise answer.violation(f"{method} not to be answered with a 5xx", f"status {answer.status}")


def send_wrong_requests(api: Api, given: Given, data: Data) -> list[Answer]:
    """Send many kinds of wrong requests, and return the responses that are refusals.

    Raises:
        NotObservable: The target refuses none of them.
    """
    unknown_id, customer = data.unknown_id(), given.customer()
    invalid: dict[str, Any] = {"email": ["a"]}
    answers = [
        api.get(unknown_id),
        api.update(unknown_id, first_name=data.word()),
        api.gdpr_remove(unknown_id),
        api.get("abc"),
        api.create(first_name=data.word()),
        api.create(email=""),
        api.create(invalid),
        api.call("createCustomer", body=b'{"email": '),
        api.update(customer.id, invalid),
        api.login_password(email=data.email(), password=data.password()),
        api.login_token(token=data.word()),
        api.login_email(),
        api.call("listCustomers", key=NO_KEY),
        api.call("createCustomer", json_body={"email": data.email()}, key=NO_KEY),
    ]
    refused = [answer for answer in answers if answer.is_refusal]
    if not refused:
        raise NotObservable("the target refused none of the wrong requests")
    return refused


def must_be_labelled(answer: Answer, allowed: tuple[str, ...]) -> None:
    """Require that the content type of a response is one of these, with any parameters."""
    label = answer.headers.get("content-type")
    if label is None or label.partition(";")[0].strip().lower() not in allowed:
        raise answer.violation(
            f"a response with a JSON body to have the content type {' or '.join(allowed)}",
            "no content type" if label is None else f"the content type is {label!r}",
        )
