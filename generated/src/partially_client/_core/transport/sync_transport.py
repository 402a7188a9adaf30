# Copied by partially-generate into every client. Edit it there, not here.
"""The base class of transports that replace httpx2."""

from __future__ import annotations

import abc

from ..messages.response import Response
from ..requests.request import Request


class SyncTransport(abc.ABC):
    """Sends requests and reads responses."""

    @abc.abstractmethod
    def send(self, request: Request) -> Response:
        """Send a request and read the whole response. A redirect is returned like any other response.

        Raises:
            APIConnectionError: No complete response arrived.
            APITimeoutError: It took longer than `request.timeout` allows.
            ConfigurationError: The transport is closed, or its settings are invalid.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Close the connections."""
