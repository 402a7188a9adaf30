"""Requests that are written byte by byte: what is sent, what is read, and how a story shows it."""

from __future__ import annotations

import shlex
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from partially_conformance.traffic.exchange import Exchange, Key, Request, Response
from partially_conformance.traffic.framing import Conversation, converse
from partially_conformance.traffic.redaction import Secrets
from partially_conformance.traffic.story import exchange_record

GET = b"GET /customer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $API_KEY\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one connection, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            thread.join()


def written(address: str, raw: bytes = GET, body: bytes | None = None) -> Request:
    key = Key("s3cret-key", "API_KEY")
    return Request("GET", f"{address}/customer", "/customer", {}, key, body, raw=raw)


def talk_to(talk: Callable[[socket.socket], None], count: int = 1, **how: bool) -> Conversation:
    with talking(talk) as address:
        return converse([written(address)] * count, timeout=2.0, **how)


def test_the_bytes_are_sent_as_they_are_written_with_the_key_itself() -> None:
    received: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        received.append(connection.recv(65536))
        connection.sendall(OK)

    got = talk_to(talk)
    assert received == [GET.replace(b"$API_KEY", b"s3cret-key")]
    assert [response.status for response in got.responses] == [200]


def test_several_responses_are_read_in_order() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(NOT_FOUND + OK[:10])
        connection.sendall(OK[10:])

    got = talk_to(talk, count=2)
    assert [(one.status, one.body) for one in got.responses] == [(404, b""), (200, b"{}")]
    assert (got.error, got.closed) == (None, False)


def test_a_closed_connection_is_told_from_silence() -> None:
    def close(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(OK)

    stop = threading.Event()

    def stay_silent(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(OK)
        stop.wait(5)

    closed = talk_to(close, count=2)
    assert (len(closed.responses), closed.closed) == (1, True)
    with talking(stay_silent) as address:
        silent = converse([written(address)] * 2, timeout=0.5)
        stop.set()
    assert (len(silent.responses), silent.closed, silent.error) == (1, False, "no more bytes came in time")


def test_the_body_is_sent_after_100_continue() -> None:
    heads: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        heads.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        heads.append(connection.recv(65536))
        connection.sendall(OK)

    raw = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
    with talking(talk) as address:
        got = converse([written(address, raw)], timeout=5.0, continue_after_head=True)
    assert heads == [raw[:-4], b"body"]
    assert [response.status for response in got.responses] == [200]


def test_a_final_response_in_place_of_100_continue_is_read() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(
            b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )

    raw = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
    with talking(talk) as address:
        got = converse([written(address, raw)], timeout=5.0, continue_after_head=True)
    assert [response.status for response in got.responses] == [417]


@pytest.mark.parametrize("closes", [True, False])
def test_the_end_of_a_connection_is_waited_for(closes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partially_conformance.traffic.framing.CLOSE_LIMIT", 0.5)
    stop = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(OK)
        if not closes:
            stop.wait(5)

    with talking(talk) as address:
        got = converse([written(address)], timeout=2.0, until_closed=True)
        stop.set()
    assert (len(got.responses), got.closed) == (1, closes)


def test_a_target_that_is_not_there_is_no_crash() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    got = converse([written(address)], timeout=1.0)
    assert got.responses == ()
    assert got.error is not None


def test_a_story_writes_the_same_bytes_without_the_key() -> None:
    received: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        received.append(connection.recv(65536))
        connection.sendall(OK)

    raw = GET.replace(b"\r\n\r\n", b"\r\nX-Note:\t100%\\ \xc3\xa9\r\n\r\n")
    secrets = Secrets()
    secrets.add_key(Key("s3cret-key", "API_KEY"))
    with talking(talk) as address:
        exchange = Exchange(written(address, raw), Response(200, {}, b"{}"), None, 0.0)
        curl = exchange_record(exchange, secrets).curl
        assert "s3cret-key" not in curl
        assert urlsplit(address).netloc in curl
        shell = f"API_KEY={shlex.quote('s3cret-key')}; {curl}"
        shown = subprocess.run(["bash", "-c", shell], capture_output=True, timeout=20, check=False).stdout
    assert received == [raw.replace(b"$API_KEY", b"s3cret-key")]
    assert b"200 OK" in shown
