"""A server on a real socket that answers with what a function returns, for what a fake cannot show."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

Server = Callable[[httpx2.Request], httpx2.Response]


class Loopback:
    """What reached the server.

    Attributes:
        base_url: Where it listens, with the path `/v1`.
        peers: The port from which each request came, in order: one port is one connection.
        connections: How many connections were made.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.peers: list[int] = []
        self.connections = 0


@contextmanager
def loopback(server: Server) -> Iterator[Loopback]:
    """Serve on a free port. A response that announces more bytes than it has is cut off there.

    A server function that raises `ConnectionError` ends the connection without an answer. A response with
    the extension `raw` is written as those bytes; then the connection ends, after `stall` seconds.
    """
    seen: Loopback

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            seen.connections += 1
            while (request := _read(self.rfile)) is not None:
                seen.peers.append(self.client_address[1])
                try:
                    response = server(request)
                except ConnectionError:
                    return
                if not _write(self.wfile, response):
                    return

    class Threads(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            """Clients may go away at any time."""

    with Threads(("127.0.0.1", 0), Handler) as listening:
        seen = Loopback(f"http://127.0.0.1:{listening.server_address[1]}/v1")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            listening.shutdown()
            thread.join()


def _read(stream: Any) -> httpx2.Request | None:
    line = stream.readline().decode()
    if not line.strip():
        return None
    method, target, _ = line.split(" ")
    headers = []
    while (header := stream.readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = header.partition(":")
        headers.append((name, value.strip()))
    length = int({name.lower(): value for name, value in headers}.get("content-length", 0))
    return httpx2.Request(method, f"http://server{target}", headers=headers, content=stream.read(length))


def _write(stream: Any, response: httpx2.Response) -> bool:
    """Write an answer; returns whether the connection can be used again."""
    if "raw" in response.extensions:
        stream.write(response.extensions["raw"])
        stream.flush()
        time.sleep(response.extensions["stall"])
        return False
    head = [f"HTTP/1.1 {response.status_code} Said".encode()]
    head += [name + b": " + value for name, value in response.headers.raw]
    content = (
        b"" if isinstance(response.stream, httpx2.SyncByteStream) is False else b"".join(response.stream)
    )
    if "content-length" not in response.headers and "transfer-encoding" not in response.headers:
        head.append(f"Content-Length: {len(content)}".encode())
    stream.write(b"\r\n".join(head) + b"\r\n\r\n" + content)
    stream.flush()
    announced = response.headers.get("content-length")
    return announced is None or int(announced) == len(content)
