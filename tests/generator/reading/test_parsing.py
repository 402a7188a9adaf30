"""What a document says, as the parser gives it: nothing is made up, and nothing refused that is valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from partially_generator.api.reader import read_api
from partially_generator.reading import outline
from partially_generator.reading.document import read_document
from partially_generator.reading.errors import GeneratorError, SpecError
from partially_generator.reading.parsing import parse
from partially_spec import Document

TEXT = {"type": "string"}
FINE = {"200": {"description": "Fine."}}


def document(item: Any, **more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": item}, **more}


def read(tmp_path: Path, spec: dict[str, Any]) -> outline.Outline:
    """What a valid document says; the generator takes it, too."""
    path = tmp_path / "spec.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    known = read_document(path)
    read_api(known)
    return parse(known)


def test_everything_is_said_with_its_place(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": TEXT}}
    spec = document(
        {
            "parameters": [{"name": "shared", "in": "query", "schema": TEXT}],
            "servers": [{"url": "https://{where}.example.com", "variables": {"where": {"default": "eu"}}}],
            "post": {
                "tags": ["one", "two"],
                "operationId": "go",
                "summary": "Go",
                "description": "Go there.",
                "deprecated": True,
                "parameters": [
                    {
                        "name": "own",
                        "in": "header",
                        "required": True,
                        "style": "simple",
                        "description": "Own.",
                        "deprecated": True,
                        "schema": TEXT,
                    }
                ],
                "requestBody": {
                    "required": True,
                    "description": "All.",
                    "content": {"text/plain": {}, "application/json": {"schema": schema}},
                },
                "responses": {**FINE, "4XX": {"description": "No.", "content": {"text/html": {}}}},
                "callbacks": {"done": {"{$request.body#/url}": {"post": {"responses": FINE}}}},
            },
        },
        info={"title": "T", "version": "1", "summary": "Things", "description": "All things."},
        tags=[{"name": "one", "description": "The first"}],
        webhooks={"told": {"post": {"responses": FINE}}},
    )
    said = read(tmp_path, spec)
    assert (said.title, said.version, said.summary, said.description) == ("T", "1", "Things", "All things.")
    assert said.tags == (outline.Tag("one", "The first"),)
    assert (said.servers, said.security, said.keys, said.webhooks) == ((), (), {}, ("told",))
    (operation,) = said.operations
    place = ("paths", "/x", "post")
    raw = spec["paths"]["/x"]
    assert operation == outline.Operation(
        path="/x",
        method="post",
        tags=("one", "two"),
        operation_id="go",
        summary="Go",
        description="Go there.",
        deprecated=True,
        parameters=(
            outline.Parameter(
                "shared", "query", False, None, None, "", False, (),
                raw["parameters"][0], ("paths", "/x", "parameters", 0),
            ),
            outline.Parameter(
                "own", "header", True, "simple", None, "Own.", True, (),
                raw["post"]["parameters"][0], (*place, "parameters", 0),
            ),
        ),
        body=outline.Body(
            True,
            "All.",
            (
                outline.MediaType("text/plain", {}, {}, (*place, "requestBody", "content", "text/plain")),
                outline.MediaType(
                    "application/json", {}, {"schema": schema},
                    (*place, "requestBody", "content", "application/json"),
                ),
            ),
            (*place, "requestBody"),
        ),
        answers=(
            outline.Answer("200", "Fine.", (), (*place, "responses", "200")),
            outline.Answer(
                "4XX", "No.",
                (
                    outline.MediaType(
                        "text/html", {}, {}, (*place, "responses", "4XX", "content", "text/html")
                    ),
                ),
                (*place, "responses", "4XX"),
            ),
        ),
        callbacks=("done",),
        security=None,
        servers=(outline.Server("https://{where}.example.com", "", (("where", "eu"),)),),
        raw=raw["post"],
        place=place,
    )  # fmt: skip


def test_an_operation_replaces_a_parameter_of_its_path(tmp_path: Path) -> None:
    shared = [{"name": name, "in": "query", "schema": TEXT} for name in ("a", "b")]
    own = [{"name": "a", "in": "query", "description": "Own.", "schema": TEXT}]
    said = read(tmp_path, document({"parameters": shared, "get": {"parameters": own, "responses": FINE}}))
    found = [(given.name, given.description, given.place[-3:]) for given in said.operations[0].parameters]
    assert found == [("a", "Own.", ("get", "parameters", 0)), ("b", "", ("/x", "parameters", 1))]


@pytest.mark.parametrize("explode", [True, False, None])
def test_explode_is_what_is_written(tmp_path: Path, explode: bool | None) -> None:
    written = {} if explode is None else {"explode": explode}
    media = {
        "schema": {"type": "object", "properties": {"a": {"type": "array", "items": TEXT}}},
        "encoding": {"a": {"style": "form", **written}},
    }
    operation = {
        "parameters": [{"name": "p", "in": "query", "schema": {"type": "array", "items": TEXT}, **written}],
        "requestBody": {"content": {"application/x-www-form-urlencoded": media}},
        "responses": FINE,
    }
    (found,) = read(tmp_path, document({"post": operation})).operations
    assert found.body is not None
    assert found.parameters[0].explode is explode
    assert found.body.content[0].encoding == {"a": outline.Encoding("", "form", explode)}


def test_no_key_is_another_thing_than_the_usual_one(tmp_path: Path) -> None:
    operations = {
        method: {"responses": FINE, **more}
        for method, more in (
            ("get", {}),
            ("put", {"security": []}),
            ("post", {"security": [{"a": [], "b": ["read"]}, {}]}),
        )
    }
    schemes = {
        "a": {"type": "http", "scheme": "bearer"},
        "b": {"$ref": "#/components/securitySchemes/c"},
        "c": {"type": "apiKey", "in": "query", "name": "key", "description": "Ours"},
    }
    spec = document(operations, security=[{"a": []}], components={"securitySchemes": schemes})
    said = read(tmp_path, spec)
    assert said.security == (("a",),)
    assert {o.method: o.security for o in said.operations} == {
        "get": None,
        "put": (),
        "post": (("a", "b"), ()),
    }
    place = ("components", "securitySchemes")
    assert said.keys == {
        "a": outline.Key("http", "bearer", "", "", "", (*place, "a")),
        "b": outline.Key("apiKey", "", "query", "key", "Ours", (*place, "b")),
    }


def test_references_are_followed_and_the_place_is_where_they_stand(tmp_path: Path) -> None:
    operation = {
        "parameters": [{"$ref": "#/components/parameters/P"}],
        "requestBody": {"$ref": "#/components/requestBodies/B"},
        "responses": {"200": {"$ref": "#/components/responses/R"}},
    }
    content = {"content": {"application/json": {"schema": True}}}
    spec = document(
        {"$ref": "#/components/pathItems/I"},
        components={
            "pathItems": {"I": {"put": operation}},
            "parameters": {"P": {"name": "p", "in": "query", **content}},
            "requestBodies": {"B": content},
            "responses": {"R": {"description": "Fine.", **content}},
        },
    )
    (found,) = read(tmp_path, spec).operations
    assert found.body is not None
    place = ("paths", "/x", "put")
    ending = ("content", "application/json")
    medias = [*found.parameters[0].content, *found.body.content, *found.answers[0].content]
    assert [media.schema for media in medias] == [True, True, True]
    assert [media.place for media in medias] == [
        (*place, "parameters", 0, *ending),
        (*place, "requestBody", *ending),
        (*place, "responses", "200", *ending),
    ]


VALID = {
    "no responses": document({"get": {}}),
    "a version with more behind it": document({"get": {"responses": FINE}}, openapi="3.1.0-rc1"),
    "a callback by reference": document(
        {"get": {"responses": FINE, "callbacks": {"c": {"$ref": "#/components/callbacks/C"}}}},
        components={"callbacks": {"C": {"{$url}": {"post": {"responses": FINE}}}}},
    ),
    "a header by a boolean schema": document(
        {"get": {"responses": {"200": {"description": "", "headers": {"X": {"schema": True}}}}}}
    ),
    "boolean schemas": document(
        {"get": {"responses": FINE, "parameters": [{"name": "p", "in": "query", "schema": {"items": True}}]}},
        components={"schemas": {"A": True, "B": {"not": False, "properties": {"a": True}}}},
    ),
    "words of the parser's own": document(
        {"get": {"responses": FINE, "x-request_body": 1}, "x-ref": 1},
        components={"schemas": {"A": {"const": {"any": ["value"]}, "schema_not": 1}}},
    ),
}


@pytest.mark.parametrize("what", VALID)
def test_what_openapi_allows_is_taken(tmp_path: Path, what: str) -> None:
    (operation,) = read(tmp_path, VALID[what]).operations
    assert operation.place == ("paths", "/x", "get")


def test_extensions_among_paths_and_statuses_are_none(tmp_path: Path) -> None:
    item = {"get": {"responses": {"x-more": {"description": "No answer."}, **FINE}}}
    spec = document(item)
    spec["paths"]["x-note"] = item
    (operation,) = read(tmp_path, spec).operations
    assert [answer.status for answer in operation.answers] == ["200"]


def at(kind: str, **components: Any) -> dict[str, Any]:
    """A document in which something of this kind is a reference to the component `c`."""
    section = next(iter(components))
    reference = {"$ref": f"#/components/{section}/c"}
    operation: dict[str, Any] = {"responses": FINE}
    match kind:
        case "parameter":
            operation["parameters"] = [{"name": "p", "in": "query", "schema": TEXT}, reference]
        case "body":
            operation["requestBody"] = reference
        case "answer":
            operation["responses"] = {"200": reference}
    item = reference if kind == "item" else {"post": operation}
    return document(item, components={section: {"c": components[section]}})


ELSEWHERE: dict[str, tuple[dict[str, Any], str]] = {
    "an answer at a parameter": (
        at("answer", parameters={"name": "p", "in": "query", "schema": TEXT}),
        "paths./x.post.responses.200.description: Field required",
    ),
    "a parameter at something like one": (
        at("parameter", **{"x-parts": {"name": "q", "in": "query", "style": 5}}),
        "paths./x.post.parameters[1].style: Input should be a valid string, got 5",
    ),
    "a body whose need is told by a schema": (
        at("body", schemas={"required": ["a"]}),
        "paths./x.post.requestBody.required: Input should be a valid boolean, got ['a']",
    ),
    "an answer at a text": (
        at("answer", **{"x-parts": "text"}),
        "paths./x.post.responses.200: expected an object, got 'text'",
    ),
    "an operation of another kind": (
        at("item", **{"x-parts": {"get": {"security": "all"}}}),
        "paths./x.get.security: Input should be a valid list, got 'all'",
    ),
    "servers of another kind": (
        at("item", **{"x-parts": {"get": {}, "servers": [{"url": "/", "variables": {"a": 5}}]}}),
        "paths./x.servers[0].variables.a: expected an object, got 5",
    ),
    "a form of another kind": (
        at("body", **{"x-parts": {"content": {"a/b": {"encoding": {"c": []}}}}}),
        "paths./x.post.requestBody.content.a/b.encoding.c: expected an object, got []",
    ),
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_a_reference_to_another_kind_of_thing_is_one_line_with_its_place(tmp_path: Path, what: str) -> None:
    spec, said = ELSEWHERE[what]
    with pytest.raises(GeneratorError) as refused:
        read(tmp_path, spec)
    assert str(refused.value).removeprefix(f"{tmp_path / 'spec.yaml'}: ").startswith(said)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a place that is none": (
        document({"get": {"responses": FINE, "parameters": [{"name": "p", "in": "body"}]}}),
        "paths./x.get.parameters[0].in: ",
    ),
    "a parameter without a name": (
        document({"parameters": [{"in": "query"}], "get": {"responses": FINE}}),
        "paths./x.parameters[0].name: Field required",
    ),
    "a text that is none": (
        document({"get": {"summary": 5, "responses": FINE}}),
        "paths./x.get.summary: Input should be a valid string, got 5",
    ),
    "a key called as the parser calls alternatives": (
        document(
            {"get": {"responses": FINE}},
            security=[{"other": []}],
            components={"securitySchemes": {"other": {"type": ["a"] * 99}}},
        ),
        "components.securitySchemes.other.type: Input should be a valid string, got ['a', ",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_parser_refuses_is_one_line_with_its_place(what: str) -> None:
    """These were not validated, which finds the same before."""
    spec, said = REFUSED[what]
    with pytest.raises(SpecError) as refused:
        parse(Document(spec, Path("spec.yaml")))
    message = str(refused.value)
    assert message.startswith(said)
    assert len(message) < 200
    assert "\n" not in message
