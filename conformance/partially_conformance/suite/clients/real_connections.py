"""CLIENT-11 and CLIENT-16: malformed HTTP and silent servers, over real connections."""

from __future__ import annotations

from hypothesis import strategies as st

from partially_conformance.clients.calling.caller import Side
from partially_conformance.clients.calling.checked_client import SIDES, Client
from partially_conformance.clients.calling.raw_server import RawServer, raw_server
from partially_conformance.clients.calling.real_connections import call_over_connection
from partially_conformance.clients.values.generated_values import one_of_these
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import client_check

_EXAMPLES, _LEAST = 120, 50

_BODY = b'{"message": "x"}'

_HEADS = (
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 404 Not Found\r\n", b"HTTP/1.1 999 \r\n", b"HTTP/1.1 20 OK\r\n",
    b"HTTP/9.9 200 OK\r\n", b"HTTP/1.1 200\r\n", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
    b"SSH-2.0-OpenSSH\r\n", b"\x16\x03\x01", b"", b"HTTP/1.1 200 \xff\xfe\r\n",
    b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 304 Not Modified\r\n",
)  # fmt: skip

_FIELDS = (
    b"", b"Content-Length: 16\r\n", b"Content-Length: 99999\r\n", b"Content-Length: -1\r\n",
    b"Content-Length: 1\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 16\r\nContent-Length: 17\r\n", b"no colon\r\n", b": nothing\r\n",
    b"Content-Encoding: gzip\r\nContent-Length: 16\r\n", b"X: \x00\r\n",
    b"X: " + b"x" * 200_000 + b"\r\n", b"X: \xff\r\n",
)  # fmt: skip

_BODIES = (
    _BODY, b"", b"10\r\n" + _BODY + b"\r\n0\r\n\r\n", b"10\r\n{", b"zz\r\n", b"\x1f\x8b\x08",
    b"ffffffffffffffff\r\nx",
)  # fmt: skip

_ANSWERS: st.SearchStrategy[bytes] = st.one_of(
    st.builds(
        lambda head, field, body: head + field + b"\r\n" + body,
        st.sampled_from(_HEADS),
        one_of_these(_FIELDS),
        st.sampled_from(_BODIES),
    ),
    st.binary(max_size=60),
)

_TIMEOUT, _LONG_TIMEOUT = 0.1, 3.0
"""Timeouts of the client in seconds: with a silent server, and with others."""


@client_check("CLIENT-11")
def malformed_http_is_an_error_of_the_client(client: Client, fuzz: Fuzz) -> None:
    """Answer with malformed HTTP over a real connection."""
    method = client.methods[0]

    def check_case(case: tuple[Side, bytes], server: RawServer) -> None:
        side, server.answer = case
        result = call_over_connection(client.caller, side, client.call(method), server, timeout=_LONG_TIMEOUT)
        client.require_end(result, "a value or an error of the client's own")

    with raw_server() as server:
        fuzz.each(
            st.tuples(SIDES, _ANSWERS),
            lambda case: check_case(case, server),
            standard=_EXAMPLES,
            least=_LEAST,
        )


@client_check("CLIENT-16")
def a_silent_server_ends_in_a_timeout(client: Client) -> None:
    """Call servers that send nothing, or only the start of a response."""
    method = client.methods[0]
    with raw_server() as server:
        server.silent = True
        for side in Side:
            for answer in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"):
                server.answer = answer
                call = client.call(method)
                result = call_over_connection(client.caller, side, call, server, timeout=_TIMEOUT)
                expected = f"an error soon after the timeout of {_TIMEOUT} seconds"
                client.require_end(result, expected)
                if result.error is None:
                    raise client.violation(result, expected, "a value was returned")
