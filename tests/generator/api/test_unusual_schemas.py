"""Schemas that are valid and that nobody would write: they give a client that refuses wrong answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from partially_generator.cli import main

TEXT = {"type": "string"}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


CHAIN = {f"Chain{n}": reference(f"Chain{n + 1}") for n in range(200)}
PARTS = {f"Part{n}": {"allOf": [reference(f"Part{n + 1}")], "properties": {f"p{n}": TEXT}} for n in range(60)}
SCHEMAS: dict[str, Any] = {
    **CHAIN,
    "Chain200": TEXT,
    **PARTS,
    "Part60": {"type": "object", "properties": {"last": TEXT}},
    "Endless": {"type": "object", "required": ["a"], "properties": {"a": reference("Endless")}},
    "Json": {
        "oneOf": [
            {"type": "integer"},
            {"type": "array", "items": reference("Json")},
            {"type": "object", "additionalProperties": reference("Json")},
        ]
    },
    "Itself": {"oneOf": [reference("Itself"), TEXT]},
}
KINDS = [{"type": "object", "properties": {"k": {"const": letter}}} for letter in "ab"]
ODD: dict[str, tuple[Any, Any]] = {
    "endless": (reference("Endless"), 1),
    "json": (reference("Json"), "a"),
    "itself": (reference("Itself"), 7),
    "told apart inline": ({"oneOf": KINDS, "discriminator": {"propertyName": "k"}}, {"k": "c"}),
    "no properties": ({"type": "object", "properties": {}}, []),
    "values of all kinds": ({"enum": [{"a": 1}, [1], 1.5, True]}, 7),
    "null alone": ({"const": None}, 1),
    "tuple": ({"type": "array", "prefixItems": [TEXT], "items": False}, {}),
    "no items": ({"type": "array"}, {}),
    "bounds between numbers": (
        {"type": "integer", "minimum": 0.5, "exclusiveMinimum": 0.2, "maximum": 1e30, "multipleOf": 0.5},
        0,
    ),
    "lengths as fractions": ({"type": "string", "minLength": 1.0, "maxLength": 2}, "abc"),
    "chain": (reference("Chain0"), 1),
    "parts": (reference("Part0"), []),
    "sixty alternatives": (
        {"oneOf": [{"type": "object", "properties": {f"p{n}": TEXT}} for n in range(60)]},
        [],
    ),
    "forty lists": (json.loads('{"type": "array", "items": ' * 40 + json.dumps(TEXT) + "}" * 40), [1]),
    "all types": ({"type": ["string", "integer", "null", "array", "object"]}, True),
    "keys by a pattern": ({"type": "object", "patternProperties": {"^x": {"type": "integer"}}}, {"x": "a"}),
    "a set with null": ({"type": ["string", "null"], "enum": ["a", None]}, "b"),
    "a pattern of another language": ({"type": "string", "pattern": "\\p{L}+"}, 1),
}

PROGRAM = """
import json, sys
import httpx2
from partially_client import Partially, ResponseValidationError
for name, wrong in json.load(sys.stdin).items():
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=wrong))
    try:
        print(name, "gives", getattr(Partially("key", transport=transport).odd, name)())
    except ResponseValidationError as error:
        print(name, "refuses")
"""

OPEN = {"itself": "7", "values of all kinds": "7.0"}
"""Those that Python has no type for take what is wrong, too."""


def test_odd_schemas_give_a_client(tmp_path: Path) -> None:
    names = {what: what.replace(" ", "_") for what in ODD}
    paths = {
        f"/{names[what]}": {
            "get": {
                "operationId": names[what],
                "tags": ["odd"],
                "responses": {
                    "200": {"description": "Odd.", "content": {"application/json": {"schema": schema}}}
                },
            }
        }
        for what, (schema, _) in ODD.items()
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Odd", "version": "1"},
        "servers": [{"url": "https://odd.example.com"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }
    spec = tmp_path / "odd.json"
    spec.write_text(json.dumps(document), encoding="utf-8")
    assert main(["build", "--spec", str(spec), "--output", str(tmp_path / "out")]) == 0
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        input=json.dumps({names[what]: wrong for what, (_, wrong) in ODD.items()}),
        env={**os.environ, "PYTHONPATH": str(tmp_path / "out" / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{names[what]} gives {OPEN[what]}" if what in OPEN else f"{names[what]} refuses" for what in ODD
    ]
