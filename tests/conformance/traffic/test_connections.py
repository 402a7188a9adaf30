"""Connections that a target closes between two requests, which it may do at any time (RFC 9112, 9.6)."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from partially_conformance.traffic import wire
from partially_conformance.traffic.exchange import Exchange, Request
from partially_conformance.traffic.transport import Transport

Handle = Callable[[Any, Any], None]


class Connections:
    """A server that counts the requests of each connection.

    Args:
        first: Answers the first request of a connection.
        again: Answers each further one.
    """

    def __init__(self, first: Handle, again: Handle) -> None:
        self._first = first
        self._again = again
        self.requests: Counter[Any] = Counter()

    def __call__(self, seen: Any, line: Any) -> None:
        place = line.connection.getpeername()
        self.requests[place] += 1
        (self._first if self.requests[place] == 1 else self._again)(seen, line)


def ok(_seen: Any, line: Any) -> None:
    line.json(200, {})


def resets(_seen: Any, line: Any) -> None:
    line.reset()


def closes(_seen: Any, line: Any) -> None:
    line.close()


def says_timeout(_seen: Any, line: Any) -> None:
    line.json(408, {"message": "idle for too long"}, connection="close")
    line.close()


def half_a_head(_seen: Any, line: Any) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
    line.close()


def request(url: str, method: str = "GET", **values: Any) -> Request:
    body = b"{}" if method in ("POST", "PUT") else None
    return Request(method, url, "/", body=body, **values)


@pytest.fixture
def exchanges(tiny: Any) -> Callable[..., tuple[list[Exchange], Connections, list[str]]]:
    """Sends requests one after the other; gives the exchanges, the connections and the methods seen."""

    def send(first: Handle, again: Handle, *requests: dict[str, Any]) -> Any:
        connections = Connections(first, again)
        server = tiny(connections)
        with Transport(timeout=5.0) as transport:
            results = [transport.send(request(server.url, **values)) for values in requests]
        return results, connections, [seen.method for seen in server.seen]

    return send


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("again", [resets, closes, says_timeout])
def test_a_request_that_may_be_sent_twice_is_sent_again(exchanges: Any, method: str, again: Handle) -> None:
    results, connections, seen = exchanges(ok, again, {}, {"method": method})
    assert [one.outcome for one in results] == ["status 200"] * 2
    assert seen == ["GET", method, method]
    assert list(connections.requests.values()) == [2, 1]


@pytest.mark.parametrize("again", [resets, closes, says_timeout])
def test_a_request_that_may_have_been_carried_out_is_not_sent_again(exchanges: Any, again: Handle) -> None:
    results, _, seen = exchanges(ok, again, {}, {"method": "POST"})
    assert seen == ["GET", "POST"]
    assert (results[1].lost, results[1].response) == (True, None)
    assert results[1].outcome == "no usable response: the connection was closed while it was idle"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_new_connection_that_is_closed_is_what_the_target_does(exchanges: Any, method: str) -> None:
    results, _, seen = exchanges(resets, ok, {"method": method})
    assert seen == [method]
    assert not results[0].lost
    assert results[0].error == "the connection was reset without a response"


def test_a_response_that_has_begun_is_a_response(exchanges: Any) -> None:
    results, _, seen = exchanges(ok, half_a_head, {}, {})
    assert seen == ["GET", "GET"]
    assert not results[1].lost
    assert results[1].error == "the connection was closed before the response headers were complete"


@pytest.mark.parametrize("status", [400, 408, 413, 414, 431, 500, 501, 502, 503])
def test_no_request_follows_what_a_parser_or_an_unhandled_error_answers(exchanges: Any, status: int) -> None:
    """Fastify closes the connection after the 400 of its parser, uvicorn after a 500, and neither says so."""

    def refuse(_seen: Any, line: Any) -> None:
        line.json(status, {"message": "no"})

    results, connections, _ = exchanges(refuse, resets, {"method": "POST"}, {"method": "POST"})
    assert [one.outcome for one in results] == [f"status {status}"] * 2
    assert list(connections.requests.values()) == [1, 1]


def test_other_refusals_keep_the_connection(exchanges: Any) -> None:
    def refuse(_seen: Any, line: Any) -> None:
        line.json(404, {"message": "no"})

    _, connections, _ = exchanges(refuse, refuse, {}, {}, {})
    assert list(connections.requests.values()) == [3]


def test_a_malformed_request_has_a_connection_of_its_own(exchanges: Any) -> None:
    _, connections, _ = exchanges(ok, ok, {}, {"alone": True}, {}, {"alone": True})
    assert sorted(connections.requests.values()) == [1, 1, 2]


def test_a_target_that_keeps_closing_gets_a_connection_for_each_request(exchanges: Any) -> None:
    results, connections, seen = exchanges(ok, resets, *[{}] * 12)
    assert [one.outcome for one in results] == ["status 200"] * 12
    assert Counter(connections.requests.values())[2] == wire._EARLY_CLOSES
    assert len(seen) == 12 + wire._EARLY_CLOSES


def test_a_connection_that_was_idle_for_long_is_not_used(
    exchanges: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_IDLE_LIMIT", 0.0)
    _, connections, _ = exchanges(ok, resets, {}, {"method": "POST"})
    assert list(connections.requests.values()) == [1, 1]


def test_within_a_block_no_connection_is_used_twice(tiny: Any) -> None:
    connections = Connections(ok, ok)
    server = tiny(connections)
    with Transport(timeout=5.0) as transport:
        transport.send(request(server.url))
        with transport.new_connections():
            for _ in range(3):
                transport.send(request(server.url))
        for _ in range(2):
            transport.send(request(server.url))
    assert sorted(connections.requests.values()) == [1, 1, 1, 1, 2]


def test_a_request_that_ends_the_target_has_reached_it(stack: Any) -> None:
    """Over a connection that was used before; over the new one there is nobody."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            connection.recv(65536)
            listener.close()

    thread = threading.Thread(target=serve)
    thread.start()
    stack.callback(thread.join)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Transport(timeout=5.0) as transport:
        first, second = (transport.send(request(url)) for _ in range(2))
        third = transport.send(request(url))
    assert first.outcome == "status 200"
    assert (second.error, second.unsent, second.lost) == ("connection refused", False, False)
    assert (third.error, third.unsent) == ("connection refused", True)
