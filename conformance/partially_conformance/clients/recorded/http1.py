"""HTTP/1.1 connections to a client and to a server, which keep the bytes of each request."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Iterable, Mapping

import h11

from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.traffic.exchange import Response
from partially_conformance.traffic.wire import BODY_LIMIT

_HEAD_LIMIT = 64 * 1024  # bytes of a request line with all headers
_PIECE = 64 * 1024  # bytes read at once

_OF_ONE_CONNECTION = frozenset(
    {
        *("connection", "expect", "http2-settings", "keep-alive", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade"),
    }
)
"""Headers that a proxy does not forward (RFC 9110, 7.6.1)."""

_SPOKEN = (b"1.0", b"1.1")
_TLS_HANDSHAKE = b"\x16\x03"
_HTTP2_PREFACE = b"PRI * HTTP/2"


class NotHttp(Exception):  # noqa: N818 - it says what the bytes are
    """The received bytes are not an HTTP/1.1 request.

    Attributes:
        sent: As much of the request as could be parsed.
        raw: All bytes that were received.
    """

    def __init__(self, why: str, raw: bytes) -> None:
        super().__init__(why)
        self.raw = raw
        line = raw.partition(b"\r\n")[0].decode("latin-1").split(" ")
        method, target = line[:2] if len(line) >= 2 and line[0].isalpha() else ("?", "?")
        self.sent = SentRequest(method, target)


class ClientConnection:
    """A connection of a client: reads its requests and sends the responses."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_LIMIT)
        self._received = bytearray()

    async def request(self) -> tuple[SentRequest, bytes] | None:
        """Read the next request and its bytes; None if the connection ends.

        Raises:
            NotHttp: The bytes are not an HTTP/1.1 request.
        """
        head: h11.Request | None = None
        body = bytearray()
        while True:
            match await self._event():
                case h11.Request() as head:
                    if head.http_version not in _SPOKEN:
                        raise NotHttp(self._why("the HTTP version is not 1.0 or 1.1"), bytes(self._received))
                case h11.Data() as piece:
                    body += piece.data
                    if len(body) > BODY_LIMIT:
                        raise NotHttp(
                            f"the body is larger than {BODY_LIMIT // 1024 // 1024} MiB", self._raw()[:_PIECE]
                        )
                case h11.EndOfMessage():
                    assert head is not None
                    return _sent(head, bytes(body)), self._raw()
                case _:
                    return None

    async def _event(self) -> object:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                # After the reason the message repeats what was sent, which may be secret.
                reason = str(error).partition(": bytearray")[0]
                raise NotHttp(self._why(reason), bytes(self._received)) from error
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
                await self._writer.drain()
            data = await self._reader.read(_PIECE)
            self._received += data
            self._http.receive_data(data)

    def _why(self, reason: str) -> str:
        if self._received.startswith(_TLS_HANDSHAKE):
            return "TLS was sent, but the address says http"
        if self._received.startswith(_HTTP2_PREFACE):
            return "HTTP/2 was sent, but only HTTP/1.1 is accepted"
        return reason

    def _raw(self) -> bytes:
        """The bytes of the request that has just ended."""
        after, _ = self._http.trailing_data
        end = len(self._received) - len(after)
        raw = bytes(self._received[:end])
        del self._received[:end]
        return raw

    async def answer(self, response: Response) -> bool:
        """Send a response. Returns whether another request may follow on this connection."""
        headers = [
            (name, value)
            for name, value in end_to_end_headers(response.headers).items()
            if name.lower() != "content-length"
        ]
        if response.status >= 200 and response.status not in (204, 304):
            headers.append(("Content-Length", str(len(response.body))))
        reason = http.client.responses.get(response.status, "")
        self._write(h11.Response(status_code=response.status, headers=headers, reason=reason))
        self._write(h11.Data(data=response.body))
        self._write(h11.EndOfMessage())
        await self._writer.drain()
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    async def refuse(self, message: bytes) -> None:
        """Answer bytes that are not a request with 400, if a response can still be sent."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self.answer(Response(400, {"content-type": "application/json"}, message))

    def cut(self) -> None:
        """End the connection without a response."""
        self._writer.transport.abort()

    def _write(self, event: h11.Event) -> None:
        if data := self._http.send(event):
            self._writer.write(data)


async def forward_request(sent: SentRequest, address: tuple[str, int]) -> Response:
    """Send a request to a server and read the response. Headers about one connection are not forwarded.

    Raises:
        OSError: The server cannot be reached, or the connection broke.
        h11.ProtocolError: The response is not HTTP/1.1.
    """
    connection = h11.Connection(h11.CLIENT)
    reader, writer = await asyncio.open_connection(*address)
    try:
        for event in _request_events(sent, f"{address[0]}:{address[1]}"):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _response(connection, reader)
    finally:
        writer.close()


def _request_events(sent: SentRequest, host: str) -> list[h11.Event]:
    names = {name.lower() for name, _ in sent.headers}
    left_out = _OF_ONE_CONNECTION | {"content-length"}
    headers = [(name, value) for name, value in sent.headers if name.lower() not in left_out]
    if "host" not in names:  # HTTP/1.0 does not require it
        headers.append(("Host", host))
    if sent.body or names & {"content-length", "transfer-encoding"}:
        headers.append(("Content-Length", str(len(sent.body))))
    headers.append(("Connection", "close"))
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    request = h11.Request(method=sent.method, target=sent.target.encode("latin-1"), headers=encoded)
    return [request, h11.Data(data=sent.body), h11.EndOfMessage()]


async def _response(connection: h11.Connection, reader: asyncio.StreamReader) -> Response:
    head: h11.Response | None = None
    body = bytearray()
    while True:
        match connection.next_event():
            case h11.NEED_DATA:
                connection.receive_data(await reader.read(_PIECE))
            case h11.Response() as head:
                pass
            case h11.Data() as piece:
                body += piece.data
            case h11.EndOfMessage():
                assert head is not None
                return Response(head.status_code, joined_headers(head.headers), bytes(body))
            case _:
                pass


def joined_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """End-to-end headers by their names in lower case; the values of repeated headers are joined."""
    values: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1")
        values[name] = f"{values[name]}, {value}" if name in values else value
    return end_to_end_headers(values)


def end_to_end_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a proxy forwards."""
    return {name: value for name, value in headers.items() if name.lower() not in _OF_ONE_CONNECTION}


def _sent(head: h11.Request, body: bytes) -> SentRequest:
    return SentRequest(
        method=head.method.decode("ascii"),
        target=head.target.decode("latin-1"),
        headers=tuple(
            (name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers.raw_items()
        ),
        body=body,
    )
