# Copied by partially-generate into every client. Edit it there, not here.
"""How long a client waits."""

from __future__ import annotations

import math
from typing import Any, Protocol, TypeAlias

from ...errors import ConfigurationError

DEFAULT_TIMEOUT = 30.0
"""Seconds to wait for the next part of a response. Long enough for a slow search, and finite."""

CONNECT_TIMEOUT = 5.0
"""Seconds to wait for a connection. A server that is up accepts one much sooner."""

WHOLE = 10
"""A whole try may take this many times the timeout, unless `total_timeout` is set."""

DEFAULT_POOL_TIMEOUT = 600.0
"""Seconds to wait for a free connection. Waiting for others is not a fault of the server."""

LONGEST = 2_000_000.0
"""The longest time limit in seconds, about 23 days. Sockets of some systems cannot count further."""


class TimeoutPhases(Protocol):
    """Seconds for each phase of a request, as in an `httpx2.Timeout`."""

    def as_dict(self) -> dict[str, float | None]:
        """Seconds by the names connect, read, write and pool; None waits without limit."""


Timeout: TypeAlias = float | TimeoutPhases | None
"""Seconds as a number, an `httpx2.Timeout`, or None to wait without limit."""


def checked_seconds(name: str, seconds: float | None) -> float | None:
    """A time limit, if it is valid.

    Raises:
        ConfigurationError: It is not a positive number of seconds that a clock can count, or None.
    """
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ConfigurationError(f"{name}: expected seconds as a number, got {type(seconds).__name__}")
    if not 0 < seconds < math.inf:
        raise ConfigurationError(f"{name}: expected a positive number of seconds, got {seconds!r}")
    if seconds > LONGEST:
        raise ConfigurationError(f"{name}: expected at most {LONGEST:.0f} seconds, or None for no limit")
    return seconds


def checked_timeout(timeout: Timeout) -> Timeout:
    """The timeout, if it is valid.

    Raises:
        ConfigurationError: It is not a positive number of seconds, an `httpx2.Timeout` or None.
    """
    given: Any = timeout
    if given is None or not hasattr(given, "as_dict"):
        return checked_seconds("timeout", given)
    for phase, seconds in given.as_dict().items():
        checked_seconds(f"timeout: {phase}", seconds)
    return timeout


def timeout_phases(timeout: Timeout, pool: float | None) -> dict[str, Any]:
    """The timeout for each phase of a request, in seconds.

    Args:
        timeout: The setting of the client or of the call.
        pool: Seconds to wait for a free connection, if `timeout` does not say them.
    """
    if timeout is not None and not isinstance(timeout, int | float):
        return dict(timeout.as_dict())
    connect = None if timeout is None else min(timeout, CONNECT_TIMEOUT)
    return {"connect": connect, "read": timeout, "write": timeout, "pool": pool}


def whole_timeout(timeout: Timeout) -> float | None:
    """The default limit for a whole try: ten times the timeout; None if there is no timeout."""
    if timeout is not None and not isinstance(timeout, int | float):
        timeout = timeout.as_dict().get("read")
    return None if timeout is None else timeout * WHOLE
