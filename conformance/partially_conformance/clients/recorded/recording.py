"""The recorded requests of a client, byte for byte, with their responses."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.traffic.exchange import Response


@dataclass(slots=True)
class RecordedRequest:
    """One request and its response. The proxy fills it in step by step.

    Attributes:
        number: Its place in the order in which requests arrived, from 1.
        elsewhere: Whether it was sent to the other host, which is not the API.
        sent: The request. If it is not HTTP, as much of it as could be parsed.
        raw: Its bytes, from the first to the last byte of the request.
        arrived: When its last byte arrived. In seconds on the monotonic clock.
        malformed: Why it is not an HTTP request; None if it is one.
        upset: The name of the upset that affected it; None if none did.
        carried_out: Whether it was sent on to the reference server.
        response: The response that the client got; None if it got none.
        ended: When sending the response began, or the connection was cut. None if the client closed the
            connection before that.
    """

    number: int
    elsewhere: bool
    sent: SentRequest
    raw: bytes
    arrived: float
    malformed: str | None = None
    upset: str | None = None
    carried_out: bool = False
    response: Response | None = None
    ended: float | None = None


@dataclass
class Recording:
    """The requests of one run of a command, in the order of their arrival. Safe for several threads.

    Attributes:
        failure: Why the reference server did not respond to a request; None if it always did.
    """

    failure: str | None = None
    _entries: list[RecordedRequest] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self, sent: SentRequest, raw: bytes, now: float, *, elsewhere: bool, malformed: str | None = None
    ) -> RecordedRequest:
        """Add a request that has just arrived."""
        with self._lock:
            recorded = RecordedRequest(len(self._entries) + 1, elsewhere, sent, raw, now, malformed)
            self._entries.append(recorded)
            return recorded

    @property
    def entries(self) -> Sequence[RecordedRequest]:
        """All requests so far, in the order of their arrival."""
        with self._lock:
            return list(self._entries)
