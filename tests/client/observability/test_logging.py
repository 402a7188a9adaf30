"""The one logger: what it tells, and what it never does."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
from typing import Any

import httpx2
import pytest
from tests.client.conftest import KEY, Caller

import partially_client as pc

PERSONAL = {
    "email": "ada.lovelace@example.com",
    "first_name": "Augusta",
    "last_name": "Lovelace",
    "phone": "+44123456789",
    "shipto_name": "Countess A",
    "shipto_address": "12 St James Square",
    "shipto_city": "Marylebone",
    "shipto_postal_code": "SW1Y 4JH",
}


def everything(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(
        f"{record.getMessage()} {record.args!r} {record.exc_info!r}" for record in caplog.records
    )


@pytest.mark.parametrize("status", [200, 404, 503])
def test_no_value_is_in_any_record_of_any_logger(
    call: Caller, customer: dict[str, Any], page: Any, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    text = " ".join([*PERSONAL.values(), KEY])

    def server(request: httpx2.Request) -> httpx2.Response:
        body = page(1, ["a"]) if request.method == "GET" else {**customer, **PERSONAL}
        return httpx2.Response(status, json=body if status == 200 else {"message": text, "errors": [text]})

    def acts() -> list[Any]:
        return [
            lambda c: c.customers.list(q=PERSONAL["email"], extra_query={"name": PERSONAL["last_name"]}),
            lambda c: c.customers.create(**PERSONAL, extra_headers={"X-Who": PERSONAL["first_name"]}),
            lambda c: c.customers.update("id", **PERSONAL),
            lambda c: c.customers.login_password(email=PERSONAL["email"], password="correct horse"),
            lambda c: c.customers.login_token(token="N5E9gL"),
        ]

    for act in acts():
        with contextlib.nullcontext() if status == 200 else pytest.raises(pc.APIError):
            call.use(server, act)
    logged = everything(caplog)
    assert "partially_client" in {record.name for record in caplog.records}
    assert f": {status} in " in logged
    for value in [*PERSONAL.values(), KEY, "correct horse", "N5E9gL", "ada.lovelace", "%40"]:
        assert value not in logged


def test_records_tell_what_went_on(
    call: Caller, customer: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="partially_client")
    answers = iter([httpx2.Response(503), httpx2.Response(200, json=customer)])
    call(lambda _: next(answers), "update", "a", phone="1", extra_query={"q": "x"})
    told = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "partially_client"]
    assert [level for level, _ in told] == ["DEBUG", "INFO", "INFO", "DEBUG", "INFO"]
    assert told[0][1] == "PUT /customer/{id}: sending query q; body phone"
    assert told[1][1].startswith("PUT /customer/{id}: 503 in 0.")
    assert told[2][1].startswith("PUT /customer/{id}: again in 0.")
    assert told[2][1].endswith("s, retry 1 of 2")


PROGRAM = """
import httpx2
import partially_client as pc
answer = httpx2.Response(404)
with pc.Partially("key", transport=httpx2.MockTransport(lambda _: answer)) as client:
    for one in (client, pc.Partially("key", transport=httpx2.MockTransport(lambda _: answer))):
        try:
            one.customers.list(q="ada@example.com")
        except pc.NotFoundError:
            pass
"""


@pytest.mark.parametrize(("level", "lines"), [("", 0), ("info", 2), ("DEBUG", 4)])
def test_the_environment_turns_it_on(level: str, lines: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PARTIALLY_LOG": level},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stderr.splitlines()) == lines, done.stderr
    assert done.stderr.count("GET /customer: 404 in") == (2 if lines else 0)
    assert "ada" not in done.stderr


def test_logging_that_is_set_up_already_is_left_as_it_is() -> None:
    program = f"import logging; logging.basicConfig(format='MINE %(message)s')\n{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PARTIALLY_LOG": "info"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("MINE GET /customer: 404 in") for line in lines)


def test_a_level_that_is_none_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PARTIALLY_LOG", "loud")
    with caplog.at_level(logging.WARNING):
        pc.Partially("key").close()
    assert "PARTIALLY_LOG: expected debug, info, warning or error, got 'loud'" in caplog.text


@pytest.mark.parametrize("level", ["warn", "WARNING", "error"])
def test_a_level_that_shows_less(monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    monkeypatch.setenv("PARTIALLY_LOG", level)
    logger = logging.getLogger("partially_client")
    before = logger.level
    try:
        pc.Partially("key").close()
        assert logger.level == (logging.ERROR if level == "error" else logging.WARNING)
    finally:
        logger.setLevel(before)
