"""The table of operations says of the client what is true, and costs nobody anything."""

from __future__ import annotations

import inspect
import json
import operator
import subprocess
import sys
from importlib import resources
from typing import Any

import pytest

import partially_client
from partially_client import AsyncPartially, Partially
from partially_generator.api.call_options import OPTION_NAMES
from partially_spec import load

OPTIONS = set(OPTION_NAMES)
TABLE: dict[str, Any] = json.loads((resources.files(partially_client) / "operations.json").read_text("utf-8"))
DOCUMENT = load()


def described(entry: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT.raw["paths"][entry["path"]][entry["method"].lower()]
    return found


def test_it_lists_the_operations_of_the_document_in_their_order() -> None:
    written = [
        (method.upper(), path)
        for path, item in DOCUMENT.raw["paths"].items()
        for method in item
        if method != "parameters"
    ]
    assert [(entry["method"], entry["path"]) for entry in TABLE["operations"]] == written


@pytest.mark.parametrize("entry", TABLE["operations"], ids=lambda entry: entry["call"])
def test_the_arguments_are_those_of_both_methods_and_those_of_the_document(entry: dict[str, Any]) -> None:
    names = {argument["name"] for argument in entry["arguments"]}
    for kind in (Partially, AsyncPartially):
        signature = inspect.signature(operator.attrgetter(entry["call"])(kind("key")))
        assert set(signature.parameters) - OPTIONS == names
    content = described(entry).get("requestBody", {}).get("content", {}).get("application/json")
    fields = DOCUMENT.fields(content["schema"]) if content else {}
    assert {one["wire"] for one in entry["arguments"] if one["in"] == "body"} == fields.keys()


def test_it_names_the_classes_of_the_package() -> None:
    for key in ("client", "async_client", "error"):
        assert isinstance(getattr(partially_client, TABLE[key]), type)


def test_importing_and_using_the_client_does_not_read_it() -> None:
    program = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import httpx2, partially_client
transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json={"message": "sent"}))
partially_client.Partially("key", transport=transport).customers.login_email(email="a@b.co")
assert any(name.endswith(("_client.py", ".pyc")) for name in opened), opened
print([name for name in opened if name.endswith("operations.json")])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_it_says_of_each_argument_what_the_document_says() -> None:
    create = next(entry for entry in TABLE["operations"] if entry["call"] == "customers.create")
    found = {argument["wire"]: argument for argument in create["arguments"]}
    fields = DOCUMENT.fields(described(create)["requestBody"]["content"]["application/json"]["schema"])
    assert {wire for wire, one in found.items() if one["required"]} == {"email"}
    assert {wire: one["default"] for wire, one in found.items() if "default" in one} == {
        wire: schema["default"] for wire, schema in fields.items() if "default" in schema
    }
    assert found["email"]["schema"] == {"type": "string", "minLength": 1}
    assert found["phone"]["schema"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    secret = {one["wire"] for entry in TABLE["operations"] for one in entry["arguments"] if "secret" in one}
    assert secret == {"password", "token"}


def test_it_says_what_a_fake_does() -> None:
    does = {entry["call"].partition(".")[2]: entry["behaviour"]["does"] for entry in TABLE["operations"]}
    assert does == {
        "list": "list",
        "create": "create",
        "get": "get",
        "update": "update",
        "gdpr_remove": "remove",
        "login_password": "log-in",
        "login_email": "send-token",
        "login_token": "log-in",
    }
    [collection] = TABLE["collections"]
    assert set(collection["fields"]) == DOCUMENT.fields(DOCUMENT.schema("Customer")).keys()
    assert collection["times"] == {"inserted_at": "local"}
