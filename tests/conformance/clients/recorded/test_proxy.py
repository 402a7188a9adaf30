"""The recording proxy: every byte as it came, whatever came."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import pytest

from partially_conformance.clients.recorded.proxy import Proxy, recording_proxy
from partially_conformance.clients.recorded.proxy_action import (
    ChooseAction,
    ProxyAction,
    error_response,
    pass_through,
)
from partially_conformance.clients.recorded.recording import Recording

WAIT = 10.0  # seconds


@pytest.fixture
def before(tiny: Any, stack: ExitStack) -> Callable[..., Proxy]:
    """A proxy before a tiny server with a handler of its own."""

    def start(handler: Any = lambda seen, line: line.json(200, {"path": seen.target})) -> Proxy:
        return stack.enter_context(recording_proxy(tiny(handler).url))

    return start


@contextmanager
def recorded(
    proxy: Proxy, choose_action: ChooseAction = pass_through
) -> Iterator[tuple[Recording, socket.socket]]:
    host, port = proxy.address.removeprefix("http://").split(":")
    with (
        proxy.recording(choose_action) as recording,
        socket.create_connection((host, int(port)), WAIT) as line,
    ):
        yield recording, line


def answers(line: socket.socket, number: int) -> bytes:
    """What comes until so many answers with a length have come whole."""
    data = b""
    while data.count(b"HTTP/1.1 ") < number or not data.endswith(b"}"):
        piece = line.recv(65536)
        if not piece:
            break
        data += piece
    return data


def test_requests_are_kept_byte_for_byte_one_after_the_other(before: Any) -> None:
    first = b"GET /api/customer?q=%41&&b HTTP/1.1\r\nHoSt: x\r\nX-Twice: a\r\nX-Twice:  b \r\n\r\n"
    chunked = (
        b"POST /api/customer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2;x=y\r\n{}\r\n3\r\n   \r\n0\r\nTrailer: z\r\n\r\n"
    )
    empty = b"PUT /api/customer/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    with recorded(before()) as (recording, line):
        line.sendall(first + chunked + empty)  # before any answer
        assert answers(line, 3).count(b"HTTP/1.1 200 OK") == 3
    assert [one.raw for one in recording.entries] == [first, chunked, empty]
    assert [one.number for one in recording.entries] == [1, 2, 3]
    one, two, three = (entry.sent for entry in recording.entries)
    assert one.headers == (("HoSt", "x"), ("X-Twice", "a"), ("X-Twice", "b"))
    assert one.header("x-twice") == ["a", "b"]
    assert (one.path, one.query) == ("/api/customer", "q=%41&&b")
    assert (two.method, two.body) == ("POST", b"{}   ")
    assert three.body == b""
    assert all(entry.carried_out and entry.response and entry.ended for entry in recording.entries)


def test_the_server_gets_what_was_sent_but_for_the_connection(before: Any) -> None:
    seen: list[Any] = []

    def handler(came: Any, line: Any) -> None:
        seen.append(came)
        line.json(201, {}, x_answer="yes")

    with recorded(before(handler)) as (recording, line):
        line.sendall(
            b"POST /api/a%2Fb?c HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer k\r\nConnection: x-hop\r\n"
            b"Transfer-Encoding: chunked\r\nContent-Type: text/x\r\n\r\n4\r\n\x00\xff{}\r\n0\r\n\r\n"
        )
        data = answers(line, 1)
    assert data.startswith(b"HTTP/1.1 201 Created\r\n")
    assert b"x-answer: yes" in data
    (came,) = seen
    assert (came.method, came.target, came.body) == ("POST", "/api/a%2Fb?c", b"\x00\xff{}")
    assert came.headers == {
        "host": "shop",
        "authorization": "Bearer k",
        "content-type": "text/x",
        "content-length": "4",
        "connection": "close",
    }
    (entry,) = recording.entries
    assert entry.response is not None
    assert (entry.response.status, entry.response.headers["x-answer"]) == (201, "yes")


def test_a_client_that_waits_to_be_told_to_go_on_is_told(before: Any) -> None:
    with recorded(before()) as (recording, line):
        line.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"{}")
        assert b"200 OK" in answers(line, 1)
    assert recording.entries[0].sent.body == b"{}"


def test_old_and_short_forms_of_http_are_taken(before: Any) -> None:
    proxy = before()
    with recorded(proxy) as (recording, line):
        line.sendall(b"GET /old HTTP/1.0\r\n\r\n")
        assert answers(line, 1).endswith(b'{"path": "/old"}')
    assert recording.entries[0].sent.headers == ()
    with proxy.recording() as recording:
        assert httpx2.head(f"{proxy.address}/api").status_code == 200
    assert [one.sent.method for one in recording.entries] == ["HEAD"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "TLS was sent, but the address says http"),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4",
            "HTTP/2 was sent, but only HTTP/1.1 is accepted",
        ),
        (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "illegal request line"),
        ("GET /é HTTP/1.1\r\nHost: x\r\n\r\n".encode(), "illegal request line"),
        (b"GET /a HTTP/1.2\r\nHost: x\r\n\r\n", "the HTTP version is not 1.0 or 1.1"),
        (b"GET /a HTTP/1.1\r\n\r\n", "Missing mandatory Host: header"),
        (b"GET /a HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n", "illegal header line"),
        (b"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: two\r\n\r\n", "bad Content-Length"),
    ],
)
def test_what_is_no_request_is_recorded_with_the_reason(before: Any, raw: bytes, why: str) -> None:
    with recorded(before()) as (recording, line):
        line.sendall(raw)
        data = answers(line, 1)
    assert data.startswith(b"HTTP/1.1 400 ")
    assert why in json.loads(data.partition(b"\r\n\r\n")[2])["message"]
    (entry,) = recording.entries
    assert entry.malformed == why
    assert entry.raw == raw
    assert not entry.carried_out


def test_a_request_that_ends_before_its_body_does_is_none(before: Any) -> None:
    with recorded(before()) as (recording, line):
        line.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{}")
        line.shutdown(socket.SHUT_WR)
        line.recv(1000)
    (entry,) = recording.entries
    assert entry.malformed is not None
    assert entry.sent.method == "POST"


def test_a_connection_without_a_request_is_none(before: Any) -> None:
    with recorded(before()) as (recording, line):
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100) == b""
    assert recording.entries == []


def test_actions_answer_cut_and_delay(before: Any) -> None:
    carried: list[str] = []

    def handler(seen: Any, line: Any) -> None:
        carried.append(seen.target)
        line.json(200, {})

    proxy = before(handler)
    actions = {
        "/answer": ProxyAction(
            "a", forward=False, response=error_response(503, "no", **{"retry-after": "1"})
        ),
        "/both": ProxyAction("b", response=error_response(502, "no")),
        "/cut": ProxyAction("c", cut=True),
        "/slow": ProxyAction("d", delay=0.3),
    }
    with proxy.recording(lambda sent: actions[sent.path]) as recording, httpx2.Client() as client:
        answer = client.get(f"{proxy.address}/answer")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert client.get(f"{proxy.address}/both").status_code == 502
        with pytest.raises(httpx2.TransportError):
            client.get(f"{proxy.address}/cut")
        assert client.get(f"{proxy.address}/slow").status_code == 200
    assert carried == ["/both", "/cut", "/slow"]
    assert [one.upset for one in recording.entries] == ["a", "b", "c", "d"]
    assert [one.carried_out for one in recording.entries] == [False, True, True, True]
    cut, slow = recording.entries[2:]
    assert cut.response is None
    assert cut.ended is not None
    assert slow.ended is not None
    assert slow.ended - slow.arrived >= 0.3


def test_the_other_host_is_at_another_port_and_knows_nobody(before: Any) -> None:
    proxy = before()
    assert proxy.address != proxy.elsewhere
    with proxy.recording() as recording:
        assert httpx2.get(f"{proxy.elsewhere}/a").status_code == 401
    assert [(one.elsewhere, one.carried_out) for one in recording.entries] == [(True, False)]


def test_a_server_that_does_not_answer_is_told_apart_from_the_client(before: Any) -> None:
    proxy = before(lambda _seen, line: line.reset())
    with proxy.recording() as recording:
        assert httpx2.get(f"{proxy.address}/a").status_code == 502
    assert recording.failure == "the reference server did not respond: Connection reset by peer"


def test_no_connection_and_no_thread_outlives_its_recording(before: Any, tiny: Any) -> None:
    proxy = before()
    with recorded(proxy) as (first, line):
        line.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        answers(line, 1)
        with proxy.recording() as second:
            assert line.recv(100) == b""
    assert (len(first.entries), len(second.entries)) == (1, 0)
    threads = threading.active_count()
    with recording_proxy(tiny(lambda _seen, line: line.answer(200)).url) as another:
        httpx2.get(f"{another.address}/a")
    assert threading.active_count() <= threads + 2  # those of the tiny server, which is still there


def test_a_client_that_does_not_wait_is_recorded_all_the_same(before: Any, tiny: Any) -> None:
    def handler(_seen: Any, _line: Any) -> None:
        arrived.set()
        leave.wait(WAIT)

    arrived, leave = threading.Event(), threading.Event()
    with recorded(before(handler)) as (recording, line):
        line.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        assert arrived.wait(WAIT)
    leave.set()
    (entry,) = recording.entries
    assert (entry.response, entry.ended, entry.carried_out) == (None, None, True)
