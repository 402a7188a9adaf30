# Shipped by partially-generate with every client. Edit it there, not here.
"""What sends requests in the place of httpx2, if it is not to be httpx2."""

from __future__ import annotations

import abc

from ..messages.response import Response
from ..requests.request import Request


class SyncTransport(abc.ABC):
    """Sends requests and reads answers, by whatever means."""

    @abc.abstractmethod
    def send(self, request: Request) -> Response:
        """Send a request and read the whole answer. A redirect is an answer like any other.

        Raises:
            APIConnectionError: There is no complete answer.
            APITimeoutError: It took longer than `request.timeout` allows.
            ConfigurationError: The transport is closed, or cannot work as it is set up.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Close the connections."""
