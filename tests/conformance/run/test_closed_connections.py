"""Conforming targets that close connections as the frameworks do: no rule fails, and none is inconclusive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from tests.conformance.run.conftest import keys

from partially_conformance.traffic import wire

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

RULES = ("--rules", "CREATE-1", "UPDATE-15", "HTTP-3", "PASSWORD-1", "TOKEN-9", "GDPR-1", "READ-9")


class ClosesReused:
    """Lets the first requests of each connection through and resets the next one, without reading it."""

    def __init__(self, lets_through: int) -> None:
        self._lets_through = lets_through
        self._requests: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self.resets = 0

    def __call__(self, _count: int, _seen: Any, line: Any) -> bool:
        so_far = self._requests.get(line.connection, 0)
        self._requests[line.connection] = so_far + 1
        if so_far < self._lets_through:
            return False
        self.resets += 1
        line.reset()
        return True


@pytest.fixture
def conforms(proxied: Any, bounded_run: Any) -> Callable[..., None]:
    def check(before: Any, *rules: str) -> None:
        target, server = proxied(before, harness=True)
        ended = bounded_run(server.url, *(rules or RULES), "--effort", "quick", **keys(target), timeout=10.0)
        open_rules = {one["id"]: one["reason"] for one in ended.report["rules"] if one["status"] != "passed"}
        assert (ended.code, open_rules) == (0, {})
        assert "could not be removed" not in ended.out

    return check


@pytest.mark.parametrize("lets_through", [1, 6])
def test_a_target_that_resets_used_connections_conforms(
    conforms: Any, monkeypatch: pytest.MonkeyPatch, lets_through: int
) -> None:
    """Whatever the request is that meets a closed connection: of the API, the harness or the clean-up."""
    monkeypatch.setattr(wire, "_EARLY_CLOSES", 10**9)
    closes = ClosesReused(lets_through)
    conforms(closes)
    assert closes.resets > 50


def test_a_target_whose_parser_closes_the_connection_conforms(conforms: Any) -> None:
    """As Fastify: 400 to what its parser cannot read, without `Connection: close`, and the socket is gone."""
    refused = []

    def refuse(_count: int, seen: Any, line: Any) -> bool:
        if seen.method in METHODS:
            return False
        refused.append(seen.method)
        line.json(400, {"error": "Bad Request", "message": "Client Error", "statusCode": 400})
        line.close()
        return True

    conforms(refuse, "--rules", "HTTP-3", "HTTP-11", "UPDATE-15")
    assert refused
