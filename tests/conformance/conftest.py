"""Targets of all kinds for the suite: reference servers in this process, and tiny servers that misbehave."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from partially_conformance.cli import main
from partially_conformance.selftest.overlays.servers import Overlay, serving
from partially_conformance.target.target import Target

LONGEST_LINE = 65536


@dataclass(frozen=True)
class Seen:
    """A request as a tiny server saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Line:
    """The connection a request came on, and how to answer on it."""

    connection: socket.socket

    def send(self, raw: bytes) -> None:
        self.connection.sendall(raw)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a response with a right length. `content_type` becomes Content-Type."""
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def json(self, status: int, body: Any, **headers: str) -> None:
        """Send a JSON response."""
        self.answer(status, json.dumps(body).encode(), content_type="application/json", **headers)

    def close(self) -> None:
        """End the connection."""
        self.connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """End the connection without good-bye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())


Handler = Callable[[Seen, Line], None]
"""Answers a request on its line, or does what it likes with it."""


@dataclass
class TinyServer:
    """A server on a free port whose handler has each connection to itself.

    Attributes:
        seen: The requests so far.
        stopping: Set when the server ends; a handler that waits must wait for this.
    """

    handler: Handler
    seen: list[Seen] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.stopping.is_set():
                connection.close()
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._talk, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            try:
                while (seen := _read(reader)) is not None:
                    self.seen.append(seen)
                    self.handler(seen, Line(connection))
            except (OSError, ValueError):
                return  # the other side, or the handler itself, has closed the connection

    def stop(self) -> None:
        self.stopping.set()
        with socket.create_connection(self._listener.getsockname()[:2]):
            self._threads[0].join()
        self._listener.close()
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed before
        for thread in self._threads:
            thread.join()


def _read(reader: Any) -> Seen | None:
    first = reader.readline(LONGEST_LINE).decode("latin-1").split()
    if len(first) != 3:
        return None
    headers = {}
    while line := reader.readline(LONGEST_LINE).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Seen(first[0], first[1], headers, reader.read(int(headers.get("content-length", "0"))))


@dataclass
class Ended:
    """What a command ended with."""

    code: int
    out: str
    err: str
    report: dict[str, Any] = field(default_factory=dict)

    def status(self, rule: str) -> str:
        return next(entry["status"] for entry in self.report["rules"] if entry["id"] == rule)


class Commands:
    """Runs commands in this process, with target files of their own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def target_file(self, target: Target | None = None, **values: Any) -> Path:
        """Write a target file from a target, or from single values."""
        if target is not None:
            keys = ("name", "base_url", "api_key", "other_api_key", "harness_url", "timeout")
            values = {key: getattr(target, key) for key in keys} | values
        values = {"api_key": "key-one-of-the-test"} | values
        name = re.sub(r"\W", "-", str(values.get("name", "target")))
        path = self.folder / f"{name}.toml"
        lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
        path.write_text("\n".join(lines) + "\n")
        return path

    def __call__(self, *arguments: str | Path) -> Ended:
        self._capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        assert "a fault of the suite" not in captured.out + captured.err
        return Ended(code, captured.out, captured.err)

    def run(self, target: Path, *arguments: str | Path) -> Ended:
        """`run` with a report."""
        path = self.folder / "report.json"
        path.unlink(missing_ok=True)
        ended = self("run", target, "--json", path, *arguments)
        if path.exists():
            ended.report = json.loads(path.read_text())
        return ended


@pytest.fixture
def commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(tmp_path, capsys)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def reference(stack: ExitStack) -> Callable[..., Target]:
    """Starts reference servers, with overlays if wanted."""

    def start(*overlaid: Overlay) -> Target:
        return stack.enter_context(serving(*overlaid))

    return start


@pytest.fixture
def tiny(stack: ExitStack) -> Callable[[Handler], TinyServer]:
    """Starts tiny servers."""

    def start(handler: Handler) -> TinyServer:
        server = TinyServer(handler)
        stack.callback(server.stop)
        return server

    return start


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine at which nobody listens, and nobody will while the test runs."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))  # bound and not listening: taken, and refusing
        yield holder.getsockname()[1]
