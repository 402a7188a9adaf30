"""Running the command of a client, and ending it and everything it started."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from partially_conformance.target.configuration import ConfigurationError
from partially_conformance.target.launch import end_session
from partially_conformance.traffic.interruption import uninterrupted

_STANDARD_ERROR = 2
"""The output of the command goes to standard error: standard output is for the report."""

_LOCAL = "127.0.0.1,localhost"


class CommandError(ConfigurationError):
    """The command cannot be run."""


@dataclass(frozen=True, slots=True)
class CommandEnd:
    """How a run of the command ended.

    Attributes:
        status: Its exit status; a negative number is the signal that ended it. None if the suite ended it.
        limit: Seconds that it was allowed to take.
        interrupted: Whether the suite ended it because the user interrupted the run.
    """

    status: int | None
    limit: float
    interrupted: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself with status 0."""
        return self.status == 0

    @property
    def aborted(self) -> bool:
        """Whether it was ended by the suite or by a signal."""
        return self.status is None or self.status < 0

    def __str__(self) -> str:
        if self.interrupted:
            return "the run was interrupted"
        if self.status is None:
            return f"the command did not end within {self.limit:g} s"
        if self.status < 0:
            return f"the command was ended by {_signal_name(-self.status)}"
        return f"the command ended with status {self.status}"


def require_command(command: Sequence[str]) -> None:
    """Refuse a command that does not exist or may not be executed.

    Raises:
        CommandError: It is so.
    """
    if shutil.which(command[0]) is None:
        there = os.path.exists(command[0])  # noqa: PTH110 - a name may hold what no path can
        why = "may not be executed" if there else "command not found"
        raise CommandError(f"{command[0]}: {why}")


def run_command(command: Sequence[str], env: Mapping[str, str], limit: float) -> CommandEnd:
    """Run a command to its end, and end all processes that it left running in its session.

    It reads the standard input of this process. All its output goes to the standard error of this process.

    Args:
        command: The program and its arguments.
        env: Environment variables, added to those of this process.
        limit: Seconds that it may take.

    Raises:
        CommandError: It cannot be run.
    """
    sys.stderr.flush()
    with ExitStack() as stack:
        with uninterrupted():
            process = _begin(command, env)
            stack.callback(_end, process)
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            return CommandEnd(None, limit)
        except KeyboardInterrupt:
            # The requests recorded so far are still reported.
            return CommandEnd(None, limit, interrupted=True)
    return CommandEnd(status, limit)


def _begin(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - running this command is what the user asked for
            list(command),
            env={**os.environ, **_no_proxy_variables(), **env},
            stdout=_STANDARD_ERROR,
            stderr=_STANDARD_ERROR,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise CommandError(f"{command[0]}: cannot be run: {why}") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    with uninterrupted():
        end_session(process)


def _no_proxy_variables() -> dict[str, str]:
    """Variables that keep requests to this machine away from a proxy that the environment names."""
    return {name: ",".join(filter(None, (os.environ.get(name), _LOCAL))) for name in ("NO_PROXY", "no_proxy")}


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
