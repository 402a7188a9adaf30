"""`build --watch`: builds the client again after each change of the description or the configuration."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from partially_generator.commands.write import write_client
from partially_generator.reading.document import read_document
from partially_generator.reading.errors import GeneratorError
from partially_spec import Document

_PAUSE = 0.3
"""Seconds between two checks of the files: fast enough for a person, and cheap."""

_SETTLED = 0.1
"""Seconds for which a file must not change: editors write in several steps."""

_INTERRUPTED = 128 + signal.SIGINT
"""The exit code after Ctrl-C, as in shells."""


def watch(spec: Path, config: Path, folder: Path, *, against: Path | None = None) -> int:
    """Build, and build again after every change, until Ctrl-C or SIGTERM.

    An input that cannot be used is reported, and the next change awaited. Each build is compared with the
    previous one.

    Returns:
        130 after Ctrl-C, 0 after SIGTERM.
    """
    files = _Files(spec, config)
    compared = against
    with _signals() as stopped:
        while True:
            files.settle(stopped)
            if stopped.is_set():
                break
            if _build(spec, config, folder, compared, stopped):
                compared = None  # from now on the folder holds the previous description
            if stopped.is_set():
                break
            _say(f"Watching {spec} and {config}; Ctrl-C ends it")
            while not files.changed() and not stopped.wait(_PAUSE):
                pass
            if stopped.is_set():
                break
            _say("")
    _say("Stopped")
    return stopped.exit_code


class _Stopped(threading.Event):
    """Set by a signal. Holds the exit code of the process."""

    exit_code = 0


@contextmanager
def _signals() -> Iterator[_Stopped]:
    """Let signals end the loop between two builds, never within one."""
    stopped = _Stopped()

    def stop(number: int, _frame: object) -> None:
        stopped.exit_code = _INTERRUPTED if number == signal.SIGINT else 0
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Files:
    """The watched files, compared by content: a file that was only touched has not changed."""

    def __init__(self, *paths: Path) -> None:
        self._paths = paths
        self._content: list[bytes | None] = []

    def changed(self) -> bool:
        """Whether the content of a file has changed since `settle`."""
        return [_read(path) for path in self._paths] != self._content

    def settle(self, stopped: _Stopped) -> None:
        """Wait until the files stop changing."""
        self._content = [_read(path) for path in self._paths]
        while not stopped.wait(_SETTLED) and self.changed():
            self._content = [_read(path) for path in self._paths]


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None  # the build reports why it cannot be read


def _build(spec: Path, config: Path, folder: Path, against: Path | None, stopped: _Stopped) -> bool:
    """Build once and print the result; returns whether it worked."""
    started = time.monotonic()
    try:
        old: Document | None = read_document(against) if against else None
        for line in write_client(spec, config, folder, against=old):
            _say(line)
    except GeneratorError as error:
        if not stopped.is_set():  # Ctrl-C in a terminal also ends the processes of a build
            print(f"partially-generate: {error}", file=sys.stderr, flush=True)
        return False
    _say(f"Took {time.monotonic() - started:.1f} s")
    return True


def _say(line: str) -> None:
    print(line, flush=True)
