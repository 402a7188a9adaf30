"""What the proxy does with one request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.traffic.exchange import Response

_JSON = {"content-type": "application/json"}


def error_response(status: int, text: str, **headers: str) -> Response:
    """An error response in the form of the API."""
    return Response(status, {**_JSON, **headers}, json.dumps({"message": text}).encode())


@dataclass(frozen=True, slots=True)
class ProxyAction:
    """What the proxy does with one request.

    Attributes:
        upset: The name of the upset that affects the request; None if none does.
        forward: Whether the request is sent on to the reference server.
        response: The response for the client, in place of that of the reference server; None to pass that on.
        cut: Whether the connection is cut instead of answered.
        delay: Seconds to wait before the response is sent.
    """

    upset: str | None = None
    forward: bool = True
    response: Response | None = None
    cut: bool = False
    delay: float = 0.0


ChooseAction = Callable[[SentRequest], ProxyAction]
"""Chooses what to do with a request. Called in the order of arrival, from one thread."""


def pass_through(_sent: SentRequest) -> ProxyAction:
    """Forward the request and pass the response on unchanged."""
    return ProxyAction()
