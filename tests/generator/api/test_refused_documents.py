"""What cannot be expressed: one line with the file and the place, exit code 2, and nothing written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from partially_generator.cli import main

TEXT: dict[str, Any] = {"type": "string"}


def document(operation: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    own = {"operationId": "go", "responses": {"200": {"description": "Fine."}}, **(operation or {})}
    paths = {"/x": {"post": own}}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def answering(schema: Any, **schemas: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return document(
        {"responses": {"200": {"description": "Fine.", "content": content}}}, components={"schemas": schemas}
    )


def parameter(**more: Any) -> dict[str, Any]:
    return document({"parameters": [{"name": "p", "in": "query", "schema": TEXT, **more}]})


def body(kind: str, **media: Any) -> dict[str, Any]:
    return document({"requestBody": {"content": {kind: media}}})


def keyed(**scheme: Any) -> dict[str, Any]:
    return document(security=[{"k": []}], components={"securitySchemes": {"k": scheme}})


ARRAYS = {"type": "array", "items": TEXT}
AT = "paths./x.post"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a version to come": (document(openapi="3.2.0"), "openapi: expected an OpenAPI version 3.0.x or 3.1.x"),
    "Swagger": ({"swagger": "2.0", "info": {}, "paths": {}}, "openapi: expected an OpenAPI version"),
    "no operation": (document(paths={}), "paths: there is no operation"),
    "a reference to a file": (
        answering({"$ref": "other.yaml#/X"}),
        f"{AT}.responses.200.content.application/json.schema.$ref: expected a reference within the document",
    ),
    "a reference to an address": (
        answering({"$ref": "https://example.com/x.json"}),
        "expected a reference within the document, such as #/components/..., got 'https://example.com/x.json'",
    ),
    "a reference to nothing": (answering({"$ref": "#/components/schemas/None"}), "None"),
    "a schema made of itself": (
        answering({"$ref": "#/components/schemas/A"}, A={"allOf": [{"$ref": "#/components/schemas/A"}]}),
        "components.schemas.A: contains itself",
    ),
    "a reference that leads to itself": (
        answering(
            {"$ref": "#/components/schemas/A"},
            A={"$ref": "#/components/schemas/B"},
            B={"$ref": "#/components/schemas/A"},
        ),
        "contains itself",
    ),
    "parts that exclude each other": (
        answering({"allOf": [{"type": "string"}, {"type": "object"}]}),
        "its parts under allOf are a JSON string and a JSON object: no value is both",
    ),
    "two lists of alternatives": (
        answering({"oneOf": [TEXT, {"type": "integer"}], "anyOf": [TEXT, {"type": "boolean"}]}),
        "schema.anyOf: a schema can have alternatives under oneOf or anyOf",
    ),
    "a schema that allows nothing": (answering(False), "schema: the schema is false, so no value is allowed"),
    "a field that msgspec cannot read": (
        answering({"type": "object", "properties": {'a"b': TEXT}}),
        'schema.properties.a"b: a property of a model cannot have a quote',
    ),
    "an unknown style": (
        parameter(style="matrix", schema=ARRAYS),
        f'{AT}.parameters[0].style: "matrix" is not one of',
    ),
    "a parameter that is no JSON": (
        document({"parameters": [{"name": "p", "in": "query", "content": {"application/xml": {}}}]}),
        f"{AT}.parameters[0].content.application/xml: a parameter with `content`",
    ),
    "the name of a header": (
        parameter(**{"in": "header", "name": "a b"}),
        f"{AT}.parameters[0].name: expected a valid header name, got 'a b'",
    ),
    "a body without a media type": (
        document({"requestBody": {"content": {}}}),
        "requestBody.content: expected a media type",
    ),
    "a body of no media type": (body("json"), "requestBody.content.json: expected a media type"),
    "a form that is no object": (
        body("application/x-www-form-urlencoded", schema=ARRAYS),
        "x-www-form-urlencoded.schema: expected an object: the body is a form",
    ),
    "an unknown style in a form": (
        body(
            "application/x-www-form-urlencoded",
            schema={"type": "object", "properties": {"a": ARRAYS}},
            encoding={"a": {"style": "simple"}},
        ),
        'encoding.a.style: "simple" is not one of',
    ),
    "a part of no media type": (
        body(
            "multipart/form-data",
            schema={"type": "object", "properties": {"a": TEXT}},
            encoding={"a": {"contentType": "a/b\r\nX: y"}},
        ),
        "encoding.a.contentType: expected a media type",
    ),
    "a key that is not described": (
        document(security=[{"k": []}]),
        "security: the key 'k' is not described under components.securitySchemes",
    ),
    "a key that cannot be sent": (
        keyed(type="http", scheme="digest"),
        "components.securitySchemes.k: expected http basic or bearer, an apiKey in header",
    ),
    "a key in no header": (
        keyed(type="apiKey", name="a:b", **{"in": "header"}),
        "components.securitySchemes.k.name: expected a valid header name",
    ),
    "an unknown way to repeat": (
        document({"x-retry": "often"}),
        f"{AT}.x-retry: expected safe, unsent or rejected, got 'often'",
    ),
    "pages of another kind": (
        document({"x-pagination": {"style": "guess"}}),
        f"{AT}.x-pagination.style: expected",
    ),
    "pages by an unknown parameter": (
        {
            **answering({"type": "object", "properties": {"things": ARRAYS}}),
            "paths": {
                "/x": {
                    "post": {
                        **answering({"type": "object", "properties": {"things": ARRAYS}})["paths"]["/x"][
                            "post"
                        ],
                        "x-pagination": {"style": "cursor", "cursor": "after"},
                    }
                }
            },
        },
        f"{AT}.x-pagination.cursor: expected a name, but there is none, got 'after'",
    ),
    "pages of no object": (
        document({"x-pagination": {"style": "page-number"}}),
        f"{AT}.x-pagination: expected a response that is an object",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_expressed_is_one_line_with_its_place(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, said = REFUSED[what]
    path = tmp_path / "refused.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    assert main(["build", "--spec", str(path), "--output", str(tmp_path / "out")]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"partially-generate: {path}: ")
    assert len(shown.err.splitlines()) == 1
    assert said in shown.err
    assert not (tmp_path / "out").exists()


NINE = ",".join
OVERWHELMING = {
    "nested flow": ("[" * 200_000, "nested deeper than 100 levels"),
    "nested blocks": ("- " * 50_000 + "x", "nested deeper than 100 levels"),
    "a loop": ("a: &a [*a]", "*a stands for itself"),
    "a bomb": (
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{NINE([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
        "more than 1,000,000 values",
    ),
    "a bomb of merges": (
        "a0: &a0 {x: 1}\n"
        + "".join(f"a{n}: &a{n} {{<<: [{NINE([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)),
        "more than 1,000,000 values",
    ),
    "a tag of Python": ("a: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
    "bytes": ("openapi: !!binary aGk=", "openapi: expected a JSON value, got a bytes"),
    "a date": ("openapi: !!timestamp 2020-01-01", "openapi: expected a JSON value, got a date"),
    "no number": ("openapi: .nan", "openapi: expected a JSON number, got nan"),
    "a number without end": ("openapi: " + "9" * 5000, "4300"),
    "a long number": ("openapi: 0x" + "F" * 10_000, "openapi: the number is too large"),
    "half a character": ('openapi: "\\ud800"', "line 1, column"),
    "a key twice": ("a: 1\na: 2", "the key 'a' is written twice"),
    "a key twice, once as a number": ("200: 1\n'200': 2", "the key '200' is written twice"),
    "a key that is a list": ("? [a]\n: 1", "a key is a list or a mapping"),
    "two documents": ("a: 1\n---\nb: 2", "another document"),
    "a control character": ("a: \x00", "control characters are not allowed"),
}


@pytest.mark.parametrize("what", OVERWHELMING)
def test_a_text_made_to_overwhelm_is_refused(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, said = OVERWHELMING[what]
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    assert main(["build", "--spec", str(path), "--output", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' * 500 + "1" + "}" * 500, "nested deeper than 100 levels"),
        ('{"a": 1, "a": 2}', "the key 'a' is written twice"),
        ('{"openapi": NaN}', "openapi: expected a JSON number"),
        ('{"openapi": "\\ud800"}', "openapi: the string holds half a character"),
        ('{"openapi": }', "line 1, column 13"),
    ],
)
def test_json_made_to_overwhelm_is_refused(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    assert main(["build", "--spec", str(path), "--output", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert len(message.splitlines()) == 1


def test_words_of_yaml_1_1_are_texts(tmp_path: Path) -> None:
    spec = document(
        {"parameters": [{"name": "p", "in": "query", "schema": {"type": "string", "enum": ["X"]}}]}
    )
    path = tmp_path / "norway.yaml"
    text = yaml.safe_dump(spec, sort_keys=False).replace(
        "- X", "- no\n          - on\n          - 12:30\n          - 1_0"
    )
    path.write_text(text, encoding="utf-8")
    assert main(["build", "--spec", str(path), "--output", str(tmp_path / "out")]) == 0
    source = (tmp_path / "out/src/partially_client/resources/default.py").read_text(encoding="utf-8")
    assert 'Literal["no", "on", "12:30", "1_0"]' in source
