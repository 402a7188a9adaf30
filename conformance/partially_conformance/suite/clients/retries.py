"""CLIENT-6, CLIENT-7 and CLIENT-16: when a client sends a request again, and how long it waits."""

from __future__ import annotations

import datetime as dt
import math
from email.utils import format_datetime

from hypothesis import strategies as st

from partially_conformance.clients.calling.answers import Answer, AnswerSequence, ConnectionFault, json_answer
from partially_conformance.clients.calling.caller import CallResult, Side
from partially_conformance.clients.calling.checked_client import SIDES, Client
from partially_conformance.clients.calling.package import Method
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import client_check
from partially_conformance.traffic.check_end import NotObservable

_EXAMPLES, _LEAST = 120, 60

_RETRY_STATUSES = (408, 429, 502, 503, 504)
"""Statuses after which a safe call is sent again."""

_MOST = 10
"""The most requests of one call that still count as a few."""

_LATE = 1.5
"""Seconds by which a pause may end before the date of a `Retry-After`: it has no fractions of a second, and
time passes before the client reads it."""

_SHORT = 0.05
"""Seconds by which a pause may be shorter than requested, because of the resolution of clocks."""

_LONGEST_PAUSE = 3600.0
"""The most seconds that a call may pause, even if `Retry-After` requests more."""

_REFUSAL = {"message": "Not now"}


def _failed(status: int, *headers: tuple[str, str]) -> Answer:
    answer = json_answer(status, _REFUSAL)
    return Answer(status, (*answer.headers, *headers), answer.body)


def _broken(fault: ConnectionFault) -> Answer:
    return Answer(200, (), b'{"message": "', fault=fault, cut=5)


_FAILURES: dict[str, Answer] = {
    **{str(status): _failed(status) for status in (500, *_RETRY_STATUSES)},
    **{fault.name: _broken(fault) for fault in ConnectionFault},
    "404": _failed(404),
    "unreadable": Answer(200, (), b"<html>"),
    "retry": _failed(503, ("Retry-After", "1")),
}
"""Ways in which a call can fail."""


def _surely_not_carried_out(answer: Answer) -> bool:
    if answer.fault is not None:
        return answer.fault.surely_unsent
    return answer.status == 429


@client_check("CLIENT-6")
def unsafe_calls_are_not_sent_again(client: Client, fuzz: Fuzz) -> None:
    """Answer unsafe calls with failures after which they may have been carried out: no request follows."""
    methods = [method for method in client.methods if not method.operation.repeatable]
    if not methods:
        raise NotObservable("every operation may be sent again")

    def check_case(case: tuple[Side, Method, list[str]]) -> None:
        side, method, names = case
        script = AnswerSequence([*(_FAILURES[name] for name in names), client.success(method.operation)])
        result = client.caller.call(side, client.call(method), script)
        client.require_end(result, "a value or an error of the client's own")
        for number, answer in enumerate(result.answers[:-1]):
            if not _surely_not_carried_out(answer):
                what = answer.fault or f"status {answer.status}"
                expected = f"{method.call} not to be sent again after this failure: {what}"
                raise client.violation(
                    result, expected, f"{len(result.sent)} requests", result.exchanges[number:]
                )

    names = st.lists(st.sampled_from(sorted(_FAILURES)), min_size=1, max_size=3)
    fuzz.each(st.tuples(SIDES, st.sampled_from(methods), names), check_case, standard=_EXAMPLES, least=_LEAST)


_RETRIED = [name for name in sorted(_FAILURES) if name not in {"404", "500", "unreadable"}]


@client_check("CLIENT-7")
def safe_calls_are_sent_again(client: Client, fuzz: Fuzz) -> None:
    """Answer safe calls with one failure, which is hidden, and with failures only, which end in an error."""
    methods = _safe_methods(client)

    def check_case(case: tuple[Side, Method, str]) -> None:
        side, method, name = case
        bad, call = _FAILURES[name], client.call(method)
        what = bad.fault or f"status {bad.status}"
        result = client.caller.call(side, call, AnswerSequence([bad, client.success(method.operation)]))
        client.returned_value(result, f"{method.call} to be sent again after this failure: {what}")
        result = client.caller.call(side, call, AnswerSequence([bad]))
        client.require_end(result, f"{method.call} to end after a few requests")
        if len(result.sent) > _MOST:
            raise client.violation(
                result, f"at most {_MOST} requests of one call", f"{len(result.sent)} requests"
            )
        if result.at[-1] <= 0:
            raise client.violation(result, "a pause before a call is sent again", "no pause")

    cases = st.tuples(SIDES, st.sampled_from(methods), st.sampled_from(_RETRIED))
    fuzz.each(cases, check_case, standard=_EXAMPLES, least=_LEAST)


@client_check("CLIENT-7")
def retry_after_is_obeyed(client: Client, fuzz: Fuzz) -> None:
    """Answer with `Retry-After` in seconds and as a date: no request is sent before that time."""

    def check_case(case: tuple[Side, Method, int, int, bool]) -> None:
        side, method, status, seconds, as_date = case
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
        value = format_datetime(moment, usegmt=True) if as_date else str(seconds)
        bad = _failed(status, ("Retry-After", value))
        script = AnswerSequence([bad, client.success(method.operation)])
        result = client.caller.call(side, client.call(method), script)
        client.require_end(result, "a value or an error of the client's own")
        slept = result.at[-1]
        if len(result.sent) > 1 and slept < seconds - (_LATE if as_date else _SHORT):
            expected = f"a pause of at least {seconds} seconds, as requested by `Retry-After: {value}`"
            raise client.violation(result, expected, f"a request after {slept:.1f} seconds")

    cases = st.tuples(
        SIDES,
        st.sampled_from(client.methods),
        st.sampled_from((429, 503)),
        st.integers(2, 45),
        st.booleans(),
    )
    fuzz.each(cases, check_case, standard=_EXAMPLES, least=_LEAST)


def _safe_methods(client: Client) -> list[Method]:
    methods = [method for method in client.methods if method.operation.repeatable]
    if not methods:
        raise NotObservable("no operation may be sent again")
    return methods


@client_check("CLIENT-16")
def every_wait_has_a_limit(client: Client) -> None:
    """Call every method without settings: each request has timeouts for connecting and waiting."""
    for method in client.methods:
        for side in Side:
            result = client.caller.call(
                side, client.call(method), AnswerSequence([client.success(method.operation)])
            )
            client.returned_value(result, "a value for a call with arguments that the document allows")
            for phase in ("connect", "read", "write", "pool"):
                limit = result.timeouts[0].get(phase)
                if limit is None or not 0 < limit < math.inf:
                    expected = f"a timeout in seconds for the phase `{phase}` of a request"
                    raise client.violation(
                        result, expected, "no timeout" if limit is None else f"a timeout of {limit}"
                    )


_UNREASONABLE = ("86400", "31536000", "9" * 30, "1e9", "Fri, 31 Dec 9999 23:59:59 GMT")


@client_check("CLIENT-16")
def a_long_retry_after_is_not_waited_for(client: Client, fuzz: Fuzz) -> None:
    """Answer with a `Retry-After` of days, and with failures only: the pauses of one call are limited."""

    def check_case(case: tuple[Side, Method, str, int]) -> None:
        side, method, value, status = case
        bad = _failed(status, *((("Retry-After", value),) if value else ()))
        result: CallResult = client.caller.call(side, client.call(method), AnswerSequence([bad]))
        client.require_end(result, "an error of the client's own")
        if result.slept > _LONGEST_PAUSE:
            expected = f"at most {_LONGEST_PAUSE:.0f} seconds of pauses in one call"
            raise client.violation(result, expected, f"{result.slept:.0f} seconds of pauses")

    values = st.sampled_from((*_UNREASONABLE, ""))
    cases = st.tuples(SIDES, st.sampled_from(client.methods), values, st.sampled_from(_RETRY_STATUSES))
    fuzz.each(cases, check_case, standard=_LEAST, least=_LEAST)
