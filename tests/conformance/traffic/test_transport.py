"""Waiting after a 429, also for many requests at the same time."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import pytest

from partially_conformance.bench.api import together
from partially_conformance.traffic.exchange import Request
from partially_conformance.traffic.transport import RETRIES_WHEN_LIMITED, Transport

AT_ONCE = 16


def test_each_of_many_limited_requests_gets_through_in_the_end(tiny: Any) -> None:
    numbers = itertools.count(1)

    def one_in_three(_seen: Any, line: Any) -> None:
        if next(numbers) % 3:
            line.json(429, {"message": "Too many"}, retry_after="0")
        else:
            line.json(200, {})

    server = tiny(one_in_three)
    with Transport(timeout=10.0, sleep=lambda _: None) as transport:
        exchanges = together(*[partial(transport.send, Request("GET", server.url, "/"))] * AT_ONCE)
    assert [one.outcome for one in exchanges] == ["status 200"] * AT_ONCE


@pytest.mark.parametrize(("retry_after", "sent"), [("0", 1 + RETRIES_WHEN_LIMITED), ("3600", 1)])
def test_a_target_that_always_answers_429_gets_few_requests(tiny: Any, retry_after: str, sent: int) -> None:
    server = tiny(lambda _seen, line: line.json(429, {"message": "Too many"}, retry_after=retry_after))
    with Transport(timeout=10.0, sleep=lambda _: None) as transport:
        assert transport.send(Request("GET", server.url, "/")).outcome == "status 429"
    assert len(server.seen) == sent
