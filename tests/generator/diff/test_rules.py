"""Every rule, by two tiny documents, and the way back."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from partially_generator.diff.changes.findings import Change
from partially_generator.diff.changes.rules import STEPS, Level, listing, rules

Json = dict[str, Any]
Compare = Callable[[Json, Json], tuple[Change, ...]]

CASES: list[Json] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "same": {"type": "http", "scheme": "Bearer", "description": "The same kind by another name."},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "oauth": {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "https://a.test",
                "scopes": {"read": "Read", "write": "Write"},
            }
        },
    },
}


def document(kind: str, piece: Json) -> Json:
    """The smallest document around a piece of one."""
    operation: Json = {"operationId": "listThings", "responses": {"200": {"description": "Done"}}}
    whole: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.0.0"},
        "paths": {"/things": {"get": operation}},
        "components": {"securitySchemes": SCHEMES},
    }
    content = {"content": {"application/json": {"schema": piece}}}
    match kind:
        case "sent":
            operation["requestBody"] = {"required": True, **content}
        case "returned":
            operation["responses"]["200"] |= content
        case "parameter":
            operation["parameters"] = [{"name": "q", "in": "query", "schema": {"type": "string"}, **piece}]
        case "operation":
            operation |= piece
        case "document":
            whole |= piece
    return copy.deepcopy(whole)


def found(changes: tuple[Change, ...]) -> Json:
    return {change.rule.id: f"{change.rule.callers}/{change.rule.servers}" for change in changes}


def name(case: Json) -> str:
    return f"{case['in']}-{next(iter(case['there']), 'nothing')}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_change_falls_under_its_rule_and_so_does_the_way_back(case: Json, compare: Compare) -> None:
    before, after = (document(case["in"], case[side]) for side in ("before", "after"))
    assert found(compare(before, after)) == case["there"]
    assert found(compare(after, before)) == case["back"]
    assert compare(before, before) == compare(after, after) == ()


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_documents_of_the_cases_are_valid(case: Json) -> None:
    for side in ("before", "after"):
        errors = list(OpenAPIV31SpecValidator(document(case["in"], case[side])).iter_errors())
        assert not errors, errors[0].message


def test_every_rule_has_a_case() -> None:
    tested = {rule for case in CASES for side in ("there", "back") for rule in case[side]}
    assert tested == rules().keys()


def test_the_table_is_sound() -> None:
    text = (Path(__file__).parents[3] / "generator/partially_generator/diff/changes/rules.yaml").read_text()
    ids = [entry["id"] for entry in yaml.safe_load(text)]
    assert len(ids) == len(set(ids))
    for rule in rules().values():
        assert (rule.when is not None) == (rule.callers is Level.BREAKING), rule.id
        assert (rule.step == "major") == (rule.callers is Level.BREAKING), rule.id
        assert rule.step in STEPS
        assert rule.sentence("it", "one", "two").endswith("."), rule.id


def test_what_is_sent_and_what_is_returned_mirror_each_other() -> None:
    """What narrows a request breaks callers; what narrows an answer asks servers to change."""
    for end in ("type-narrowed", "null-refused", "enum-value-removed", "pattern-added", "limit-tightened"):
        request, response = rules()[f"request-{end}"], rules()[f"response-{end}"]
        assert (request.callers, response.callers) == (Level.BREAKING, Level.SAFE)
        assert (request.servers, response.servers) == (Level.ATTENTION, Level.BREAKING)


def test_the_listing_names_every_rule() -> None:
    lines = list(listing())
    assert [line.split()[0] for line in lines[1:]] == list(rules())
