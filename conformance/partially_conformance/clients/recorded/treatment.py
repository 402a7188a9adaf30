"""What a proxy does with a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.traffic.exchange import Response

_JSON = {"content-type": "application/json"}


def message(status: int, text: str, **headers: str) -> Response:
    """An error as the API has it."""
    return Response(status, {**_JSON, **headers}, json.dumps({"message": text}).encode())


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done with a request.

    Attributes:
        upset: The name of the upset it meets, None if it is treated as any other.
        forward: Whether the reference server gets it.
        answer: What the client is answered in place of what the reference server says.
        cut: Whether the connection is cut in place of an answer.
        delay: How long the answer is held back. In seconds.
    """

    upset: str | None = None
    forward: bool = True
    answer: Response | None = None
    cut: bool = False
    delay: float = 0.0


Treat = Callable[[SentRequest], Treatment]
"""Decides what is done with a request. Called in the order of arrival, from one thread."""


def undisturbed(_sent: SentRequest) -> Treatment:
    """Treat every request alike."""
    return Treatment()
