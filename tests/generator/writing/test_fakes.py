"""The fake in clients of other documents: what follows from shapes, what from examples, and what is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from partially_generator.cli import main

SHOP = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
components:
  schemas:
    Shop:
      type: object
      required: [id, name, tags, opened, kind]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, minLength: 1}
        tags: {type: array, items: {type: string}}
        kind: {type: string, enum: [small, large], default: small}
        opened: {type: string, format: date-time, readOnly: true}
        note: {type: string, nullable: true}
        rating: {type: number, minimum: 0, maximum: 5}
    NewShop:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 1}
        tags: {type: array, items: {type: string}, maxItems: 2}
        kind: {type: string, enum: [small, large], default: small}
        note: {type: string, nullable: true}
        rating: {type: number, minimum: 0, maximum: 5}
    NewMember:
      type: object
      required: [name]
      properties: {name: {type: string}, age: {type: integer}, tags: {type: array, items: {type: string}}}
    Member:
      type: object
      required: [id, name]
      properties:
        id: {type: string, format: uuid}
        name: {type: string}
        age: {type: integer}
        tags: {type: array, items: {type: string}}
        picture: {type: string}
    Item:
      type: object
      required: [item_id, shop_id, price]
      properties:
        item_id: {type: string}
        shop_id: {type: integer}
        price: {type: number}
paths:
  /shops:
    get:
      operationId: listShops
      tags: [shops]
      parameters:
        - {name: kind, in: query, schema: {type: string, enum: [small, large]}}
        - {name: sort, in: query, schema: {type: string}}
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Shop"}}}}
    post:
      operationId: createShop
      tags: [shops]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewShop"}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Shop"}}}
        "422": {description: Wrong.}
  /shops/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getShop
      tags: [shops]
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Shop"}}}
        "404": {description: None., content: {application/json: {example: {code: 17}}}}
    patch:
      operationId: updateShop
      tags: [shops]
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/NewShop"}}}
      responses: {"204": {description: Done.}}
    delete:
      operationId: deleteShop
      tags: [shops]
      responses: {"204": {description: Gone.}}
  /shops/{shop_id}/items:
    parameters: [{name: shop_id, in: path, required: true, schema: {type: integer}}]
    post:
      operationId: createItem
      tags: [items]
      requestBody:
        content:
          application/json: {schema: {type: object, properties: {price: {type: number, default: 2.5}}}}
      responses:
        "200":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}
  /shops/{shop_id}/items/{item_id}:
    parameters:
      - {name: shop_id, in: path, required: true, schema: {type: integer}}
      - {name: item_id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getItem
      tags: [items]
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}
  /members:
    get:
      operationId: listMembers
      tags: [members]
      parameters:
        - name: tags
          in: query
          style: pipeDelimited
          explode: false
          schema: {type: array, items: {type: string}}
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Member"}}}}
    post:
      operationId: createMember
      tags: [members]
      requestBody:
        required: true
        content: {application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/NewMember"}}}
      responses:
        "200":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Member"}}}
  /members/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get:
      operationId: getMember
      tags: [members]
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Member"}}}
    put:
      operationId: updateMember
      tags: [members]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              properties: {name: {type: string}, picture: {type: string, format: binary}}
      responses:
        "200":
          description: Changed.
          content: {application/json: {schema: {$ref: "#/components/schemas/Member"}}}
  /status:
    get:
      operationId: getStatus
      tags: [other]
      responses:
        "200": {description: How., content: {text/plain: {schema: {type: string}, example: all well}}}
  /owner:
    get:
      operationId: getOwner
      tags: [other]
      responses:
        "200":
          description: Who.
          content:
            application/json:
              schema:
                type: object
                required: [name, mood, boss]
                properties:
                  name: {type: string, example: Ada}
                  mood: {type: string, enum: [good, bad]}
                  boss: {type: string, nullable: true}
                  note: {type: string}
  /mood:
    get:
      operationId: getMood
      tags: [other]
      responses:
        "200":
          description: How.
          content:
            application/json:
              schema: {type: object, required: [mood], properties: {mood: {type: string, enum: [good, bad]}}}
  /secret:
    get:
      operationId: getSecret
      tags: [other]
      responses:
        "200": {description: What., content: {application/json: {schema: {type: object}}}}
"""

PRELUDE = """
from partially_client import *
from partially_client.testing import *
fake = FakePartially()
client = fake.client()
def told(action, *arguments, **options):
    try:
        print(action(*arguments, **options))
    except (APIError, FakeError) as error:
        print(f"{type(error).__name__}: {error}")
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.yaml").write_text(SHOP)
    assert main(["build", "--spec", str(folder / "shop.yaml"), "--output", str(folder / "out")]) == 0

    def program(text: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", PRELUDE + text],
            env={**os.environ, "PYTHONPATH": str(folder / "out" / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return program


def test_a_collection_follows_from_its_paths(run: Callable[[str], list[str]]) -> None:
    program = """
shop = client.shops.create(name="Corner")
print(shop.to_dict())
client.shops.update(shop.id, note="closed", rating=4)
client.shops.create(name="Mall", kind="large", tags=["a"])
print([s.name for s in client.shops.list()], [s.name for s in client.shops.list(kind="large")])
print(client.shops.get(1).note, client.shops.get(1).rating)
print(client.shops.delete(1), [s.id for s in fake.all(type(shop))])
told(client.shops.get, 1)
told(client.shops.create, name="", tags=["a", "b", "c"], kind="tiny", rating=6)
"""
    problems = [
        "Name: can't be blank",
        "Tags: Expected `array` of length <= 2",
        "Kind: Invalid enum value 'tiny'",
        "Rating: Expected `float` <= 5.0",
    ]
    assert run(program) == [
        "{'id': 1, 'name': 'Corner', 'tags': [], 'opened': '2024-01-01T00:00:01Z', 'kind': 'small'}",
        "['Corner', 'Mall'] ['Mall']",
        "closed 4.0",
        "None [2]",
        "NotFoundError: 404: Not Found",
        f"UnprocessableEntityError: 422: Unprocessable Entity ({'; '.join(problems)})",
    ]


def test_things_within_things(run: Callable[[str], list[str]]) -> None:
    program = """
shop, other = (client.shops.create(name=name) for name in "ab")
item = client.items.create(shop.id)
print(item, client.items.get(shop.id, item.item_id) == item)
told(client.items.get, other.id, item.item_id)
told(client.items.create, 99)
"""
    assert run(program) == [
        "Item(item_id='3', shop_id=1, price=2.5) True",
        "NotFoundError: 404: Not Found",
        "NotFoundError: 404: Not Found",
    ]


def test_forms_and_parts(run: Callable[[str], list[str]]) -> None:
    program = """
ada = client.members.create(name="Ada & Co", age=36, tags=["a", "b"])
print(ada.name, ada.age, ada.tags)
ada = client.members.update(ada.id, name="Zoe", picture=b"\\x00\\xff")
print(client.members.get(ada.id) == ada, ada.name, ada.age)
told(client.members.create, name="")
told(client.members.list, tags=["a"])
print(len(client.members.list()))
"""
    lines = run(program)
    assert lines[:2] == ["Ada & Co 36 ['a', 'b']", "True Zoe 36"]
    assert lines[2] == "BadRequestError: 400: Bad Request (Name: can't be blank)"
    assert lines[3].startswith("FakeError: The fake does not know what 'tags' does in members.list")
    assert lines[4] == "1"


def test_everything_else_is_an_example_or_a_clear_error(run: Callable[[str], list[str]]) -> None:
    program = """
print(client.other.get_status())
print(client.other.get_owner().to_dict())
told(client.other.get_mood)
told(client.other.get_secret)
fake.on("other.get_secret", lambda request: (200, {"seen": request.method}))
print(client.other.get_secret())
told(client.shops.list, sort="name")
print(hasattr(fake, "set_password"), hasattr(fake, "add_plan"))
"""
    lines = run(program)
    assert lines[0] == "all well"
    assert lines[1] == "{'name': 'Ada', 'mood': 'good', 'boss': None}"
    assert lines[2].startswith("FakeError: The fake does not know what other.get_mood does")
    assert lines[3].startswith("FakeError: The fake does not know what other.get_secret does")
    assert lines[4] == "{'seen': 'GET'}"
    assert lines[5].startswith("FakeError: The fake does not know what 'sort' does in shops.list")
    assert lines[6] == "False False"


@pytest.mark.parametrize(
    ("method", "path", "fake", "said"),
    [
        ("get", "/shops", "search", "x-fake: expected a mapping, got str"),
        ("get", "/shops", {"does": "dance"}, "x-fake.does: expected one of example, list, remove, log-in"),
        ("get", "/shops", {"does": ["list"]}, "x-fake.does: expected one of example, list, remove, log-in"),
        ("get", "/status", {"does": "list"}, "x-fake.does: this operation does not list a collection"),
        ("get", "/status", {"does": "remove"}, "x-fake: there is no collection for this path"),
        ("delete", "/shops/{id}", {"does": "remove", "open": []}, "x-fake.open: unknown key for remove"),
        ("delete", "/shops/{id}", {"does": "remove", "refused-while": "open"}, "expected a list of strings"),
        ("post", "/shops", {"does": "send-token"}, "x-fake.field: missing; send-token needs it"),
        ("post", "/shops", {"does": "send-token", "field": "mail"}, "expected one of kind, name,"),
        ("post", "/shops", {"does": "log-in", "field": "name"}, "needs either field and password, or token"),
        ("post", "/shops", {"does": "log-in", "token": "t"}, "x-fake.token: expected one of kind,"),
        ("get", "/shops", {"search": {}}, "search: expected the keys parameter, with and otherwise"),
        (
            "get",
            "/shops",
            {"search": {"parameter": "q", "with": {}, "otherwise": []}},
            "search.parameter: expected one of kind, sort, got 'q'",
        ),
        (
            "get",
            "/shops",
            {"search": {"parameter": "sort", "with": {"@": ["mail"]}, "otherwise": []}},
            "search.with.@: expected one of",
        ),
    ],
)
def test_what_x_fake_cannot_mean_is_told_with_its_place(
    method: str,
    path: str,
    fake: Any,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = yaml.safe_load(SHOP)
    document["paths"][path][method]["x-fake"] = fake
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(document))
    arguments = ["--spec", str(tmp_path / "shop.yaml"), "--output", str(tmp_path / "out")]
    assert main(["build", *arguments]) == 2
    message = capsys.readouterr().err
    assert f"paths.{path}.{method}.x-fake" in message
    assert said in message
    assert len(message.splitlines()) == 1
