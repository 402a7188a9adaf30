"""Targets that hang, flood, lie and die: every run ends soon, with the right exit code and no traceback."""

from __future__ import annotations

import dataclasses
import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from partially_conformance.rules.contract import contract
from partially_conformance.target.target import Target

BOUND = 60.0
"""Longest that any of these runs may take, in seconds. Most take less than one."""

TIMEOUT = 0.5
"""Seconds for one response, where the point is that none comes."""

FEW = ("--rules", "LIST-1", "READ-1", "CREATE-1", "SEARCH-1")

PAGE = {"customers": [], "page_number": 1, "page_size": 10, "total_pages": 1, "total_entries": 0}


@pytest.fixture
def bounded_run(commands: Any) -> Callable[..., Any]:
    """A run that must be over soon."""

    def run(url: str, *arguments: str | Path, **values: Any) -> Any:
        path = commands.target_file(base_url=f"{url}/api", **{"timeout": TIMEOUT, **values})
        begun = time.monotonic()
        ended = commands.run(path, *arguments)
        assert time.monotonic() - begun < BOUND
        assert ended.report["verdict"] == {0: "conforms", 1: "violates", 3: "no_verdict"}[ended.code]
        return ended

    return run


def hangs(line: Any, stopping: Any) -> None:
    stopping.wait(BOUND)


def resets(line: Any, stopping: Any) -> None:
    line.reset()


def closes(line: Any, stopping: Any) -> None:
    line.close()


def half_a_head(line: Any, stopping: Any) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
    line.close()


def half_a_body(line: Any, stopping: Any) -> None:
    body = json.dumps(PAGE).encode()
    line.send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
    line.close()


def half_a_chunk(line: Any, stopping: Any) -> None:
    line.send(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"customers": [')
    line.close()


def body_that_never_comes(line: Any, stopping: Any) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{")
    stopping.wait(BOUND)


def length_that_is_no_number(line: Any, stopping: Any) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}")


def two_lengths(line: Any, stopping: Any) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")


def endless_body(line: Any, stopping: Any) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not stopping.is_set():
        line.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def endless_head(line: Any, stopping: Any) -> None:
    line.send(b"HTTP/1.1 200 OK\r\n")
    while not stopping.is_set():
        line.send(b"X-More: " + b"x" * 1000 + b"\r\n")


def flood_of_headers(line: Any, stopping: Any) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"X: y\r\n" * 5000 + b"\r\n{}")


def endless_interim_answers(line: Any, stopping: Any) -> None:
    while not stopping.is_set():
        line.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)


def drips(text: bytes) -> Callable[[Any, Any], None]:
    """Sends a byte at a time, each well within the time that a step may take."""

    def drip(line: Any, stopping: Any) -> None:
        for place in range(len(text)):
            line.send(text[place : place + 1])
            if stopping.wait(TIMEOUT / 10):
                return

    return drip


drips_head = drips(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000)
drips_body = drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000)


def garbage(line: Any, stopping: Any) -> None:
    line.send(b"\x16\x03\x01SSH-2.0-OpenSSH_9.6\r\n\r\n")
    line.close()


def bomb(line: Any, stopping: Any) -> None:
    packed = gzip.compress(b" " * (64 * 1024 * 1024), 9)
    line.answer(200, packed, content_encoding="gzip")


def bomb_in_a_bomb(line: Any, stopping: Any) -> None:
    packed = gzip.compress(gzip.compress(b" " * (64 * 1024 * 1024), 9), 9)
    line.answer(200, packed, content_encoding="gzip, gzip")


def not_what_it_says(line: Any, stopping: Any) -> None:
    line.answer(200, json.dumps(PAGE).encode(), content_encoding="gzip")


@pytest.mark.parametrize(
    "behaviour",
    [
        hangs, resets, closes, half_a_head, half_a_body, half_a_chunk, body_that_never_comes,
        length_that_is_no_number, two_lengths, endless_body, endless_head, endless_interim_answers,
        flood_of_headers, drips_head, drips_body, garbage, bomb, bomb_in_a_bomb, not_what_it_says,
    ],
)  # fmt: skip
def test_without_a_whole_answer_there_is_no_verdict(tiny: Any, bounded_run: Any, behaviour: Any) -> None:
    server = tiny(lambda _seen, line: behaviour(line, server.stopping))
    ended = bounded_run(server.url)
    assert ended.code == 3
    assert {rule["status"] for rule in ended.report["rules"]} == {"not_tested"}
    assert f"reason: {server.url}/api does not respond: " in ended.out


def test_at_a_closed_port_there_is_no_verdict(bounded_run: Any, closed_port: int) -> None:
    ended = bounded_run(f"http://127.0.0.1:{closed_port}")
    assert ended.code == 3
    assert "does not respond: connection refused" in ended.out


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "the key is refused with status 401"),
        (403, "the key is refused with status 403"),
        (404, "/api/customer does not exist (status 404)"),
        (501, "/api/customer does not exist (status 501)"),
    ],
)
def test_a_server_that_refuses_everything_gets_no_verdict(
    tiny: Any, bounded_run: Any, status: int, reason: str
) -> None:
    server = tiny(lambda _seen, line: line.json(status, {"message": "no"}))
    ended = bounded_run(server.url)
    assert ended.code == 3
    assert reason in ended.out


@pytest.mark.parametrize(
    ("status", "body"), [(500, {"message": "no"}), (200, PAGE), (200, []), (200, {}), (204, None)]
)
def test_a_server_with_one_answer_for_everything_violates(
    tiny: Any, bounded_run: Any, status: int, body: Any
) -> None:
    def handle(_seen: Any, line: Any) -> None:
        if body is None:
            line.answer(status)
        else:
            line.json(status, body)

    assert bounded_run(tiny(handle).url, *FEW).code == 1


def test_a_server_that_stores_nothing_and_shows_one_fixed_customer_violates(
    reference: Any, tiny: Any, bounded_run: Any
) -> None:
    model = reference()
    customer = httpx2.post(
        f"{model.base_url}/customer",
        headers={"Authorization": f"Bearer {model.api_key}"},
        json={"email": "fixed@example.com", "first_name": "Fixed"},
    ).json()
    page = PAGE | {"customers": [customer], "total_entries": 1}

    def handle(seen: Any, line: Any) -> None:
        if seen.headers.get("authorization") != "Bearer key-one-of-the-test":
            return line.json(401, {"message": "no"})
        listing = seen.method == "GET" and seen.target.partition("?")[0] == "/api/customer"
        return line.json(200, page if listing else customer)

    ended = bounded_run(tiny(handle).url, *FEW, "UPDATE-1", "SEARCH-4")
    assert ended.code == 1
    failed = {rule["id"] for rule in ended.report["rules"] if rule["status"] == "failed"}
    assert failed >= {"READ-1", "UPDATE-1"}


@pytest.mark.parametrize(
    ("in_customers", "in_pages"),
    [
        ({"id": "\ud800"}, {}),
        ({"id": "a/../b?c#d\r\ne\0"}, {}),
        ({"id": "💥", "email": "\udfff@example.com", "first_name": "\ud83d"}, {}),
        ({"first_name": "]]><script>\x1b[2J\0\ufffe"}, {}),
        ({"id": ["x"], "email": {"a": None}, "inserted_at": "0001-01-01T00:00:00"}, {}),
        ({}, {"total_pages": 10**30, "total_entries": 10**30}),
        ({}, {"customers": [None, [], {}]}),
    ],
    ids=",".join,
)
def test_odd_values_in_answers_are_no_trouble_for_the_suite(
    tiny: Any, bounded_run: Any, tmp_path: Path, in_customers: Any, in_pages: Any
) -> None:
    plain = dict.fromkeys(contract().response_fields) | {
        "id": "53479e98-27a9-49e2-856c-bf47d0796ffc",
        "email": "fixed@example.com",
        "inserted_at": "2018-11-27T20:10:19.437168",
    }
    customer = plain | in_customers
    page = PAGE | {"customers": [customer], "total_entries": 1} | in_pages

    def handle(seen: Any, line: Any) -> None:
        listing = seen.method == "GET" and seen.target.partition("?")[0] == "/api/customer"
        line.json(200, page if listing else customer)

    files = [tmp_path / name for name in ("out.junit", "out.html", "out.md")]
    options = [word for path in files for word in (f"--{path.suffix[1:].replace('md', 'markdown')}", path)]
    rules = ("LIST-*", "SEARCH-4", "READ-[1-3]", "CREATE-2", "UPDATE-2", "GDPR-14", "AUTH-6")
    ended = bounded_run(
        tiny(handle).url, "--rules", *rules, "--record", tmp_path / "kept", *options, other_api_key="other"
    )
    assert ended.code == 1
    assert [one["reason"] for one in ended.report["rules"] if "fault of the" in str(one["reason"])] == []
    assert all(path.stat().st_size for path in files)


def test_a_redirect_is_an_answer_and_is_not_followed(tiny: Any, bounded_run: Any) -> None:
    server = tiny(lambda seen, line: line.answer(302, location=seen.target))
    ended = bounded_run(server.url, *FEW)
    assert ended.code == 1
    assert len(server.seen) < 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_takes_the_key_to_another_host(tiny: Any, bounded_run: Any, status: int) -> None:
    elsewhere = tiny(lambda _seen, line: line.json(200, PAGE))
    server = tiny(lambda seen, line: line.answer(status, location=elsewhere.url + seen.target))
    assert bounded_run(server.url, "--rules", "LIST-1").code == 1
    assert server.seen
    assert elsewhere.seen == []


class Proxy:
    """Stands in front of a reference server, and does to each request what a test wants."""

    def __init__(self, target: Target, before: Callable[[int, Any, Any], bool]) -> None:
        self.count = 0
        self._before = before
        self._origin = target.base_url.removesuffix("/api")
        self._client = httpx2.Client(timeout=10)

    def __call__(self, seen: Any, line: Any) -> None:
        self.count += 1
        if self._before(self.count, seen, line):
            return
        headers = {name: value for name, value in seen.headers.items() if name != "host"}
        answer = self._client.request(
            seen.method, self._origin + seen.target, headers=headers, content=seen.body or None
        )
        line.answer(answer.status_code, answer.content, content_type="application/json")

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def proxied(reference: Any, tiny: Any, stack: Any) -> Callable[..., tuple[Target, Any]]:
    """A reference server behind a proxy."""

    def start(before: Callable[[int, Any, Any], bool]) -> tuple[Target, Any]:
        target = reference()
        proxy = Proxy(target, before)
        server = tiny(proxy)
        stack.callback(proxy.close)
        return dataclasses.replace(target, base_url=f"{server.url}/api", harness_url=None), server

    return start


def keys(target: Target) -> dict[str, str | None]:
    return {"api_key": target.api_key, "other_api_key": target.other_api_key}


def test_429_is_obeyed_and_takes_no_verdict_away(proxied: Any, bounded_run: Any) -> None:
    told: list[float] = []
    again: list[float] = []

    def limit(count: int, _seen: Any, line: Any) -> bool:
        if count in (1, 6):
            told.append(time.monotonic())
            line.json(429, {"message": "slow down"}, retry_after="1")
            return True
        if count in (2, 7):
            again.append(time.monotonic())
        return False

    target, server = proxied(limit)
    ended = bounded_run(server.url, *FEW, **keys(target), timeout=10.0)
    assert ended.code == 0
    assert len(again) == 2
    assert all(second - first >= 1 for first, second in zip(told, again, strict=True))


@pytest.mark.parametrize("retry_after", ["0", "100000", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_429_for_ever_gets_no_verdict(tiny: Any, bounded_run: Any, retry_after: str) -> None:
    server = tiny(lambda _seen, line: line.json(429, {"message": "no"}, retry_after=retry_after))
    ended = bounded_run(server.url)
    assert ended.code == 3
    assert "429" in ended.out.splitlines()[-2]


def test_429_for_ever_from_some_point_on_ends_the_run(proxied: Any, bounded_run: Any, tmp_path: Path) -> None:
    def limit(count: int, _seen: Any, line: Any) -> bool:
        if count > 20:
            line.json(429, {"message": "no"}, retry_after="0")
        return count > 20

    target, server = proxied(limit)
    ended = bounded_run(server.url, "--record", tmp_path / "kept", **keys(target), timeout=10.0)
    assert ended.code == 3
    assert len(server.seen) < 60
    assert "answered with 429, even after waiting" in ended.out


def test_a_target_that_dies_midway_gets_no_verdict_and_is_cleaned_later(
    proxied: Any, bounded_run: Any, commands: Any, tmp_path: Path
) -> None:
    dead = [False]

    def dies(count: int, _seen: Any, line: Any) -> bool:
        dead[0] = dead[0] or count == 40
        if dead[0]:
            line.reset()
        return dead[0]

    target, server = proxied(dies)
    folder = tmp_path / "kept"
    ended = bounded_run(server.url, "--record", folder, **keys(target), timeout=10.0)
    assert ended.code == 3
    assert len(server.seen) < 80
    assert "stopped answering" in ended.out or "requests in a row were not answered" in ended.out
    assert f"`partially-conformance cleanup {folder}` tries again" in ended.out

    again = commands.run(commands.target_file(target), "--record", folder)
    assert (again.code, again.report) == (2, {})
    assert f"`partially-conformance cleanup {folder}` removes them" in again.err

    dead[0] = False
    server.handler.count = 1000
    assert commands("cleanup", folder, commands.target_file(target)).code == 0
    with httpx2.Client(headers={"Authorization": f"Bearer {target.api_key}"}) as client:
        page = client.get(f"{target.base_url}/customer", params={"per_page": 100}).json()
    assert not [one for one in page["customers"] if "@example.com" in str(one["email"])]


def test_one_request_that_is_dropped_now_and_then_is_no_failure(proxied: Any, bounded_run: Any) -> None:
    def drops(count: int, _seen: Any, line: Any) -> bool:
        if count == 8:
            line.reset()
        return count == 8

    target, server = proxied(drops)
    ended = bounded_run(server.url, *FEW, **keys(target), timeout=10.0)
    assert ended.code == 3
    assert sorted({rule["status"] for rule in ended.report["rules"]}) == ["inconclusive", "passed"]


def test_a_request_that_is_always_dropped_is_a_failure(proxied: Any, bounded_run: Any) -> None:
    def drops(_count: int, seen: Any, line: Any) -> bool:
        dropped = "q=" in seen.target
        if dropped:
            line.reset()
        return dropped

    target, server = proxied(drops)
    ended = bounded_run(server.url, *FEW, **keys(target), timeout=10.0)
    assert ended.code == 1
    assert ended.status("SEARCH-1") == "failed"
    assert ended.status("CREATE-1") == "passed"
