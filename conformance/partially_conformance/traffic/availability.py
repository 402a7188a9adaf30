"""Whether a target answers at all: it gives no response, or those of something before it."""

from __future__ import annotations

import threading

from partially_conformance.traffic.check_end import TargetGone
from partially_conformance.traffic.exchange import Exchange, Request

SILENT_LIMIT = 5
"""Requests in a row without a usable response after which the target counts as gone."""

SILENCE_LIMIT = 60.0
"""Seconds that a run waits for responses that never come, at least, before it ends."""

SILENCE_TIMEOUTS = 30
"""How many timeouts a run waits for responses that never come, before it ends."""

_EXAMPLES = 3  # requests that a sentence about unanswered ones names


class Availability:
    """Follows the exchanges of a run, and says when the target is not there any more. Thread-safe.

    Args:
        timeout: The time that one response may take. In seconds.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._silent: list[Exchange] = []
        self._waited = 0.0
        self._total = 0
        self._late = 0
        self._examples: list[str] = []
        self._refused: list[tuple[str, int]] = []

    def add(self, exchange: Exchange) -> None:
        """Take in an exchange.

        Raises:
            TargetGone: Too many requests in a row got no usable response, or too much time has been spent on
                requests that got none.
        """
        with self._lock:
            self._total += 1
            if exchange.timed_out:
                self._late += 1
                self._waited += exchange.seconds
                if (named := named_request(exchange.request)) not in self._examples:
                    self._examples.append(named)
            if exchange.response is not None:
                self._silent = []
                self._note_status(exchange.request, exchange.response.status)
            elif not exchange.lost:
                self._silent.append(exchange)
            silent, waited = tuple(self._silent), self._waited
        if len(silent) >= SILENT_LIMIT:
            raise TargetGone(
                f"{len(silent)} requests in a row got no usable response; the last: {exchange.error}", silent
            )
        if exchange.timed_out and waited > max(SILENCE_LIMIT, SILENCE_TIMEOUTS * self._timeout):
            raise TargetGone(
                f"{self.late_requests()}. The run has waited {waited:.0f} s for them and ends here", silent
            )

    def _note_status(self, request: Request, status: int) -> None:
        if request.purpose != "api":
            return
        if not is_no_service(status):
            self._refused = []
        else:
            self._refused.append((_operation(request), status))

    def begin_anew(self, *, forgiving: bool) -> None:
        """Forget the requests in a row: the target may be there again.

        Args:
            forgiving: Also forget how long the run has waited for responses that did not come.
        """
        with self._lock:
            self._waited = 0.0 if forgiving else self._waited
            self._silent, self._refused = [], []

    def no_service(self) -> str | None:
        """A sentence about the last requests to the API, if all of them got a 5xx or a redirect."""
        with self._lock:
            refused = tuple(self._refused)
        if not refused:
            return None
        operations = len({operation for operation, _ in refused})
        to = f"to {operations} operations" if operations > 1 else f"of {refused[0][0]}"
        statuses = " or ".join(str(status) for status in sorted({status for _, status in refused}))
        return f"the last {len(refused)} requests {to} were all answered with {statuses}"

    def late_requests(self) -> str | None:
        """A sentence about the requests that were not answered in time; None if all were."""
        with self._lock:
            if not self._late:
                return None
            examples = self._examples[:_EXAMPLES] + ["…"] * (len(self._examples) > _EXAMPLES)
            return (
                f"{self._late} of {self._total} requests were not answered within {self._timeout:g} s"
                f" ({', '.join(examples)}): if the target or this machine is only slow, raise `timeout`"
            )


def is_no_service(status: int) -> bool:
    """Whether a status may come from something before the target when that is down: a 5xx or a redirect.

    501 and 505 are about the request, not about the target.
    """
    return 300 <= status < 400 or (status >= 500 and status not in {501, 505})


def named_request(request: Request) -> str:
    """A request in a few words: its method and its path, with ids left out."""
    return _operation(request) + ("?…" if "?" in request.target else "")


def _operation(request: Request) -> str:
    """Method and path of a request. What may be an id in the path is left out."""
    path = request.target.partition("?")[0]
    return f"{request.method} {'/'.join(_without_id(part) for part in path.split('/'))}"


def _without_id(part: str) -> str:
    return "{id}" if len(part) > 24 or any(sign.isdigit() for sign in part) else part
