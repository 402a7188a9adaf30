"""A document that touches all features, and hostile texts for each of its places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

TRAP = "TRAP_WAS_SPRUNG"

CODE = f"__import__('os').environ.__setitem__('{TRAP}', 'yes')"

CONTROLS = "".join(map(chr, range(1, 32))) + "\x7f\x85\u2028\u2029"

PAYLOADS = {
    "quotes": f"'+{CODE}+'",
    "double": f'"+{CODE}+"',
    "triple": f'"""\n{CODE}\n"""',
    "single-triple": f"'''\n{CODE}\n'''",
    "line": f"x\n{CODE}\n#",
    "comment": f"x\r\n{CODE}",
    "backslash": f'\\"""\n{CODE}\n"""\\',
    "ending": "x\\",
    "quote": '"',
    "braces": f"{{{{ {CODE} }}}}{{% if {CODE} %}}{{{CODE}}}",
    "call": CODE,
    "import": f"import os; {CODE}",
    "closing": f"x)); {CODE}; ((",
    "default": f"x=1, y={CODE}",
    "keyword": "class",
    "dunder": "__import__",
    "none": "None",
    "path": "../../../../escaped",
    "absolute": "/tmp/escaped",
    "windows": "..\\..\\escaped",
    "file": "__init__",
    "bidi": f"\u202e{CODE}\u2066\u2069",
    "homoglyph": "\uff45\uff56\uff41\uff4c(\uff43)",
    "ligature": "\ufb01le \u210c",
    "nul": f"x\x00{CODE}",
    "controls": CONTROLS,
    "long": "x" * 5000,
    "wide": "名前" * 200,
    "emoji": "🎉",
    "percent": "%2e%2e%2f%00%s%(x)s{}$",
    "markup": "</script><script>alert(1)</script> | ` ``` <!-- --> [x](javascript:1)",
    "header": "x\r\nX-Evil: yes",
    "pattern": "(a+)+$",
    "surrogate-ish": "\ufffe\uffff",
    "empty": "",
    "blank": " ",
    "reference": "#/components/schemas/Other",
    "number": "9" * 400,
}

Texts = Callable[[str, str], str]


def victim(text: Texts) -> dict[str, Any]:
    """A document with a text at every place that can have one; `text` chooses each by its name."""
    schema, prop, param, tag, scheme, path_name = (
        text(f"name of {what}", default)
        for what, default in {
            "schema": "Thing", "property": "prop", "query": "query",
            "tag": "things", "scheme": "key", "path": "id",
        }.items()
    )  # fmt: skip
    reference = {
        "$ref": f"#/components/schemas/{quote(schema.replace('~', '~0').replace('/', '~1'), safe='~')}"
    }
    plain = {"type": "string"}
    described = {
        "type": "string",
        "title": text("title of property", "title"),
        "description": text("description of property", "What it is."),
        "default": text("default", "d"),
        "example": text("example", "e"),
        "format": text("format", "free"),
        text("name of extension", "x-more"): text("extension", "more"),
    }
    parameters = [
        {
            "name": path_name,
            "in": "path",
            "required": True,
            "schema": plain,
            "description": text("path", "p"),
        },
        {"name": param, "in": "query", "schema": described, "example": text("parameter example", "x")},
        {"name": text("name of header", "X-Head"), "in": "header", "schema": plain},
        {"name": text("name of cookie", "crumb"), "in": "cookie", "schema": plain},
        {
            "name": text("name of deep", "deep"),
            "in": "query",
            "style": "deepObject",
            "schema": {"type": "object"},
        },
    ]
    body = {
        "type": "object",
        "required": [prop],
        "properties": {
            prop: described,
            "kind": {"type": "string", "enum": ["a", text("enum", "b")]},
            "matching": {"type": "string", "pattern": text("pattern", "^a")},
            "fixed": {"const": text("const", "c")},
            "nested": reference,
            "map": {"type": "object", "additionalProperties": reference},
        },
    }
    answer = {
        "description": text("description of answer", "Fine."),
        "content": {"application/json": {"schema": reference}},
    }
    operation = {
        "operationId": text("operationId", "makeThing"),
        "tags": [tag],
        "summary": text("summary", "Make one"),
        "description": text("description of operation", "More of it."),
        "deprecated": True,
        "parameters": parameters,
        "requestBody": {
            "description": text("description of body", "The thing."),
            "required": True,
            "content": {"application/json": {"schema": body, "example": {prop: text("body example", "v")}}},
        },
        "responses": {
            "200": answer,
            "404": {"description": text("description of refusal", "None.")},
            "default": {"description": "Else.", "content": {text("media type of refusal", "text/html"): {}}},
        },
    }
    other = {
        "operationId": text("operationId of other", "sendThing"),
        "tags": [text("name of other tag", "others")],
        "requestBody": {"content": {text("media type of body", "image/png"): {}}},
        "responses": {
            "200": {"description": "Fine.", "content": {text("media type of answer", "image/png"): {}}}
        },
    }
    form = {
        "tags": ["forms"],
        "requestBody": {"content": {"multipart/form-data": {"schema": {
            "type": "object",
            "properties": {text("name of part", "part"): {"type": "string", "format": "binary"}},
        }}}},
        "responses": {"204": {"description": "Fine."}},
    }  # fmt: skip
    one, two = ({"$ref": f"#/components/schemas/{name}"} for name in ("First", "Second"))
    first, second = (
        {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, name: plain}}
        for name in ("one", text("name of alternative", "two"))
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": text("title", "Things"),
            "version": text("version", "1"),
            "summary": text("summary of API", "All things."),
            "description": text("description of API", "Said at length."),
        },
        "servers": [{
            "url": "https://example.com/" + text("server", "api") + "/{v}",
            "description": text("description of server", "Main."),
            "variables": {"v": {"default": text("default of variable", "v1"), "description": "Version."}},
        }],
        "tags": [{"name": tag, "description": text("description of tag", "About things.")}],
        "security": [{scheme: []}],
        "paths": {
            f"/{text('path segment', 'things')}/{{{path_name}}}": {"put": operation},
            "/other": {"post": other, "put": form},
        },
        "components": {
            "securitySchemes": {
                scheme: {"type": "apiKey", "in": "header", "name": text("name of key", "X-Key")},
            },
            "schemas": {
                schema: {
                    "type": "object",
                    "description": text("description of schema", "A thing."),
                    "properties": {
                        "field": described,
                        "matching": {"type": "string", "pattern": text("pattern of field", "^a")},
                        text("name of field", "own-field"): plain,
                        "either": {
                            "oneOf": [one, two],
                            "discriminator": {
                                "propertyName": "kind",
                                "mapping": {text("value of discriminator", "one"): one["$ref"]},
                            },
                        },
                    },
                },
                "First": first,
                "Second": second,
            },
        },
        text("name of extension at the top", "x-top"): {
            text("inner extension", "x"): text("extension at the top", "y")
        },
    }  # fmt: skip


def places() -> list[str]:
    """The names of all texts of the victim."""
    found: list[str] = []

    def note(name: str, default: str) -> str:
        found.append(name)
        return default

    victim(note)
    return found


def poisoned(texts: Mapping[str, str]) -> dict[str, Any]:
    return victim(texts.get)  # type: ignore[arg-type]  # a default is always given
