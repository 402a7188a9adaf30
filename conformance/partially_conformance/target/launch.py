"""Starting the target or the embedded reference server as a process, and stopping it in every case."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, Any
from urllib.parse import urlsplit

import httpx2

from partially_conformance.target.configuration import ConfigurationError
from partially_conformance.target.target import Target
from partially_conformance.traffic.exchange import Key
from partially_conformance.traffic.interruption import uninterrupted
from partially_conformance.traffic.redaction import Secrets

START_LIMIT = 30.0
"""How long a target may take until it answers. In seconds; a JVM on a busy machine takes ten."""

STOP_LIMIT = 5.0
"""How long a process may take to end after SIGTERM. In seconds."""

_POLL = 0.05  # seconds between two tries to reach it

_LAST_OUTPUT_LIMIT = 1.0  # seconds for the output of a process that has ended to be read

_LAST_LINES = 20  # lines of the last output of a process that an error shows
_TAIL = 2000  # characters of them

_SETTLING = 0.2  # seconds after the first answer in which the process must not end

_SHORTEST_SECRET = 8  # characters of a variable whose value no error shows; a port is shorter


class StartError(Exception):
    """The process did not start. The message shows its last output."""


class StartCommandError(ConfigurationError):
    """The command that starts the target cannot be run."""


class StartedTarget:
    """A target that the suite starts, and starts again if a request has stopped it.

    Args:
        target: The target, with a command.
    """

    def __init__(self, target: Target) -> None:
        assert target.start is not None
        self._target = target
        self._start = target.start
        self._hidden = Secrets()
        self._hidden.add_key(Key(target.api_key, "API_KEY"))
        if target.other_api_key is not None:
            self._hidden.add_key(Key(target.other_api_key, "OTHER_API_KEY"))
        for name, value in self._start.env.items():
            if len(value) >= _SHORTEST_SECRET:
                self._hidden.add(value, name)
        self._server: _Process | None = None

    @property
    def ended(self) -> str | None:
        """That its process has ended, with its exit code and last output; None while it runs."""
        assert self._server is not None
        code = self._server.process.poll()
        return None if code is None else f"its process has ended {_exit(code)}{self._last_output()}"

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            StartCommandError: The command cannot be run.
            StartError: Something else answers at its address, it ended, or it does not answer in time.
        """
        _refuse_another_server(self._target.base_url)
        with uninterrupted():
            try:
                self._server = _Process(_begin(self._start.command, self._start.env))
            except OSError as error:
                name = self._hidden.hide(self._start.command[0])
                raise StartCommandError(
                    f"[start].command: {name}: cannot be run: {error.strerror}"
                ) from error
        self._wait_until_it_answers(self._server)

    def start_again(self) -> None:
        """End what is left of it and start it again.

        Raises:
            StartError: It does not start.
        """
        self.stop()
        try:
            self.start()
        except StartCommandError as error:
            raise StartError(str(error)) from error

    def stop(self) -> None:
        """End it and all processes that it has started."""
        if self._server is not None:
            _end(self._server)

    def _wait_until_it_answers(self, server: _Process) -> None:
        end = time.monotonic() + START_LIMIT
        while not _answers(self._target.base_url):
            if (ended := self.ended) is not None:
                raise StartError(f"the target did not start: {ended}")
            if time.monotonic() > end:
                raise StartError(
                    f"the target did not answer at {self._target.base_url} within {START_LIMIT:g} s after its"
                    f" start{self._last_output()}"
                )
            time.sleep(_POLL)
        try:
            server.process.wait(_SETTLING)
        except subprocess.TimeoutExpired:
            return
        raise StartError(
            f"something answers at {self._target.base_url}, but not the command of [start]: {self.ended}"
        )

    def _last_output(self) -> str:
        """The end of its output, without keys and long values of its variables."""
        assert self._server is not None
        return self._hidden.hide(self._server.last_output())


@contextmanager
def started(target: Target) -> Iterator[StartedTarget | None]:
    """Start the target if it has a command, wait until it answers, and stop it after the block.

    Raises:
        StartCommandError: The command cannot be run.
        StartError: Something else answers at its address, it ended, or it does not answer in time.
    """
    if target.start is None:
        yield None
        return
    server = StartedTarget(target)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def embedded_reference(options: Sequence[str] = ()) -> Iterator[Target]:
    """Run the reference server on a free port, with two merchants and its harness, while the block runs.

    Args:
        options: More options of `partially-reference serve`.

    Raises:
        StartError: It is not installed, or did not start.
    """
    keys = [secrets.token_urlsafe(24) for _ in range(2)]
    # -P: the server must not import a file in the current folder that is named like a module of Python.
    command = [sys.executable, "-P", "-m", "partially_reference", "serve", "--port", "0", "--harness"]
    command += options
    command += [f"--api-key={key}" for key in keys]  # a key may begin with a dash
    with _running(command, {}) as server:
        address = server.first_match(re.compile(r"(http://[^\s/]+)/api\b"))
        if address is None:
            raise StartError(
                "the embedded reference server did not start; is it installed? It is part of the extra"
                " `reference` of this distribution" + server.last_output()
            )
        yield Target(
            name="reference",
            base_url=f"{address}/api",
            api_key=keys[0],
            other_api_key=keys[1],
            harness_url=f"{address}/harness",
        )


class _Process:
    """A process whose output is read all the time, so that it never blocks on a full pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._changed = threading.Condition()
        assert process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                with self._changed:
                    self._lines.append(line)
                    del self._lines[:-200]
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def first_match(self, pattern: re.Pattern[str]) -> str | None:
        """The first group of the first line that matches; None if the process ended or the time is up."""
        end = time.monotonic() + START_LIMIT
        with self._changed:
            while time.monotonic() < end:
                for line in self._lines:
                    if found := pattern.search(line):
                        return found.group(1)
                if not self._reader.is_alive():
                    return None
                self._changed.wait(_POLL)
        return None

    def finish_reading(self) -> None:
        """Wait a moment for the rest of the output of a process that has ended.

        Not longer: a process that it started may keep the output open.
        """
        if self.process.poll() is not None:
            self._reader.join(_LAST_OUTPUT_LIMIT)

    def last_output(self) -> str:
        """The end of its output for an error message; empty if it printed nothing."""
        self.finish_reading()
        with self._changed:
            text = "".join(self._lines[-_LAST_LINES:]).strip()
        return f"; it printed: {text[-_TAIL:]}" if text else ""


@contextmanager
def _running(command: Sequence[str], env: Mapping[str, str]) -> Iterator[_Process]:
    with ExitStack() as stack:
        with uninterrupted():
            try:
                server = _Process(_begin(command, env))
            except OSError as error:
                raise StartError(f"{command[0]}: cannot be run: {error.strerror}") from error
            stack.callback(_end, server)
        yield server


def _begin(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a process that leads a session.

    Raises:
        OSError: The command cannot be run.
    """
    return subprocess.Popen(  # noqa: S603 - running this command is what the user asked for
        list(command),
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def _end(server: _Process) -> None:
    with uninterrupted():
        end_session(server.process)
        server.finish_reading()


def end_session(process: subprocess.Popen[Any]) -> None:
    """End a process that leads a session, and all other processes of that session."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            continue
        if sign is signal.SIGTERM:
            continue  # this process has ended; those that it started may be running
    process.wait(STOP_LIMIT)


def _exit(code: int) -> str:
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"


def _answers(base_url: str) -> bool:
    """Whether an HTTP response comes, whatever its status is."""
    try:
        httpx2.get(f"{base_url}/customer", timeout=_POLL * 20, trust_env=False)
    except httpx2.TransportError:
        return False
    return True


def _refuse_another_server(base_url: str) -> None:
    """Refuse an address at which something listens already: what it answers says nothing about the target.

    Raises:
        StartError: Something listens there.
    """
    address = urlsplit(base_url)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname, port), timeout=1.0).close()
    except (OSError, UnicodeError):
        return
    raise StartError(
        f"something answers at {base_url} already, before the target was started: end it, or leave out"
        " [start] to check it"
    )
