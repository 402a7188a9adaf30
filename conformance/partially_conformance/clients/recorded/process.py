"""Running the command under test, and ending it whatever it does."""

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
"""Where the output of a command goes: standard output is kept for the report."""

_LOCAL = "127.0.0.1,localhost"


class CommandError(ConfigurationError):
    """The command cannot be run."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the command ended.

    Attributes:
        status: Its exit status; below zero the signal that ended it. None if it had to be ended.
        limit: The time it had. In seconds.
        interrupted: Whether it had to be ended because the user broke everything off.
    """

    status: int | None
    limit: float
    interrupted: bool = False

    @property
    def well(self) -> bool:
        """Whether it ended by itself and with status 0."""
        return self.status == 0

    @property
    def broken_off(self) -> bool:
        """Whether it neither came to an end by itself nor said how it went."""
        return self.status is None or self.status < 0

    def __str__(self) -> str:
        if self.interrupted:
            return "the run was broken off"
        if self.status is None:
            return f"the command did not end within {self.limit:g} s"
        if self.status < 0:
            return f"the command was ended by {_signal_name(-self.status)}"
        return f"the command ended with status {self.status}"


def find(command: Sequence[str]) -> None:
    """See that there is such a command.

    Raises:
        CommandError: There is not, or it may not be run.
    """
    if shutil.which(command[0]) is None:
        there = os.path.exists(command[0])  # noqa: PTH110 - a name may hold what no path can
        why = "may not be executed" if there else "command not found"
        raise CommandError(f"{command[0]}: {why}")


def run_command(command: Sequence[str], env: Mapping[str, str], limit: float) -> Ended:
    """Run a command to its end. What it started and left behind in its session ends with it.

    Its standard input is ours; all its output goes to our standard error.

    Args:
        env: Set beside what this process has.
        limit: How long it may take. In seconds.

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
            return Ended(None, limit)
        except KeyboardInterrupt:
            # What was recorded until now is worth being told.
            return Ended(None, limit, interrupted=True)
    return Ended(status, limit)


def _begin(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - running this command is what the user asked for
            list(command),
            env={**os.environ, **_not_through_a_proxy(), **env},
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


def _not_through_a_proxy() -> dict[str, str]:
    """What keeps requests to this machine away from a proxy that the user has set."""
    return {name: ",".join(filter(None, (os.environ.get(name), _LOCAL))) for name in ("NO_PROXY", "no_proxy")}


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
