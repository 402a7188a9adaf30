"""Runs the server: in this thread until a signal stops it, or in a thread beside the caller."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.applications import Starlette

_SHUTDOWN_SECONDS = 5
"""How long running requests may take to finish when the server stops."""

_KEEP_ALIVE_SECONDS = 75
"""How long an idle connection stays open. With a short time, clients reuse connections that just close."""

_BACKLOG = 2048
"""How many connections may wait to be accepted."""


class ServingError(Exception):
    """The server cannot listen on its address. The message says on which and why."""


def listen(host: str, port: int) -> socket.socket:
    """Open the socket of a server. Port 0 means any free port.

    Raises:
        ServingError: The address is in use or does not belong to this machine.
    """
    try:
        return _bound_socket(host, port)
    except socket.gaierror as error:
        reason = error.strerror
    except UnicodeError:
        reason = "this is not a host name"
    except OSError as error:
        # The text of the error itself would repeat the address.
        reason = os.strerror(error.errno or errno.EIO)
    raise ServingError(f"cannot listen on {host}:{port}: {reason}")


def _bound_socket(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server(address[:2], family=family, backlog=_BACKLOG)


def address_of(listener: socket.socket) -> str:
    """The address of a server, as a URL without a path."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    def __init__(self, app: Starlette, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                lifespan="on",
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                ws="none",
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`, because uvicorn would raise them again after a clean stop."""
        yield


def serve(app: Starlette, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then finish the running requests and return.

    Args:
        app: The application to serve.
        listener: The socket to serve on, from `listen`.
        on_ready: Is called once, when the server accepts requests.
    """
    server = _Server(app, on_ready)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run([listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def running(app: Starlette, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread of this process while the block runs.

    Yields:
        The address of the server, as a URL without a path.

    Raises:
        ServingError: The address is in use, or the server did not start.
    """
    listener = listen(host, port)
    address = address_of(listener)
    ready = threading.Event()
    server = _Server(app, ready.set)
    thread = threading.Thread(
        target=_run_until_stopped, args=(server, listener, ready), name=f"serving {address}"
    )
    thread.start()
    ready.wait()
    try:
        if not server.started:
            raise ServingError(f"the server did not start on {address}")
        yield address
    finally:
        server.should_exit = True
        thread.join()


def _run_until_stopped(server: _Server, listener: socket.socket, ready: threading.Event) -> None:
    try:
        server.run([listener])
    finally:
        ready.set()
