"""Plain sentences for everything that can go wrong between a request and its whole response.

The texts of h11, ssl and sockets are for programmers. A user of the suite reads these instead.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from dataclasses import dataclass, field

HEAD_LIMIT = 100 * 1024
"""Longest status line with all headers that is read. In bytes."""

_SHOWN = 80  # characters of a malformed response that a message shows

_HTTP = b"HTTP/1."
_TLS = (b"\x15\x03", b"\x16\x03")  # how an alert and a handshake begin
_STATUS_LINE = re.compile(rb"HTTP/1\.\d ([0-9]{3})(?: [^\r\n]*)?")
_HEADER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00]*")
_FRAMING = re.compile(rb"(?i)(?:content-length|transfer-encoding):[^\r\n]*")
_NAMED_SIGNS = {"\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"'}


@dataclass
class ReceivedBytes:
    """How much of a response has come: enough to say what is wrong with it.

    Attributes:
        start: Its first bytes, at most `HEAD_LIMIT`.
        begun: Whether any byte has come.
        headers_complete: Whether the status line and all headers have come.
        closed: Whether the other side has closed the connection.
    """

    start: bytearray = field(default_factory=bytearray)
    begun: bool = False
    headers_complete: bool = False
    closed: bool = False

    def add(self, data: bytes) -> None:
        """Take in what was received; nothing means that the connection was closed."""
        self.closed = not data
        self.begun = self.begun or bool(data)
        self.start += data[: HEAD_LIMIT - len(self.start)]

    def begin_anew(self, data: bytes) -> None:
        """Begin with the response that follows an interim one, of which these bytes have come."""
        self.start = bytearray(data[:HEAD_LIMIT])

    def timed_out(self, seconds: float) -> str:
        """What is missing after so many seconds."""
        if not self.start:
            missing = "no response"
        elif self.headers_complete:
            missing = "the response body is not complete"
        else:
            missing = "the response headers are not complete"
        return self._not_http() or f"timed out after {seconds:g} s: {missing}"

    def broken_off(self, how: str) -> str:
        """What is missing from the response at the end of the connection, which was `closed` or `reset`."""
        if not self.start:
            return f"the connection was {how} without a response"
        part = "body" if self.headers_complete else "headers"
        message = f"the connection was {how} before the response {part} {'was' if part == 'body' else 'were'}"
        return self._not_http() or f"{message} complete"

    def malformed(self, *, too_long: bool) -> str:
        """What is wrong with the bytes that have come.

        Args:
            too_long: Whether they were refused for their length.
        """
        if (text := self._not_http()) is not None:
            return text
        if self.headers_complete:
            return (
                self.broken_off("closed") if self.closed else "the chunks of the response body are malformed"
            )
        if too_long:
            return f"response headers longer than {HEAD_LIMIT:,} bytes"
        return self.broken_off("closed") if self.closed else self._malformed_head()

    def _malformed_head(self) -> str:
        status_line, *lines = re.split(rb"\r?\n", bytes(self.start).partition(b"\r\n\r\n")[0])
        found = _STATUS_LINE.fullmatch(status_line)
        if found is None:
            return f"the response has a malformed status line: {_escaped(status_line)}"
        if found[1] == b"101":
            return "the response has status 101 (Switching Protocols), which was not asked for"
        for line in lines:
            if not _HEADER_LINE.fullmatch(line):
                return f"the response has a malformed header line: {_escaped(line)}"
        framing = [line for line in lines if _FRAMING.fullmatch(line)]
        if framing:
            shown = _escaped(b"; ".join(framing))
            return f"the length of the response body cannot be told from its headers: {shown}"
        return f"the response headers are malformed: {_escaped(bytes(self.start))}"

    def _not_http(self) -> str | None:
        """That the bytes are not HTTP/1; None if they may be."""
        start = bytes(self.start)
        if start.startswith(_TLS):
            return "the response is TLS, but the address says http"
        if start and not start.startswith(_HTTP[: len(start)]):
            return f"the response is not HTTP/1.1; it begins with {_escaped(start)}"
        return None


def connection_error(error: OSError | UnicodeError, host: str) -> str:
    """Why no connection to a host can be opened."""
    match error:
        case ConnectionRefusedError():
            return "connection refused"
        case socket.gaierror() | UnicodeError():
            return f"the host name {host} cannot be resolved"
        case ssl.SSLError():
            return tls_error(error)
        case ConnectionResetError():
            return "the connection was reset while it was opened"
        case _:
            return f"the connection cannot be opened: {os.strerror(error.errno or 0)}"


def tls_error(error: ssl.SSLError) -> str:
    """What is wrong with TLS."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"TLS failure: the certificate is not accepted: {error.verify_message}"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "TLS failure: the connection was closed unexpectedly"
        case _ if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
            return "TLS failure: the target does not speak TLS on this port"
        case _:
            return f"TLS failure: {(error.reason or 'unknown reason').replace('_', ' ').lower()}"


def _escaped(raw: bytes) -> str:
    """Bytes in quotes, the first 80 characters, unprintable ones as escape sequences."""
    text = "".join(
        _NAMED_SIGNS.get(sign) or (sign if " " <= sign <= "~" else f"\\x{ord(sign):02x}")
        for sign in raw[:_SHOWN].decode("latin-1")
    )
    whole = len(raw) <= _SHOWN and len(text) <= _SHOWN
    return f'"{text}"' if whole else f'"{text[:_SHOWN]}…"'
