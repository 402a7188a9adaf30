"""Starting the target or the embedded reference server as a process, and stopping it in every case."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, Any

import httpx2

from partially_conformance.target.target import Target
from partially_conformance.traffic.interruption import uninterrupted

START_LIMIT = 30.0
"""How long a target may take until it answers. In seconds; a JVM on a busy machine takes ten."""

STOP_LIMIT = 5.0
"""How long a process may take to end after SIGTERM. In seconds."""

_POLL = 0.05  # seconds between two tries to reach it

_LAST_OUTPUT_LIMIT = 1.0  # seconds for the output of a process that has ended to be read

_TAIL = 2000  # characters of the last output of a process that an error shows


class StartError(Exception):
    """The process did not start. The message shows its last output."""


@contextmanager
def started(target: Target) -> Iterator[None]:
    """Start the target if it has a command, wait until it answers, and stop it after the block.

    Raises:
        StartError: The command cannot be run, it ended, or the target does not answer in time.
    """
    if target.start is None:
        yield
        return
    with _running(target.start.command, target.start.env) as server:
        _wait_until_it_answers(server, target.base_url)
        yield


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
            text = "".join(self._lines).strip()
        return f"; it printed: {text[-_TAIL:]}" if text else ""


@contextmanager
def _running(command: Sequence[str], env: Mapping[str, str]) -> Iterator[_Process]:
    with ExitStack() as stack:
        with uninterrupted():
            server = _Process(_begin(command, env))
            stack.callback(_end, server)
        yield server


def _begin(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[str]:
    try:
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
    except OSError as error:
        raise StartError(f"{command[0]}: cannot be run: {error.strerror}") from error


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


def _wait_until_it_answers(server: _Process, base_url: str) -> None:
    end = time.monotonic() + START_LIMIT
    while True:
        if server.process.poll() is not None:
            raise StartError(
                f"the target ended with exit code {server.process.returncode} before it answered"
                f"{server.last_output()}"
            )
        try:
            httpx2.get(f"{base_url}/customer", timeout=_POLL * 20, trust_env=False)
        except httpx2.TransportError as error:
            if time.monotonic() > end:
                raise StartError(
                    f"the target did not answer at {base_url} within {START_LIMIT:g} s after its start"
                    f"{server.last_output()}"
                ) from error
            time.sleep(_POLL)
        else:
            return
