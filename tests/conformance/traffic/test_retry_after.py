"""Retry-After in any form: it is read, or counts as missing, and never ends a run."""

from __future__ import annotations

import math
from typing import Any

import pytest

from partially_conformance.traffic.exchange import Request
from partially_conformance.traffic.retry_after import DEFAULT, seconds_to_wait
from partially_conformance.traffic.transport import Transport

FORMS = {
    "0": 0.0,
    "7": 7.0,
    " 7 ": 7.0,
    "9" * 30: float("9" * 30),
    "9" * 5000: math.inf,
    "Wed, 21 Oct 2015 07:28:00 GMT": 0.0,
    "Wed, 21 Oct 2015 07:28:00": 0.0,
    "Wednesday, 21-Oct-15 07:28:00 GMT": 0.0,
    **dict.fromkeys(
        (
            "", " ", "-5", "1.5", "+5", "1e3", "٣", "soon", "2015-10-21T07:28:00Z", "5, 7", "\x00", ",", ";;",
            "Wed, 99 Foo 2015 99:99:99 GMT", "Wed, 21 Oct 2015 07:28:00 +9999999",
            "Wed, 21 Oct -1 07:28:00 GMT",
        ),
        DEFAULT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("value", FORMS)
def test_each_form_is_read_or_counts_as_missing(value: str) -> None:
    assert seconds_to_wait(value) == FORMS[value]


@pytest.mark.parametrize(
    "value",
    [
        "Wed, 21 Oct 9999 07:28:00 -2359",
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Wed, 21 Oct 10000 07:28:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
    ],
)
def test_no_date_is_too_far_away(value: str) -> None:
    assert seconds_to_wait(value) >= 0


@pytest.mark.parametrize(
    "value", ["99999999999999999999", "Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "-1"]
)
def test_no_form_ends_an_exchange(tiny: Any, value: str) -> None:
    server = tiny(lambda _seen, line: line.json(429, {"message": "Too many"}, retry_after=value))
    with Transport(timeout=10.0, sleep=lambda _: None) as transport:
        assert transport.send(Request("GET", server.url, "/")).outcome == "status 429"
