"""A front: reads HTTP/1.1 by hand and passes each request on to the reference server.

The reference server leaves the reading of requests to its HTTP library. A front takes the place of the
library, so that overlays can frame requests in other ways.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
_LENGTH = re.compile(r"[0-9]{1,12}")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_THE_CONNECTION = frozenset(
    {"connection", "content-length", "date", "expect", "keep-alive", "trailer", "transfer-encoding"}
)
_TIME_LIMIT = 30.0  # seconds for one step


class BadRequest(Exception):  # noqa: N818 - named for the response
    """The request is malformed. It is answered with 400, and the connection is closed."""


Field = tuple[str, str]
"""Name and value of a header."""


class Front:
    """Reads requests as RFC 9112 says, and refuses those that are malformed.

    Args:
        address: The address of the server behind it, as a URL without a path.
    """

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self._host, self._port = place.hostname or "", place.port or 80
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._threads = [threading.Thread(target=self._accept)]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def address(self) -> str:
        """Its own address, as a URL without a path."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve while the block runs."""
        self._threads[0].start()
        try:
            yield
        finally:
            self._stopped = True
            with socket.create_connection(self._listener.getsockname()):
                self._threads[0].join()
            self._listener.close()
            with self._lock:
                for connection in self._open:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
            for thread in self._threads[1:]:
                thread.join()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopped:
                connection.close()
                return
            connection.settimeout(_TIME_LIMIT)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        behind = http.client.HTTPConnection(self._host, self._port, timeout=_TIME_LIMIT)
        try:
            with suppress(OSError), connection.makefile("rb") as first:
                reader = first
                while self._answer_next(reader, connection, behind):
                    reader = self.reader(connection, reader)
        finally:
            behind.close()
            with self._lock:
                self._open.discard(connection)
                connection.close()

    def _answer_next(
        self, reader: io.BufferedReader, connection: socket.socket, behind: http.client.HTTPConnection
    ) -> bool:
        """Answer one request; returns whether the connection stays open."""
        try:
            line = reader.readline(65536) or b""
            if line == b"\r\n":
                line = reader.readline(65536)
            if not line:
                return False
            method, target, version = self.request_line(line.decode("latin-1").rstrip("\r\n"))
            fields = self.fields(reader)
            if self.expects_continue(fields):
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = self.body(reader, fields)
        except BadRequest as error:
            message = f'{{"message": "{error}"}}'.encode()
            length = f"Content-Length: {len(message)}"
            head = ["HTTP/1.1 400 Bad Request", "Content-Type: application/json", length, "Connection: close"]
            connection.sendall("\r\n".join([*head, "", ""]).encode() + message)
            return False
        stays = version == "HTTP/1.1" and not self.closes(fields)
        passed = [(name, value) for name, value in fields if name.lower() not in _OF_THE_CONNECTION]
        status, headers, content = self.response_to(method, self.target(target), passed, body, behind)
        ending = [] if stays else ["Connection: close"]
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'X')}", *headers, *ending, "", ""]
        connection.sendall("\r\n".join(lines).encode("latin-1") + (b"" if method == "HEAD" else content))
        return stays

    # -- what overlays replace -----------------------------------------------------------

    def reader(self, _connection: socket.socket, before: io.BufferedReader) -> io.BufferedReader:
        """What the next request on a connection is read from."""
        return before

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Method, target and version."""
        parts = line.split(" ")
        if len(parts) != 3 or parts[2] not in ("HTTP/1.0", "HTTP/1.1"):
            raise BadRequest("The request line is malformed")
        return parts[0], parts[1], parts[2]

    def fields(self, reader: io.BufferedReader) -> list[Field]:
        """The headers, in the order in which they were sent."""
        fields: list[Field] = []
        while (line := reader.readline(65536)) not in (b"\r\n", b""):
            name, colon, value = line.decode("latin-1").rstrip("\r\n").partition(":")
            if not colon or not self.is_name(name):
                raise BadRequest("A header is malformed")
            fields.append((self.name(name), value.strip(" \t")))
        return fields

    def is_name(self, name: str) -> bool:
        """Whether the text may be the name of a header."""
        return _NAME.fullmatch(name) is not None

    def name(self, name: str) -> str:
        """The name of a header as the server behind sees it."""
        return name

    def values(self, fields: Sequence[Field], name: str) -> list[str]:
        """The values of a header. The case of its name does not count."""
        return [value for one, value in fields if one.lower() == name]

    def expects_continue(self, fields: Sequence[Field]) -> bool:
        """Whether the body comes only after a `100 Continue`."""
        return self.values(fields, "expect") == ["100-continue"]

    def closes(self, fields: Sequence[Field]) -> bool:
        """Whether the connection is to be closed after the response."""
        return "close" in ",".join(self.values(fields, "connection")).lower()

    def target(self, target: str) -> str:
        """Path and query of the target of a request."""
        return re.sub(r"^https?://[^/]+", "", target) or "/"

    def body(self, reader: io.BufferedReader, fields: Sequence[Field]) -> bytes:
        """The body, read to its end."""
        codings, lengths = self.values(fields, "transfer-encoding"), self.values(fields, "content-length")
        if codings and lengths:
            raise BadRequest("Both Transfer-Encoding and Content-Length")
        if codings:
            if [one.lower() for one in codings] != ["chunked"]:
                raise BadRequest("Only chunked is understood")
            return b"".join(self.chunks(reader))
        return self.exactly(reader, self.length(lengths))

    def length(self, values: Sequence[str]) -> int:
        """The length that Content-Length gives."""
        if not values:
            return 0
        if len(values) > 1 or not _LENGTH.fullmatch(values[0]):
            raise BadRequest("Content-Length is malformed")
        return int(values[0])

    def chunks(self, reader: io.BufferedReader) -> Iterator[bytes]:
        """The chunks of a body; the trailer is dropped."""
        while size := self.size(reader.readline(65536).rstrip(b"\r\n").partition(b";")[0].strip()):
            yield self.exactly(reader, size)
            if reader.readline(65536) != b"\r\n":
                raise BadRequest("A chunk does not end after its size")
        while reader.readline(65536) not in (b"\r\n", b""):
            pass

    def size(self, text: bytes) -> int:
        """The size of a chunk."""
        if not _SIZE.fullmatch(text):
            raise BadRequest("The size of a chunk is malformed")
        return int(text, 16)

    def exactly(self, reader: io.BufferedReader, size: int) -> bytes:
        """So many bytes."""
        data = reader.read(size)
        if len(data) < size:
            raise BadRequest("The body is incomplete")
        return data

    def response_to(
        self,
        method: str,
        target: str,
        fields: Sequence[Field],
        body: bytes,
        behind: http.client.HTTPConnection,
    ) -> tuple[int, list[str], bytes]:
        """Status, header lines and body of the response of the server behind."""
        behind.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in fields:
            behind.putheader(name, value.encode("latin-1"))
        if body or method in ("POST", "PUT", "PATCH"):
            behind.putheader("Content-Length", str(len(body)))
        behind.endheaders(body or None)
        response = behind.getresponse()
        content = response.read()
        headers = [
            f"{name}: {value}" for name, value in response.getheaders() if name.lower() != "connection"
        ]
        return response.status, headers, content
