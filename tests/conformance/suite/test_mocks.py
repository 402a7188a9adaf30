"""Mocks generated from the document conform in profile `shape`, and violate rules in a full run."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from partially_conformance.rules.contract import contract

STATIC = {
    "id": "9a426155-a927-4984-8738-0bd1ffc15248",
    "email": "jappleseed@yahoo.com",
    "first_name": "John",
    "inserted_at": "2015-09-23T15:03:20.000000",
}


def fixed(_chance: random.Random) -> dict[str, Any]:
    """The same customer each time, as a tool takes it from the examples."""
    return dict.fromkeys(contract().response_fields) | STATIC


def generated(chance: random.Random) -> dict[str, Any]:
    """Another customer each time, of whom only the types and patterns are right."""
    words = ("", "sit amet", "ut labore et dolore", None)
    return dict.fromkeys(contract().response_fields) | {
        "id": str(uuid.UUID(int=chance.getrandbits(128))),
        "email": chance.choice(words),
        "first_name": chance.choice(words),
        "inserted_at": f"{chance.randrange(10**4):04}-02-31T23:59:{chance.randrange(60):02}",
    }


def mock(customer: Callable[[random.Random], dict[str, Any]], *, numbers: int) -> Callable[[Any, Any], None]:
    """A server that answers each operation in the documented shape, and nothing else.

    Args:
        numbers: The largest number in the envelope of a list.
    """
    chance = random.Random(0)

    def handle(seen: Any, line: Any) -> None:
        path, _, query = seen.target.partition("?")
        words = path.removeprefix("/api").strip("/").split("/")
        if "authorization" not in seen.headers:
            line.json(401, {"message": "no key"})
        elif words[0] != "customer" or len(words) > 3 or (len(words) == 3 and words[1] != "gdpr_remove"):
            line.json(404, {"message": "not known"})
        elif words[-1] == "login_email" or len(words) == 3:
            line.json(200, {"message": "done"})
        elif seen.method == "GET" and len(words) == 1 and "per_page=" in query and "per_page=10" not in query:
            line.json(422, {"message": "per_page is no number from 1 to 100"})
        elif seen.method == "GET" and len(words) == 1:
            entries = [customer(chance) for _ in range(2)]
            counts = {name: chance.randint(1, numbers) for name in ("page_number", "total_pages")}
            line.json(200, {"customers": entries, "page_size": 10, "total_entries": 2, **counts})
        else:
            line.json(200, customer(chance))

    return handle


@pytest.mark.parametrize(("customer", "numbers"), [(fixed, 1), (generated, 10**8)], ids=["static", "dynamic"])
def test_a_mock_conforms_in_shape_alone(tiny: Any, commands: Any, customer: Any, numbers: int) -> None:
    server = tiny(mock(customer, numbers=numbers))
    target = commands.target_file(base_url=f"{server.url}/api")
    ended = commands.run(target, "--profile", "shape")
    assert (ended.code, ended.report["verdict"]) == (0, "conforms"), ended.out
    few = ("LIST-*", "READ-*", "CREATE-1", "AUTH-1", "AUTH-2")
    assert commands.run(target, "--rules", *few).report["verdict"] == "violates"
