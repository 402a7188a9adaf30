"""Generated requests are of the mode that they claim to be, and follow from the seed."""

from __future__ import annotations

import dataclasses
import signal
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode

from partially_conformance.bench.data import Data
from partially_conformance.generation.documents import (
    Mode,
    negative_document,
    positive_document,
    required_fields,
)
from partially_conformance.generation.effort import Effort
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.generation.request import GeneratedRequest
from partially_conformance.generation.requests import GeneratedRequests
from partially_conformance.generation.schemathesis_layer import RequestGenerator
from partially_conformance.rules.contract import contract
from partially_conformance.suite.servers.http.generated_requests import must_be_refused
from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.exchange import MISSING
from partially_conformance.traffic.recorder import Recorder

CONTRACT = contract()
WITH_BODY = [name for name, operation in CONTRACT.operations.items() if operation.example is not None]


def generate(
    document: dict[str, Any], mode: Mode, operation: str, number: int = 25
) -> list[GeneratedRequest]:
    requests: list[GeneratedRequest] = []

    fuzz = Fuzz(seed=7, effort=Effort.STANDARD, recorder=Recorder())
    fuzz.each(RequestGenerator(document, mode).requests(operation), requests.append, standard=number)
    return requests


@pytest.fixture(scope="module")
def positive() -> dict[str, Any]:
    data = Data(CONTRACT, seed=0, tag="tests", domain="example.com")
    return positive_document(CONTRACT, data.values_with_format())


@pytest.mark.parametrize("operation", WITH_BODY)
def test_allowed_bodies_fit_the_document_and_are_plain(positive: dict[str, Any], operation: str) -> None:
    described = CONTRACT.operations[operation]
    node = CONTRACT.document.raw["paths"][described.path][described.method.lower()]
    schema = node["requestBody"]["content"]["application/json"]["schema"]
    validator = jsonschema_rs.Draft202012Validator(
        {"allOf": [schema], "components": CONTRACT.document.raw["components"]}
    )
    known = CONTRACT.document.fields(schema)
    for request in generate(positive, Mode.POSITIVE, operation):
        validator.validate(request.body)
        assert request.body
        assert request.body.keys() <= known.keys()
        for value in request.body.values():
            assert value == value.strip()
            assert value.isprintable()
            assert 0 < len(value) <= 60


def test_lists_use_every_documented_parameter(positive: dict[str, Any]) -> None:
    asked = {name for request in generate(positive, Mode.POSITIVE, "listCustomers") for name in request.query}
    assert asked == {"q", "page", "per_page"}


@pytest.mark.parametrize("operation", WITH_BODY)
def test_many_negative_bodies_must_be_refused(operation: str) -> None:
    """An update requires no field: no JSON must be refused."""
    required = required_fields(CONTRACT, operation)
    requests = generate(negative_document(CONTRACT), Mode.NEGATIVE, operation)
    refused = [request for request in requests if must_be_refused(request.body, required)]
    assert len(refused) > len(requests) / 5 if required else not refused


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"email": "a@example.com"}, False),
        ({"email": 5}, False),  # a server may read a number as a text
        ({"email": ["a@example.com"]}, False),  # or a list with one text as that text
        ({"email": ["a@example.com", "b@example.com"]}, True),
        ({"email": [["a@example.com"]]}, True),
        ({"email": []}, True),
        ({"email": {"a": "b"}}, True),
        ({"email": None}, True),
        ({}, True),
        ([], True),
        ("text", True),
        (MISSING, True),
    ],
)
def test_which_bodies_must_be_refused(body: Any, refused: bool) -> None:
    assert must_be_refused(body, ("email",)) is refused


@pytest.mark.parametrize("body", [MISSING, {}, None, False, [], 0, "", [{}], True])
def test_an_update_without_fields_need_not_be_refused(body: Any) -> None:
    assert not must_be_refused(body, required_fields(CONTRACT, "updateCustomer"))
    assert must_be_refused(body, required_fields(CONTRACT, "createCustomer"))


def test_the_same_seed_generates_the_same_requests(positive: dict[str, Any]) -> None:
    first, second = (generate(positive, Mode.POSITIVE, "createCustomer", 10) for _ in range(2))
    assert [dataclasses.asdict(one) for one in first] == [dataclasses.asdict(one) for one in second]


@pytest.fixture
def generated() -> Iterator[GeneratedRequests]:
    values = Data(CONTRACT, seed=0, tag="tests", domain="example.com").values_with_format()
    requests = GeneratedRequests(CONTRACT, values, Fuzz(seed=3, effort=Effort.QUICK, recorder=Recorder()))
    yield requests
    requests.close()


def test_the_separate_process_generates_the_same_requests(generated: GeneratedRequests) -> None:
    tried: dict[str, dict[str, list[dict[str, Any]]]] = {}
    generated.start()
    for mode in Mode:
        for operation in generated.operations(mode):
            own = tried.setdefault(mode, {}).setdefault(operation, [])
            generated.each(mode, operation, lambda request, own=own: own.append(request.as_json()))  # type: ignore[misc]
    assert tried == generated.as_json()
    assert all(len(requests) >= 8 for operations in tried.values() for requests in operations.values())


def test_a_repeatable_failure_is_made_smaller(generated: GeneratedRequests) -> None:
    def refuse_queries(request: GeneratedRequest) -> None:
        if request.query.get("q"):
            raise Violation("no query", request.query["q"], [])

    with pytest.raises(Violation) as smallest:
        generated.each(Mode.POSITIVE, "listCustomers", refuse_queries)
    assert len(str(smallest.value.observed)) == 1


def test_a_failure_that_does_not_occur_again_is_raised_unchanged(generated: GeneratedRequests) -> None:
    seen: list[str] = []

    def refuse_once(request: GeneratedRequest) -> None:
        if request.query.get("q") and not seen:
            seen.append(request.query["q"])
            raise Violation("no query", request.query["q"], [])

    with pytest.raises(Violation) as only:
        generated.each(Mode.POSITIVE, "listCustomers", refuse_once)
    assert [only.value.observed] == seen


def test_a_process_that_generates_nothing_is_a_fault_of_the_suite(
    generated: GeneratedRequests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "partially_conformance.generation.requests._PROCESS", "partially_conformance.not_there"
    )
    with pytest.raises(RuntimeError, match=r"No module named partially_conformance\.not_there"):
        generated.each(Mode.POSITIVE, "listCustomers", lambda _request: None)


def test_the_separate_process_ends_with_the_run(generated: GeneratedRequests) -> None:
    generated.start()
    process = generated._process
    assert process is not None
    generated.close()
    assert process.returncode == -signal.SIGKILL


def test_a_request_of_the_other_mode_is_a_fault_of_the_suite(
    positive: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run with requests of the wrong mode only would prove nothing, and look like a success."""
    generator = RequestGenerator(positive, Mode.POSITIVE)
    requests = generator.requests("createCustomer")
    monkeypatch.setattr(generator, "_mode", GenerationMode.NEGATIVE)

    @settings(max_examples=1, database=None, phases=[Phase.generate])
    @given(requests)
    def take(_request: GeneratedRequest) -> None:
        pytest.fail("the request was accepted")

    with pytest.raises(AssertionError, match="expected a negative request"):
        take()
