"""Telling a target that a request has stopped from one that is slow, unavailable for a moment, or gone."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from partially_conformance.bench.bench import Bench
from partially_conformance.run.subject import Review
from partially_conformance.target.launch import StartedTarget, StartError
from partially_conformance.traffic.availability import named_request
from partially_conformance.traffic.check_end import CheckEnd, Inconclusive, TargetGone, Violation
from partially_conformance.traffic.exchange import Exchange, Request

REVIVAL_LIMIT = 5.0
"""How long a target that refuses or drops requests is given to answer one, in seconds. Requests that it does
not answer in time do not count."""

_PATIENCE = 3  # times as long as usual that a response may take when a request is sent again

_PATIENT_TRIES = 3  # of one kind of request, after which it is sure that a slow target is not the reason

_TIMEOUTS = 2  # requests without a response in time, one after the other, after which a target hangs

_PROBES = 20  # requests that a target that is not available refuses before the run ends

_MOST_STARTS = 12  # times that a target is started again in one run

_METHODS = frozenset({"GET", "POST", "PUT"})
_LABELS = frozenset({"application/json", "application/x-www-form-urlencoded"})
_LONGEST = 200  # characters of a value in an ordinary request
_ORDINARY = re.compile(r"[\w .,:;@+/#!?$&*~^()='-]*")


@dataclass(frozen=True, slots=True)
class _Silence:
    """A target that does not answer.

    Attributes:
        since: The last request that reached it.
        now: What it does instead of answering, in a few words.
    """

    since: Exchange
    now: str


class Liveness:
    """Looks whether the target still answers.

    Args:
        bench: The bench of the run.
        server: The target as the suite has started it; None if it was running before.
    """

    def __init__(self, bench: Bench, server: StartedTarget | None) -> None:
        self._bench = bench
        self._server = server
        self._starts = 0
        self._unanswered: Counter[str] = Counter()

    def stopped_by_attempt(self) -> Review | None:
        """The violation of an attempt after which the target does not answer any more; None if it answers.

        A target that the suite has started is started again, so that the next attempt shows whether it was
        the attempt that stopped it. Any other can only be stopped once: a request that is unusual has done
        it, and an ordinary one has not.

        Raises:
            TargetGone: It does not answer, and there is no reason to think that the attempt has stopped it.
        """
        recorded = self._bench.recorder.exchanges()
        silence = self._silence(recorded)
        if silence is None:
            self._end_unless_it_serves()
            return None
        named = named_request(silence.since.request)
        reason = f"the target stopped answering after {named}: {silence.now}"
        if self._server is None and is_ordinary(silence.since.request):
            raise TargetGone(reason)
        violation = Violation(
            f"the target to answer {named} and to go on answering requests",
            f"{silence.since.outcome}; since then {silence.now}",
            [silence.since],
        )
        return Review(violation, stopped=reason if self._server is None else self._start_again())

    def answered_when_sent_again(self, violation: Violation) -> str | None:
        """Send a request again that got no response; returns that this one got one, None if it did not.

        A target that leaves some of its requests unanswered, whatever they are, is no proof of what the check
        is about. The response may take longer this time: a target that is slow does not hang.
        """
        last = violation.exchanges[-1:]
        if not last or last[0].response is not None or last[0].request.purpose != "api":
            return None
        named = named_request(last[0].request)
        times = 1 if self._unanswered[named] >= _PATIENT_TRIES else _PATIENCE
        with self._bench.transport.patience(times):
            # A customer that this creates has the email of a create that counts as unanswered: it is found.
            answer = self._bench.transport.send(last[0].request, obey_limit=False)
        if answer.response is None:
            self._unanswered[named] += 1
            return None
        first = f"{named} got {last[0].outcome}"
        return f"{first}, and when it was sent again it got {answer.outcome} after {answer.seconds:.1f} s"

    def start_again_if_it_has_ended(self) -> None:
        """Start the target again if its process has ended between two attempts.

        Raises:
            TargetGone: It cannot be started again.
        """
        if self._server is not None and self._server.ended is not None:
            reason = self._start_again()
            if reason is not None:
                raise TargetGone(reason)

    def remarks(self) -> list[str]:
        """A sentence about the times that the target was started again."""
        if not self._starts:
            return []
        times = "once" if self._starts == 1 else f"{self._starts} times"
        return [f"the target stopped answering {times} and was started again"]

    def _silence(self, recorded: Sequence[Exchange]) -> _Silence | None:
        """The silence of the target after these exchanges; None if it answers."""
        ended = self._server.ended if self._server is not None else None
        if ended is None and (not recorded or recorded[-1].response is not None):
            return None
        now = ended or self._why_no_answer()
        if now is None or not recorded:
            return None
        return _Silence(_last_that_reached_it(recorded), now)

    def _why_no_answer(self) -> str | None:
        """Request a list until it is answered or it is sure that it will not be.

        Returns:
            What happens instead; None once the target answers.
        """
        with self._bench.transport.patience(1):
            return self._no_answer_to_a_list()

    def _no_answer_to_a_list(self) -> str | None:
        transport = self._bench.transport
        transport.begin_anew()
        late, waited = 0, 0.0
        while True:
            begun = time.monotonic()
            try:
                exchange = self._bench.api.list().exchange
            except TargetGone as gone:
                transport.begin_anew()
                if not gone.silent:
                    return None  # it answers with 429, or is slow
                exchange = gone.silent[-1]
            except CheckEnd:
                return None  # a refusal to answer any more requests is an answer
            if exchange.response is not None:
                return None
            if self._server is not None and (ended := self._server.ended) is not None:
                return ended
            if exchange.timed_out:
                late += 1
            else:
                time.sleep(REVIVAL_LIMIT / 20)
                waited += time.monotonic() - begun
            if late >= _TIMEOUTS or waited > REVIVAL_LIMIT:
                return f"no other request is answered ({exchange.error})"

    def _end_unless_it_serves(self) -> None:
        """See whether a target whose last response was a 5xx or a redirect gives any other.

        Raises:
            TargetGone: It does not.
        """
        bench = self._bench
        availability = bench.transport.availability
        for number in range(_PROBES):
            if availability.no_service() is None:
                return
            if number:
                time.sleep(REVIVAL_LIMIT / _PROBES)
            try:
                if number % 2:
                    bench.api.get(bench.data.unknown_id())
                else:
                    bench.api.list()
            except Inconclusive:
                return  # a 429 comes from a target that is there
        if (sentence := availability.no_service()) is not None:
            raise TargetGone(f"the target stopped answering: {sentence}")

    def _start_again(self) -> str | None:
        """Start the target again; returns why nothing more can be checked, None if it answers again."""
        assert self._server is not None
        if self._starts == _MOST_STARTS:
            return f"the target stopped answering {_MOST_STARTS + 1} times"
        self._starts += 1
        try:
            self._server.start_again()
        except StartError as error:
            return f"the target cannot be started again: {error}"
        self._bench.transport.begin_anew(forgiving=True)
        return None


def _last_that_reached_it(recorded: Sequence[Exchange]) -> Exchange:
    """The first request without a response at the end, or the one before it if that one found nobody."""
    first = len(recorded) - 1
    while first > 0 and recorded[first - 1].response is None:
        first -= 1
    while first > 0 and recorded[first].unsent:
        first -= 1
    return recorded[first]


def is_ordinary(request: Request) -> bool:
    """Whether a request is one that users of the API send every day, with short and plain values."""
    labels = {value.partition(";")[0] for name, value in request.headers.items() if name == "Content-Type"}
    values = [*unquote(request.target).split("&"), *request.headers.values(), *_values(request.body)]
    return (
        request.method in _METHODS
        and labels <= _LABELS
        and all(len(value) <= _LONGEST and _ORDINARY.fullmatch(value) for value in values)
    )


def _values(body: bytes | None) -> list[str]:
    """The values of a flat JSON body as texts; a value that is not ordinary for any other body."""
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return ["\0"]
    if not isinstance(value, dict):
        return ["\0"]
    return ["\0" if isinstance(one, dict | list) else str(one) for one in value.values()]
