"""A server on this machine that sends given bytes, or none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST_HEAD = 65536  # bytes of a request within which its head must end


class RawServer:
    """Sends the same bytes on each connection, and then closes it or keeps it open.

    Attributes:
        answer: The bytes to send after the request.
        silent: Whether the connection stays open after them.
    """

    def __init__(self) -> None:
        self.answer = b""
        self.silent = False
        self._over = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._over.is_set():
                connection.close()
                return
            try:
                _await_request(connection)
                connection.sendall(self.answer)
            except OSError:
                connection.close()  # the client closed the connection, which it may do
                continue
            if self.silent:
                self._open.append(connection)
            else:
                connection.close()

    def stop(self) -> None:
        """Close all connections and the listening socket."""
        self._over.set()
        with socket.create_connection(self._listener.getsockname()[:2]):
            self._thread.join()
        for one in (*self._open, self._listener):
            one.close()


def _await_request(connection: socket.socket) -> None:
    connection.settimeout(5.0)
    seen = b""
    while b"\r\n\r\n" not in seen and len(seen) < _LONGEST_HEAD:
        piece = connection.recv(_LONGEST_HEAD)
        if not piece:
            return
        seen += piece


@contextmanager
def raw_server() -> Iterator[RawServer]:
    """Run a server within the block."""
    server = RawServer()
    try:
        yield server
    finally:
        server.stop()
