"""One feature of OpenAPI at a time: generated, and then run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from partially_generator.api import names
from partially_generator.cli import main
from partially_generator.writing.text import python_code
from partially_generator.writing.unasync import unasync

TEXT: dict[str, Any] = {"type": "string"}
PRELUDE = """
import httpx2
import partially_client
from partially_client import *
def client(answer=None, seen=None, **more):
    def server(request):
        print(request.method, request.url.raw_path.decode(), request.content.decode())
        return httpx2.Response(200, json=answer)
    return Partially("key", transport=httpx2.MockTransport(server), **more)
"""

Generate = Callable[[dict[str, Any]], Callable[[str], list[str]]]


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The smallest document around some paths."""
    servers = [{"url": "https://api.example.com"}]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": servers,
        "paths": paths,
        **more,
    }


def answer(schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """The responses of an operation that answers 200."""
    content = {} if schema is None else {"content": {"application/json": {"schema": schema}}}
    return {"200": {"description": "Done", **content}}


@pytest.fixture
def generate(tmp_path: Path) -> Generate:
    """Build a client from a document; what comes back runs a program with it and gives its lines."""

    def build(spec: dict[str, Any]) -> Callable[[str], list[str]]:
        path = tmp_path / "spec.yaml"
        path.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
        assert main(["build", "--spec", str(path), "--output", str(tmp_path / "out")]) == 0

        def run(program: str) -> list[str]:
            done = subprocess.run(
                [sys.executable, "-W", "error", "-c", PRELUDE + program],
                env={**os.environ, "PYTHONPATH": str(tmp_path / "out" / "src")},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            return done.stdout.splitlines()

        return run

    return build


def test_a_required_body_in_two_media_types_stays_required(generate: Generate) -> None:
    schema = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
    content = {kind: {"schema": schema} for kind in ("application/x-www-form-urlencoded", "application/json")}
    body = {"required": True, "content": content}
    run = generate(document({"/things": {"post": {"requestBody": body, "responses": answer()}}}))
    program = """
import inspect
print(inspect.signature(Partially.default.fget(client()).post_things).parameters["name"])
client().default.post_things(name="a")
"""
    assert run(program) == ["name: 'str'", 'POST /things {"name":"a"}']


def test_openapi_3_0_with_nullable(generate: Generate) -> None:
    schema = {"type": "object", "properties": {"note": {"type": "string", "nullable": True, "default": ""}}}
    operation = {
        "operationId": "updateThing",
        "tags": ["things"],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": answer(schema),
    }
    spec = {**document({"/things": {"put": operation}}), "openapi": "3.0.3"}
    run = generate(spec)
    program = """
thing = client({"note": None}).things.update(note=None)
print(thing.note)
thing = client({}).things.update()
print(thing.note is UNSET, thing.to_dict())
"""
    assert run(program) == ['PUT /things {"note":null}', "None", "PUT /things {}", "True {}"]


def test_an_optional_body_is_not_sent_when_nothing_was_said(generate: Generate) -> None:
    schema = {"type": "object", "properties": {"note": TEXT}}
    body = {"content": {"application/json": {"schema": schema}}}
    operation = {"operationId": "go", "requestBody": body, "responses": answer()}
    run = generate(document({"/x": {"post": operation}}))
    assert run("client().default.go(); client().default.go(note='')") == ["POST /x ", 'POST /x {"note":""}']


def test_parameters_in_path_query_and_header(generate: Generate) -> None:
    parameters = [
        {"name": "class", "in": "path", "required": True, "schema": TEXT},
        {"name": "timeout", "in": "query", "schema": {"type": "boolean"}},
        {"name": "sort-by", "in": "query", "schema": {"type": "array", "items": TEXT}},
        {"name": "X-Trace", "in": "header", "schema": TEXT},
    ]
    operation = {"operationId": "findThings", "tags": ["t"], "parameters": parameters, "responses": answer()}
    run = generate(document({"/of/{class}": {"get": operation}}))
    program = """
seen = []
def server(request):
    seen.append(request.headers["x-trace"])
    print(request.method, request.url.raw_path.decode())
    return httpx2.Response(200)
things = Partially("key", transport=httpx2.MockTransport(server)).t
things.find_things("a b", timeout_=True, sort_by=["x", "y&z"], x_trace="t", timeout=3)
print(seen)
try:
    things.find_things("a", x_trace="t\\r\\nHost: evil")
except InvalidRequestError as error:
    print(error)
"""
    assert run(program) == [
        "GET /of/a%20b?timeout=true&sort-by=x&sort-by=y%26z",
        "['t']",
        "t.find_things: header 'X-Trace': expected printable ASCII text on one line",
    ]


def test_nested_models_enums_maps_and_unions(generate: Generate) -> None:
    schemas = {
        "Node": {
            "type": "object",
            "required": ["kind", "list"],
            "properties": {
                "kind": {"type": "string", "enum": ["leaf", 'say "hi"\n']},
                "list": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
                "size": {"oneOf": [{"type": "integer", "minimum": 1}, TEXT]},
                "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
                "secret": {"type": "string", "format": "password"},
                "at": {"type": "string", "format": "date-time"},
            },
        }
    }
    node = {"$ref": "#/components/schemas/Node"}
    get = {"operationId": "getNode", "tags": ["nodes"], "responses": answer(node)}
    run = generate(document({"/node": {"get": get}}, components={"schemas": schemas}))
    program = """
import copy, pickle
leaf = {"kind": "leaf", "list": [], "colour": "red"}
whole = {"kind": 'say "hi"\\n', "list": [leaf], "labels": {"a": 1}, "secret": "s3cret"}
whole["at"] = "2020-01-01T00:00:00Z"
node = client(whole).nodes.get()
print(node.list_[0].extra["colour"], node.to_dict() == whole, "s3cret" in repr(node))
for twin in (copy.copy(node), copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
    print(twin == node, twin.to_dict() == whole, twin.list_[0].extra == {"colour": "red"})
for wrong in ({"list": []}, {**leaf, "kind": "tree"}, {**leaf, "list": [{**leaf, "size": 0}]}):
    try:
        client(wrong).nodes.get()
    except ResponseValidationError as error:
        print(error.path)
"""
    lines = [line for line in run(program) if not line.startswith("GET")]
    same = "True True True"
    assert lines == ["red True False", same, same, same, "$", "$.kind", "$.list[0].size"]


@pytest.mark.parametrize("own", ["beside", "inside"])
def test_properties_beside_a_single_reference_are_not_lost(generate: Generate, own: str) -> None:
    part = {"type": "object", "required": ["a", "b"], "properties": {"b": TEXT}}
    base = {"$ref": "#/components/schemas/Base"}
    child = {"allOf": [base, part]} if own == "inside" else {"allOf": [base], **part}
    schemas = {"Base": {"type": "object", "properties": {"a": TEXT}}, "Child": child}
    get = {"operationId": "get", "responses": answer({"$ref": "#/components/schemas/Child"})}
    run = generate(document({"/x": {"get": get}}, components={"schemas": schemas}))
    program = """
print(client({"a": "1", "b": "2"}).default.get())
try:
    client({"b": "2"}).default.get()
except ResponseValidationError as error:
    print(error.message)
"""
    get_line = "GET /x "
    assert run(program) == [
        get_line,
        "Child(a='1', b='2')",
        get_line,
        "Object missing required field `a`",
    ]


def test_answers_that_are_no_objects(generate: Generate) -> None:
    def get(schema: dict[str, Any] | None, kind: str = "application/json") -> dict[str, Any]:
        content = {} if schema is None else {"content": {kind: {"schema": schema}}}
        return {"get": {"responses": {"200": {"description": "", **content}}, "tags": ["x"]}}

    paths = {
        "/list": get({"type": "array", "items": {"type": "integer"}}),
        "/text": get(TEXT, "text/plain"),
        "/any": get({}),
        "/none": get(None),
    }
    program = """
x = client([1]).x
print(x.get_list(), x.get_text(), x.get_any(), x.get_none())
"""
    assert generate(document(paths))(program)[-1] == "[1] [1] [1] None"


def test_an_api_without_a_key_or_an_address(generate: Generate) -> None:
    run = generate({**document({"/x": {"get": {"operationId": "x", "responses": answer()}}}), "servers": []})
    program = """
try:
    Partially()
except ConfigurationError as error:
    print(error)
"""
    assert run(program) == [
        "No base address: pass base_url=... or set the environment variable PARTIALLY_BASE_URL"
    ]


EVIL = '"""\n\'\'\'\nopen("pwned", "w").write("x")\n{{ 7 * 7 }} \\'


def test_hostile_text_stays_text(generate: Generate, tmp_path: Path) -> None:
    name = 'x"); open("pwned", "w"); ("'
    schema: dict[str, Any] = {
        "type": "object",
        "description": EVIL,
        "required": [name],
        "properties": {
            name: {"type": "string", "description": EVIL, "example": EVIL, "pattern": '"""'},
            "import": {"type": "string", "description": EVIL, "default": EVIL},
            "\u202e": {"type": "integer"},
            "a-b": TEXT,
            "a_b": TEXT,
            "self": TEXT,
        },
    }
    returned = {**schema, "properties": {**schema["properties"]}, "required": [name.replace('"', "'")]}
    returned["properties"][name.replace('"', "'")] = returned["properties"].pop(name)
    operation = {
        "operationId": "../../__import__('os').getcwd()",
        "tags": ["../../../evil"],
        "summary": EVIL,
        "description": EVIL,
        "deprecated": True,
        "parameters": [{"name": name, "in": "query", "description": EVIL, "schema": TEXT, "example": EVIL}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {**answer(returned), "400": {"description": EVIL}},
    }
    spec = document({"/a'\"\\": {"post": operation}}, tags=[{"name": "../../../evil", "description": EVIL}])
    spec["info"] = {"title": EVIL, "version": EVIL, "summary": EVIL}
    spec["servers"] = [{"url": 'https://example.com/"+open("pwned","w").name+"'}]
    run = generate(spec)
    program = '''
import inspect, pkgutil, importlib
for module in pkgutil.walk_packages(partially_client.__path__, "partially_client."):
    importlib.import_module(module.name)
answer = {"x\\'); open(\\'pwned\\', \\'w\\'); (\\'": '"""'}
evil = client(answer, base_url="https://example.com").evil
method = next(m for n, m in inspect.getmembers(evil, inspect.ismethod) if not n.startswith("_"))
print(list(inspect.signature(method).parameters)[:7])
print(method(x_open_pwned_w_="1", import_="2", a_b="3", a_b_="4", self_="5", value=6).to_dict())
'''
    arguments = ["x_open_pwned_w_", "x_open_pwned_w", "import_", "value", "a_b", "a_b_", "self_"]
    lines = run(program)
    assert lines[0] == str(arguments)
    sent = json.loads(lines[1].split(" ", 2)[2])
    assert sent == {name: "1", "import": "2", "\u202e": 6, "a-b": "3", "a_b": "4", "self": "5"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "spec.yaml"]
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize(
    ("operation", "tag", "method"),
    [
        ("listCustomers", "customers", "list"),
        ("getCustomer", "customers", "get"),
        ("gdprRemoveCustomer", "customers", "gdpr_remove"),
        ("loginPassword", "customers", "login_password"),
        ("list_payment_plans", "payment plans", "list"),
        ("deleteCategory", "categories", "delete"),
        ("importBoxes", "box", "import_"),
        ("customers", "customers", "customers"),
        ("getHTTPStatus2", "things", "get_http_status2"),
    ],
)
def test_method_names(operation: str, tag: str, method: str) -> None:
    assert names.method_name(operation, tag) == method


def test_a_docstring_keeps_its_paragraphs_and_lists() -> None:
    assert python_code.paragraphs("One\ntwo.\n\n- a\n  b\n- c", 80) == ["One two.", "", "- a b", "- c"]


def test_the_blocking_twin_has_nothing_asynchronous_left() -> None:
    source = (
        "import asyncio\nasync def f(x: Awaitable[T]) -> AsyncIterator[T]:\n"
        "    async with AsyncHttp() as h:\n        await asyncio.sleep(1)\n        await h.aread()\n"
    )
    assert unasync(source) == (
        "import time\ndef f(x: T) -> Iterator[T]:\n"
        "    with SyncHttp() as h:\n        time.sleep(1)\n        h.read()\n"
    )


def test_a_generated_client_of_another_shape_is_strictly_typed(generate: Generate, tmp_path: Path) -> None:
    properties = {"class": TEXT, "tags": {"type": "array", "items": TEXT}}
    thing = {"type": "object", "required": ["class"], "properties": properties}
    one = {"$ref": "#/components/schemas/Thing"}
    many = {"type": "array", "items": one}
    body = {"content": {"application/json": {"schema": many}}, "required": True}
    get = {"operationId": "listThings", "tags": ["things"], "responses": answer(many)}
    post = {"operationId": "dict", "tags": ["things"], "requestBody": body, "responses": answer(one)}
    paths = {"/things": {"get": get, "post": post}}
    generate(document(paths, components={"schemas": {"Thing": thing}}))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(tmp_path / "out" / "src")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
