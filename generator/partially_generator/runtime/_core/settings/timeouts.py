"""How long a client waits."""

from __future__ import annotations

import math
from typing import Any, Protocol, TypeAlias

from ...errors import ConfigurationError

DEFAULT_TIMEOUT = 30.0
"""Seconds to wait for the next part of a response. Long enough for a slow search, and finite."""

CONNECT_TIMEOUT = 5.0
"""Seconds to wait for a connection. A server that is up accepts one much sooner."""


class TimeoutPhases(Protocol):
    """Seconds for each phase of a request, as in an `httpx2.Timeout`."""

    def as_dict(self) -> dict[str, float | None]:
        """Seconds by the names connect, read, write and pool; None waits without limit."""


Timeout: TypeAlias = float | TimeoutPhases | None
"""Seconds as a number, an `httpx2.Timeout`, or None to wait without limit."""


def checked_timeout(timeout: Timeout) -> Timeout:
    """The timeout, if it is valid.

    Raises:
        ConfigurationError: It is not a positive number of seconds, an `httpx2.Timeout` or None.
    """
    if timeout is None or hasattr(timeout, "as_dict"):
        return timeout
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise ConfigurationError(f"timeout: expected seconds as a number, got {type(timeout).__name__}")
    if not 0 < timeout < math.inf:
        raise ConfigurationError(f"timeout: expected a positive number of seconds, got {timeout!r}")
    return timeout


def timeout_phases(timeout: Timeout) -> dict[str, Any]:
    """The timeout for each phase of a request, in seconds."""
    if timeout is not None and not isinstance(timeout, int | float):
        return dict(timeout.as_dict())
    connect = None if timeout is None else min(timeout, CONNECT_TIMEOUT)
    return {"connect": connect, "read": timeout, "write": timeout, "pool": timeout}
