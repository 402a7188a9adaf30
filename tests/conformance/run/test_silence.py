"""Targets that are slow, or leave requests unanswered: a run ends, and tells which requests those were."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from tests.conformance.run.conftest import BOUND, keys

from partially_conformance.traffic import availability

TIMEOUT = 0.8

MANY = ("--rules", "LIST-*", "SEARCH-*", "CREATE-*", "UPDATE-*", "GDPR-*")


@pytest.fixture(autouse=True)
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "SILENCE_LIMIT", 15 * TIMEOUT)
    monkeypatch.setattr(availability, "SILENCE_TIMEOUTS", 15)


def test_one_request_in_twenty_that_gets_no_response_ends_the_run(proxied: Any, bounded_run: Any) -> None:
    def silent(count: int, _seen: Any, _line: Any) -> bool:
        if count > 40 and count % 20 == 0:
            server.stopping.wait(BOUND)
            return True
        return False

    target, server = proxied(silent, harness=True)
    begun = time.monotonic()
    ended = bounded_run(server.url, *MANY, **keys(target), timeout=TIMEOUT)
    assert time.monotonic() - begun < 40 * TIMEOUT + 30
    assert ended.code == 3
    assert " requests were not answered within 0.8 s (" in ended.out
    assert "raise `timeout`. The run has waited " in ended.out
    statuses = [one["status"] for one in ended.report["rules"]]
    assert statuses.count("passed") > 5
    assert "failed" not in statuses
    assert "not_tested" in statuses


def test_what_was_seen_before_the_silence_counts(proxied: Any, bounded_run: Any) -> None:
    def broken_then_silent(count: int, seen: Any, line: Any) -> bool:
        if "q=" in seen.target:
            line.json(500, {"message": "no"})
            return True
        if count > 150:
            server.stopping.wait(BOUND)
        return count > 150

    target, server = proxied(broken_then_silent)
    ended = bounded_run(server.url, "--rules", "SEARCH-1", "CREATE-*", **keys(target), timeout=TIMEOUT)
    assert (ended.code, ended.status("SEARCH-1")) == (1, "failed")
    assert "warning: the run ended early: the target stopped answering after " in ended.out


@pytest.mark.parametrize("slow_answers", [1, 10**9])
def test_a_slow_response_is_no_failure(proxied: Any, bounded_run: Any, slow_answers: int) -> None:
    """Neither one that is slow once, nor one that is always slower than the timeout."""
    left = itertools.count(slow_answers, -1)

    def slow(_count: int, seen: Any, _line: Any) -> bool:
        if seen.method == "PUT" and next(left) > 0:
            server.stopping.wait(1.7 * TIMEOUT)
        return False

    target, server = proxied(slow)
    rules = ("--rules", "LIST-1", "CREATE-1", "UPDATE-1")
    ended = bounded_run(server.url, *rules, **keys(target), timeout=TIMEOUT)
    assert ended.code == 3
    assert [one["status"] for one in ended.report["rules"]] == ["passed", "passed", "inconclusive"]
    assert " requests were not answered within 0.8 s (PUT /api/customer/{id}" in ended.out
    assert "is only slow, raise `timeout`" in ended.out


def test_a_request_that_never_gets_a_response_is_a_failure(
    proxied: Any, bounded_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(availability, "SILENCE_LIMIT", BOUND)

    def hangs(_count: int, seen: Any, _line: Any) -> bool:
        if seen.method == "PUT" and "gdpr_remove" not in seen.target:
            server.stopping.wait(BOUND)
            return True
        return False

    target, server = proxied(hangs)
    rules = ("--rules", "UPDATE-1", "GDPR-1")
    ended = bounded_run(server.url, *rules, **keys(target), timeout=TIMEOUT)
    assert [one["status"] for one in ended.report["rules"]] == ["failed", "passed"]
    assert ended.code == 1


def test_an_inconclusive_sequence_is_shown_with_both_answers(proxied: Any, bounded_run: Any) -> None:
    """A customer is not found once, in the middle of the stateful test, and then it is."""
    reads = itertools.count(1)

    def fails_once(_count: int, seen: Any, line: Any) -> bool:
        single = seen.method == "GET" and "/api/customer/" in seen.target
        if single and next(reads) == 60:
            line.json(503, {"message": "a moment please"})
            return True
        return False

    target, server = proxied(fails_once)
    ended = bounded_run(server.url, "--rules", "READ-9", **keys(target), timeout=10.0)
    assert ended.code == 3
    [rule] = ended.report["rules"]
    assert rule["status"] == "inconclusive"
    [failure] = rule["failures"]
    assert "status 503: " in failure["observed"]
    assert "; sent again, the same steps got status 200" in failure["observed"]
    requests = [one["request"] for one in failure["exchanges"]]
    assert [one["method"] for one in requests].count("POST") >= 2
    assert [one["response"]["status"] for one in failure["exchanges"]][-2:] == [503, 200]
    assert requests[-1]["method"] == requests[-2]["method"] == "GET"
    assert "INCONCLUSIVE READ-9" in ended.out
