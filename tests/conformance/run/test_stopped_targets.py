"""Targets that a request of a check stops: that check fails, with the request as its story."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.fragile_server import DEADLY
from tests.conformance.run.conftest import BOUND, keys

from partially_conformance.run import liveness
from partially_conformance.run.liveness import is_ordinary
from partially_conformance.traffic.exchange import Request

KEY = "key-one-of-the-test"
SERVER = Path(__file__).parents[1] / "fragile_server.py"


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return int(holder.getsockname()[1])


def a_rule(report: dict[str, Any], rule_id: str) -> dict[str, Any]:
    return next(rule for rule in report["rules"] if rule["id"] == rule_id)


@pytest.mark.parametrize("dead", ["closes", "resets", "hangs"])
def test_a_target_that_an_unusual_request_stops_has_failed_that_check(
    proxied: Any, bounded_run: Any, monkeypatch: pytest.MonkeyPatch, dead: str
) -> None:
    monkeypatch.setattr(liveness, "REVIVAL_LIMIT", 1.0)
    stopped = []

    def dies(_count: int, seen: Any, line: Any) -> bool:
        if DEADLY in seen.body:
            stopped.append(seen)
        if not stopped:
            return False
        if dead == "hangs":
            server.stopping.wait(BOUND)
        elif dead == "resets":
            line.reset()
        else:
            line.close()
        return True

    target, server = proxied(dies)
    timeout = 1.0 if dead == "hangs" else 10.0
    ended = bounded_run(
        server.url, "--rules", "LIST-1", "CREATE-1", "HTTP-4", "HTTP-1[0-2]", **keys(target), timeout=timeout
    )
    assert ended.code == 1
    assert [rule["status"] for rule in ended.report["rules"]] == [
        "passed", "passed", "failed", "not_tested", "not_tested", "not_tested",
    ]  # fmt: skip
    [failure] = a_rule(ended.report, "HTTP-4")["failures"]
    assert failure["expected"] == "the target to answer POST /api/customer and to go on answering requests"
    assert "; since then no other request is answered (" in failure["observed"]
    last = failure["exchanges"][-1]
    assert (last["request"]["method"], last["response"]["status"]) == ("POST", 0)
    assert "[[[[" in last["request"]["body"]
    assert a_rule(ended.report, "HTTP-10")["reason"].startswith(
        "the target stopped answering after POST /api/customer: no other request is answered ("
    )
    assert len(stopped) == 1


def test_an_ordinary_request_is_not_blamed_for_the_end_of_a_target(proxied: Any, bounded_run: Any) -> None:
    """Whoever runs the target may have stopped it."""
    dead = []

    def dies(count: int, seen: Any, line: Any) -> bool:
        if count > 40 and seen.method == "PUT":
            dead.append(seen)
        if dead:
            line.reset()
        return bool(dead)

    target, server = proxied(dies)
    ended = bounded_run(server.url, "--rules", "CREATE-1", "UPDATE-*", **keys(target), timeout=10.0)
    assert ended.code == 3
    assert "reason: the target stopped answering after PUT /api/customer/{id}: no other request" in ended.out
    assert {rule["status"] for rule in ended.report["rules"]} == {"passed", "not_tested"}


def request(method: str = "GET", target: str = "/api/customer", body: Any = None, **headers: str) -> Request:
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return Request(method, f"http://127.0.0.1{target}", target, headers, body=body)


@pytest.mark.parametrize(
    ("sent", "ordinary"),
    [
        (request(), True),
        (request(target="/api/customer?q=ann%40example.com&page=2"), True),
        (request("PUT", "/api/customer/53479e98-27a9-49e2-856c-bf47d0796ffc", {"first_name": "Zoë"}), True),
        (request("POST", body={"email": "a@example.com", "phone": "+1 (212) 555", "last_name": None}), True),
        (request("DELETE"), False),
        (request(target="/api/customer?q=%00"), False),
        (request(target="/api/customer?q=" + "a" * 300), False),
        (request("POST", body={"email": "a" * 300}), False),
        (request("POST", body={"email": ["a@example.com"]}), False),
        (request("POST", body=[]), False),
        (request("POST", body=b"[" * 10), False),
        (request("POST", body=b"[" * 100_000), False),
        (request("POST", body=b"\xff"), False),
        (request("POST", body={"a": "b"}, **{"Content-Type": "application/xml"}), False),
    ],
)
def test_ordinary_requests_are_told_from_unusual_ones(sent: Request, ordinary: bool) -> None:
    assert is_ordinary(sent) is ordinary


@pytest.mark.parametrize("what", ["ends", "hangs"])
def test_a_target_that_the_suite_has_started_is_started_again(
    commands: Any, free_port: int, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(liveness, "REVIVAL_LIMIT", 1.0)
    path = commands.target_file(
        base_url=f"http://127.0.0.1:{free_port}/api",
        harness_url=f"http://127.0.0.1:{free_port}/harness",
        timeout=10.0 if what == "ends" else 2.0,
    )
    command = [sys.executable, str(SERVER), str(free_port), KEY, what]
    path.write_text(path.read_text() + f"[start]\ncommand = {json.dumps(command)}\n")
    ended = commands.run(path, "--rules", "LIST-1", "HTTP-4", "HTTP-9", "HTTP-12", "--effort", "quick")
    assert ended.code == 1
    assert [rule["status"] for rule in ended.report["rules"]] == ["passed", "failed", "passed", "passed"]
    failures = a_rule(ended.report, "HTTP-4")["failures"]
    assert "the target to answer POST /api/customer and to go on answering requests" in {
        failure["expected"] for failure in failures
    }
    if what == "ends":
        assert "; since then its process has ended with exit code 2" in failures[0]["observed"]
    assert "warning: the target stopped answering 3 times and was started again" in ended.out
    assert "could not be removed" not in ended.out
