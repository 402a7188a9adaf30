"""HTTP-7: requests generated from the document, those it allows and those it does not."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.generation.documents import Mode, required_fields
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.generation.request import GeneratedRequest
from partially_conformance.generation.requests import GeneratedRequests
from partially_conformance.rules.check import check
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import must_be_unchanged
from partially_conformance.traffic.exchange import MISSING

_EXAMPLES, _LEAST = 16, 8  # of unusual ids for each operation


@check("HTTP-7")
def allowed_requests_are_answered_as_documented(
    api: Api, given: Given, data: Data, generated: GeneratedRequests
) -> None:
    """Send allowed requests to every operation: creates and updates succeed, unknown ids are not found."""
    customer = given.customer()

    def create(request: GeneratedRequest) -> None:
        _send(api, request, body={**request.body, "email": data.email()}).success(
            "a create the document allows"
        )

    def update(request: GeneratedRequest) -> None:
        body = {**request.body, "email": data.email()} if "email" in request.body else request.body
        _send(api, request, customer_id=customer.id, body=body).success("an update the document allows")

    def with_unknown_id(request: GeneratedRequest) -> None:
        answer = _send(api, request, customer_id=data.unknown_id())
        if answer.status != 404:
            raise answer.violation("an unknown id to be answered with 404", f"status {answer.status}")

    def any_operation(request: GeneratedRequest) -> None:
        _must_be_harmless(_send(api, request))

    checks = {
        "createCustomer": create,
        "updateCustomer": update,
        "getCustomer": with_unknown_id,
        "gdprRemoveCustomer": with_unknown_id,
    }
    for operation in generated.operations(Mode.POSITIVE):
        generated.each(Mode.POSITIVE, operation, checks.get(operation, any_operation))


@check("HTTP-7")
def invalid_requests_are_refused_or_must_be_harmless(
    api: Api, given: Given, data: Data, contract: Contract, fuzz: Fuzz, generated: GeneratedRequests
) -> None:
    """Send requests the document does not allow: some bodies must be refused, none is answered with a 5xx."""
    customer = given.customer()
    for operation in generated.operations(Mode.NEGATIVE):
        required = required_fields(contract, operation)

        def send_invalid(request: GeneratedRequest, required: tuple[str, ...] = required) -> None:
            target = customer.id if request.customer_id is not None else None
            without_fields = request.operation == "updateCustomer" and not isinstance(request.body, dict)
            before = given.read(customer.id) if without_fields else customer
            answer = _send(api, request, customer_id=target)
            if must_be_refused(request.body, required):
                answer.refused("with a body that the document does not allow")
            _must_be_harmless(answer)
            if without_fields:
                must_be_unchanged(before, api, answer)

        generated.each(Mode.NEGATIVE, operation, send_invalid)
    for operation, described in contract.operations.items():
        if described.takes_id and described.example is None:
            # A short id may be the id of an existing customer, which must not be removed.
            ids = _unusual_ids.filter(lambda text: not data.may_be_an_id(text))
            fuzz.each(ids, partial(_must_be_harmless_with, api, operation), standard=_EXAMPLES, least=_LEAST)


_unusual_ids = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/?#%\\."), min_size=1, max_size=60
)
"""Ids that do not change the structure of a path."""


def _send(
    api: Api, request: GeneratedRequest, *, customer_id: str | None = None, body: Any = MISSING
) -> Answer:
    described = api.contract.operations[request.operation]
    path = described.path.replace("{id}", quote(customer_id or request.customer_id or "", safe=""))
    query = "?" + urlencode(request.query, quote_via=quote, doseq=True) if request.query else ""
    return api.send(
        described.method,
        path + query,
        json_body=request.body if body is MISSING else body,
        operation=request.operation,
    )


def _must_be_harmless_with(api: Api, operation: str, customer_id: str) -> None:
    _must_be_harmless(api.call(operation, customer_id))


def _must_be_harmless(answer: Answer) -> None:
    """Require that a response is no 5xx, and that a success has the documented shape."""
    if answer.no_server_error("a generated request not to be answered with a 5xx").ok:
        answer.success()


def must_be_refused(body: Any, required: tuple[str, ...]) -> bool:
    """Whether a body must be refused by every target.

    A target may read a number or a boolean as a string, a list with one of these as what is in it, and JSON
    that is not an object as an object without fields.
    """
    if not isinstance(body, dict):
        return bool(required)
    return any(not _may_be_read_as_text(body.get(name)) for name in required)


def _may_be_read_as_text(value: Any) -> bool:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return isinstance(value, str | int | float)
