"""What a client sent and was answered, byte for byte."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.traffic.exchange import Response


@dataclass(slots=True)
class Recorded:
    """One request with what became of it. The proxy fills it in as things happen.

    Attributes:
        number: Its place in the order in which requests arrived, from 1.
        elsewhere: Whether it was sent to the host that has nothing to do with the API.
        sent: The request. If it is no HTTP, as much of it as could be read.
        raw: Its very bytes, the whole request and nothing after it.
        arrived: When its last byte came. In seconds on the monotonic clock.
        malformed: Why it is no HTTP request, if it is none.
        upset: The name of the upset it met, None if it met none.
        preflight: Whether a browser asked by it what it may send. It is answered and not judged.
        carried_out: Whether the reference server has had it.
        response: What the client was answered; None if it was not.
        ended: When the answer began to be sent, or the connection was cut. None if the client did not wait
            for it.
    """

    number: int
    elsewhere: bool
    sent: SentRequest
    raw: bytes
    arrived: float
    malformed: str | None = None
    upset: str | None = None
    preflight: bool = False
    carried_out: bool = False
    response: Response | None = None
    ended: float | None = None


@dataclass
class Recording:
    """The requests of one run of a command, in the order in which they arrived. Safe for several threads.

    Attributes:
        failure: Why the reference server did not answer, if once it did not.
    """

    failure: str | None = None
    _entries: list[Recorded] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arrived(
        self, sent: SentRequest, raw: bytes, now: float, *, elsewhere: bool, malformed: str | None = None
    ) -> Recorded:
        """Take in a request."""
        with self._lock:
            recorded = Recorded(len(self._entries) + 1, elsewhere, sent, raw, now, malformed)
            self._entries.append(recorded)
            return recorded

    @property
    def entries(self) -> Sequence[Recorded]:
        """All requests so far, in the order in which they arrived."""
        with self._lock:
            return list(self._entries)
