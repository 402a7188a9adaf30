"""A plain sentence for everything that can go wrong with a connection or a response, over real sockets."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.traffic.exchange import Request
from partially_conformance.traffic.transport import Transport

TIMEOUT = 0.5

CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgetJ4447xOC/H8uQa
JZfoSdbkTnBF2JjBkDZpq7z9AvShRANCAAR0L619ocQHcolDfjNpRugCkweTxfPY
67j/l81Wzvzidfo1WDiTepy4/6VfbaU9ErACVM8Af/0J2sKd/YAzEPoB
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUSJfIfWIGrnckPPQ0MTijs97ixKowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDEwMTkwMVoYDzIxMjYxMTA2
MTAxOTAxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAR0L619ocQHcolDfjNpRugCkweTxfPY67j/l81Wzvzidfo1WDiTepy4
/6VfbaU9ErACVM8Af/0J2sKd/YAzEPoBo2QwYjAdBgNVHQ4EFgQUO5/TcXFlvSQN
ZYZhliWFDtzPa+wwHwYDVR0jBBgwFoAUO5/TcXFlvSQNZYZhliWFDtzPa+wwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IB02kw24vUUEYv4kEb7c1RT/TiUmYie2BMYjbmw5x5E8AiEAz+gW0e6UrNzDy3lo
k62YjKMWLpPjxE+DDmY8hHnCYR8=
-----END CERTIFICATE-----
"""
"""A self-signed certificate for 127.0.0.1 and its key, which serve this test alone."""


def error_of(url: str) -> str:
    """What an exchange with this server says of its failure."""
    with Transport(timeout=TIMEOUT) as transport:
        exchange = transport.send(Request("GET", url, "/"))
    assert exchange.response is None
    assert exchange.error is not None
    assert exchange.outcome == f"no usable response: {exchange.error}"
    return exchange.error


@pytest.fixture
def answering(tiny: Any) -> Callable[[bytes], str]:
    """What an exchange says when this is all that a server sends before it closes the connection."""

    def error(raw: bytes) -> str:
        def handle(_seen: Any, line: Any) -> None:
            line.send(raw)
            line.close()

        return error_of(tiny(handle).url)

    return error


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", "the connection was closed without a response"),
        (b"HTT", "the connection was closed before the response headers were complete"),
        (HEAD + b"Content-Ty", "the connection was closed before the response headers were complete"),
        (
            HEAD + b"Content-Length: 5\r\n\r\n{}",
            "the connection was closed before the response body was complete",
        ),
        (CHUNKED + b"5\r\n{}", "the connection was closed before the response body was complete"),
        (CHUNKED + b"zz\r\n{}\r\n", "the chunks of the response body are malformed"),
        (CHUNKED + b"2\r\n{}no", "the chunks of the response body are malformed"),
        (CHUNKED + b"0" * 200_000, "the chunks of the response body are malformed"),
        (
            b"SSH-2.0-OpenSSH_9.6\r\n",
            r'the response is not HTTP/1.1; it begins with "SSH-2.0-OpenSSH_9.6\r\n"',
        ),
        (
            b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
            r'the response is not HTTP/1.1; it begins with "SSH-2.0-OpenSSH_9.6\r\n\r\n"',
        ),
        (b"HTTP/2 200\r\n\r\n", r'the response is not HTTP/1.1; it begins with "HTTP/2 200\r\n\r\n"'),
        (
            b'\x00\xff\t"\\' + b"a" * 200,
            r'the response is not HTTP/1.1; it begins with "\x00\xff\t\"\\' + "a" * 66 + '…"',
        ),
        (b"\x15\x03\x03\x00\x02\x02\x0a", "the response is TLS, but the address says http"),
        (b"HTTP/1.1 OK\r\n\r\n", 'the response has a malformed status line: "HTTP/1.1 OK"'),
        (b"HTTP/1.1 99 X\r\n\r\n", 'the response has a malformed status line: "HTTP/1.1 99 X"'),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
            "the response has status 101 (Switching Protocols), which was not asked for",
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n",
            "the response has status 101 (Switching Protocols), which was not asked for",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "the connection was closed without a response"),
        (
            HEAD + b"Content-Length: 2\r\nnot a header\r\n\r\n{}",
            'the response has a malformed header line: "not a header"',
        ),
        (HEAD + b" A: b\r\n\r\n", 'the response has a malformed header line: " A: b"'),
        (HEAD + b"A: \0\r\n\r\n", r'the response has a malformed header line: "A: \x00"'),
        (
            HEAD + b"Content-Length: many\r\n\r\n{}",
            'the length of the response body cannot be told from its headers: "Content-Length: many"',
        ),
        (
            HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            (
                "the length of the response body cannot be told from its headers:"
                ' "Content-Length: 2; Content-Length: 3"'
            ),
        ),
        (
            HEAD + b"Transfer-Encoding: gzip\r\n\r\n{}",
            'the length of the response body cannot be told from its headers: "Transfer-Encoding: gzip"',
        ),
        (HEAD + b"A: " + b"b" * 200_000, "response headers longer than 102,400 bytes"),
        (HEAD + b"A: b\r\n" * 1_001 + b"\r\n", "more than 1,000 response headers"),
        (CHUNKED + b"1100000\r\n" + b" " * 0x110_0000, "a response body longer than 16 MiB"),
        (
            HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
            "a response body with Content-Encoding 'br', which the request did not accept",
        ),
        (
            HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
            "a response body that is not gzip, although its Content-Encoding says so",
        ),
    ],
)
def test_each_malformed_response_has_a_sentence_of_its_own(
    answering: Callable[[bytes], str], raw: bytes, error: str
) -> None:
    assert answering(raw) == error


@pytest.mark.parametrize(
    ("raw", "missing"),
    [
        (b"", "no response"),
        (HEAD, "the response headers are not complete"),
        (HEAD + b"Content-Length: 5\r\n\r\n", "the response body is not complete"),
    ],
)
def test_a_timeout_says_what_is_missing(tiny: Any, raw: bytes, missing: str) -> None:
    def handle(_seen: Any, line: Any) -> None:
        line.send(raw)
        server.stopping.wait(30)

    server = tiny(handle)
    assert error_of(server.url) == f"timed out after 0.5 s: {missing}"


def test_a_server_that_speaks_first_and_then_waits_is_not_http(tiny: Any) -> None:
    def handle(_seen: Any, line: Any) -> None:
        line.send(b"+OK POP3 ready\r\n")
        server.stopping.wait(30)

    server = tiny(handle)
    assert error_of(server.url) == r'the response is not HTTP/1.1; it begins with "+OK POP3 ready\r\n"'


def test_a_reset_is_told_from_a_close(tiny: Any) -> None:
    assert (
        error_of(tiny(lambda _seen, line: line.reset()).url) == "the connection was reset without a response"
    )


def test_a_closed_port_refuses_the_connection(closed_port: int) -> None:
    assert error_of(f"http://127.0.0.1:{closed_port}") == "connection refused"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "two..dots"])
def test_a_host_without_an_address_is_named(host: str) -> None:
    assert error_of(f"http://{host}") == f"the host name {host} cannot be resolved"


def test_a_port_that_does_not_speak_tls_is_told(tls_port: Callable[..., int]) -> None:
    def answer_in_plain(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.recv(65536)

    port = tls_port(answer_in_plain)
    assert error_of(f"https://127.0.0.1:{port}") == "TLS failure: the target does not speak TLS on this port"


def test_a_connection_closed_during_the_handshake_is_a_tls_failure(tls_port: Callable[..., int]) -> None:
    def close(connection: socket.socket) -> None:
        connection.recv(65536)

    assert error_of(f"https://127.0.0.1:{tls_port(close)}") == (
        "TLS failure: the connection was closed unexpectedly"
    )


def test_a_self_signed_certificate_is_not_accepted(tls_port: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "certificate.pem").write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem")

    def shake_hands(connection: socket.socket) -> None:
        with pytest.raises(ssl.SSLError), context.wrap_socket(connection, server_side=True):
            pass

    port = tls_port(shake_hands)
    assert re.fullmatch(
        "TLS failure: the certificate is not accepted: self.signed certificate",  # a blank in OpenSSL 1.1
        error_of(f"https://127.0.0.1:{port}"),
    )


@pytest.fixture
def tls_port(stack: Any) -> Callable[[Callable[[socket.socket], None]], int]:
    """The port of a server that does this with its first connection."""

    def start(handle: Callable[[socket.socket], None]) -> int:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                handle(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        stack.callback(thread.join)
        return int(listener.getsockname()[1])

    return start
