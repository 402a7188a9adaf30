"""Targets that are not available: no verdict, and no customers that never were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.run.conftest import FEW, keys

from partially_conformance.target.journal import FILE_NAME

REFUSALS = [500, 502, 503, 504, 301, 307]

SEVERAL = ("--rules", "LIST-*", "READ-*", "CREATE-*", "UPDATE-*", "GDPR-*", "HTTP-*")


@pytest.fixture
def refuses() -> Any:
    """What a proxy does that refuses everything after some requests, unless a test ends that."""

    class Refuses:
        def __init__(self, status: int, after: int) -> None:
            self.status, self.after = status, after

        def __call__(self, count: int, seen: Any, line: Any) -> bool:
            if count <= self.after:
                return False
            line.answer(self.status, b"<h1>Bad gateway</h1>", content_type="text/html", location=seen.target)
            return True

    return Refuses


@pytest.mark.parametrize("status", REFUSALS)
def test_a_target_that_is_unavailable_from_some_request_on_gets_no_verdict(
    proxied: Any, bounded_run: Any, refuses: Any, status: int
) -> None:
    target, server = proxied(refuses(status, after=120))
    ended = bounded_run(server.url, *SEVERAL, **keys(target), timeout=10.0)
    assert ended.code == 3
    reason = next(line for line in ended.out.splitlines() if line.startswith("reason: "))
    assert reason.startswith("reason: the target stopped answering: the last ")
    assert reason.endswith(f" operations were all answered with {status}")
    statuses = {rule["status"] for rule in ended.report["rules"]}
    assert statuses == {"passed", "not_tested"}
    assert len(server.seen) < 120 + 100


@pytest.mark.parametrize("status", REFUSALS)
def test_no_customer_is_left_whose_creation_was_refused(
    proxied: Any, bounded_run: Any, refuses: Any, tmp_path: Path, status: int
) -> None:
    """Neither in the report, nor for the next run into the same folder."""

    def creates_nothing(_count: int, seen: Any, line: Any) -> bool:
        if seen.method == "POST":
            line.json(500, {"message": "no"})
        return seen.method == "POST"

    folder = tmp_path / "kept"
    for before in (refuses(status, after=0), refuses(status, after=1), creates_nothing):
        target, server = proxied(before)
        ended = bounded_run(server.url, *FEW, "--record", folder, **keys(target), timeout=10.0)
        assert ended.code == (1 if before is creates_nothing else 3)
        assert "could not be removed" not in ended.out
        assert not (folder / FILE_NAME).exists()


def test_a_customer_that_was_stored_in_spite_of_a_5xx_is_removed(proxied: Any, bounded_run: Any) -> None:
    stored = []

    def hides(_count: int, seen: Any, line: Any) -> bool:
        if seen.method == "POST" and seen.target == "/api/customer" and len(stored) < 9:
            stored.append(json.loads(seen.body)["email"])
            server.handler.forward(seen)
            line.json(500, {"message": "it is stored"})
            return True
        return False

    target, server = proxied(hides)
    bounded_run(server.url, "--rules", "CREATE-1", **keys(target), timeout=10.0)
    assert stored
    for email in stored:
        found = server.handler.get(f"/api/customer?q={email}", target.api_key)
        assert found["customers"] == []


def test_a_target_that_was_away_for_a_moment_is_checked_on(proxied: Any, bounded_run: Any) -> None:
    def away(count: int, _seen: Any, line: Any) -> bool:
        if 60 <= count < 64:
            line.json(503, {"message": "restarting"})
        return 60 <= count < 64

    target, server = proxied(away)
    rules = ("--rules", "LIST-*", "CREATE-[1-9]", "UPDATE-[1-9]")
    ended = bounded_run(server.url, *rules, **keys(target), timeout=10.0)
    assert ended.code == 3
    statuses = [rule["status"] for rule in ended.report["rules"]]
    assert "failed" not in statuses
    assert statuses.count("passed") > 20


def test_a_refused_second_key_gets_no_verdict(proxied: Any, bounded_run: Any) -> None:
    target, server = proxied(lambda _count, _seen, _line: False)
    given = {**keys(target), "other_api_key": "nobody-has-it"}
    ended = bounded_run(server.url, *FEW, **given, timeout=10.0)
    assert ended.code == 3
    assert "reason: the key of the second merchant is answered with status 401" in ended.out


@pytest.mark.parametrize("status", [200, 401, 404, 500, 503, 307])
def test_what_doctor_refuses_gets_no_verdict(commands: Any, tiny: Any, status: int) -> None:
    server = tiny(lambda _seen, line: line.json(status, {"message": "no"}))
    path = commands.target_file(base_url=f"{server.url}/api")
    if commands("doctor", path).code == 3:
        assert commands.run(path, *FEW).code in ({1, 3} if status == 200 else {3})
    else:
        pytest.fail("such a target is no target")
