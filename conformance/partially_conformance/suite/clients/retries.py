"""CLIENT-6, CLIENT-7 and CLIENT-16: when a client tries again, and how long it waits."""

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

_REPEATED = (408, 429, 502, 503, 504)
"""Statuses after which what may be repeated is."""

_MOST = 10
"""Times that a call is sent at most; ten are no longer "a few"."""

_LATE = 1.5
"""Seconds by which a pause may be shorter than until the moment that a `Retry-After` names: it has no
fractions, and time passes before it is read."""

_SHORT = 0.05
"""Seconds by which a pause may be shorter than asked for: clocks have a resolution."""

_REASON = 3600.0
"""Seconds that no call may sleep, whatever a server asks for."""

_REFUSAL = {"message": "Not now"}


def _failed(status: int, *headers: tuple[str, str]) -> Answer:
    answer = json_answer(status, _REFUSAL)
    return Answer(status, (*answer.headers, *headers), answer.body)


def _broken(fault: ConnectionFault) -> Answer:
    return Answer(200, (), b'{"message": "', fault=fault, cut=5)


_FAILURES: dict[str, Answer] = {
    **{str(status): _failed(status) for status in (500, *_REPEATED)},
    **{fault.name: _broken(fault) for fault in ConnectionFault},
    "404": _failed(404),
    "unreadable": Answer(200, (), b"<html>"),
    "retry": _failed(503, ("Retry-After", "1")),
}
"""Ways in which a call can fail."""


def _surely_not_done(answer: Answer) -> bool:
    if answer.fault is not None:
        return answer.fault.surely_unsent
    return answer.status == 429


@client_check("CLIENT-6")
def what_may_do_harm_twice_is_not_repeated(client: Client, fuzz: Fuzz) -> None:
    """After an answer, or a fault, that may mean that it was done, nothing more is sent."""
    methods = [method for method in client.methods if not method.operation.repeatable]
    if not methods:
        raise NotObservable("every operation may be repeated")

    def judge(case: tuple[Side, Method, list[str]]) -> None:
        side, method, names = case
        script = AnswerSequence([*(_FAILURES[name] for name in names), client.success(method.operation)])
        result = client.caller.call(side, client.call(method), script)
        client.require_end(result, "an answer, or an error of the client's own")
        for number, answer in enumerate(result.answers[:-1]):
            if not _surely_not_done(answer):
                what = answer.fault or f"status {answer.status}"
                expected = f"{method.call} not to be sent again after: {what}"
                raise client.violation(
                    result, expected, f"{len(result.sent)} requests", result.exchanges[number:]
                )

    names = st.lists(st.sampled_from(sorted(_FAILURES)), min_size=1, max_size=3)
    fuzz.each(st.tuples(SIDES, st.sampled_from(methods), names), judge, standard=_EXAMPLES, least=_LEAST)


_HARMLESS = [name for name in sorted(_FAILURES) if name not in {"404", "500", "unreadable"}]


@client_check("CLIENT-7")
def what_may_be_repeated_is(client: Client, fuzz: Fuzz) -> None:
    """One failure that goes away is not noticed; one that stays is raised after a few times, with pauses."""
    methods = _repeatable(client)

    def judge(case: tuple[Side, Method, str]) -> None:
        side, method, name = case
        bad, call = _FAILURES[name], client.call(method)
        what = bad.fault or f"status {bad.status}"
        result = client.caller.call(side, call, AnswerSequence([bad, client.success(method.operation)]))
        client.returned_value(result, f"{method.call} to be sent again after: {what}")
        result = client.caller.call(side, call, AnswerSequence([bad]))
        client.require_end(result, f"{method.call} to be given up after a few times")
        if len(result.sent) > _MOST:
            raise client.violation(result, f"at most {_MOST} requests", f"{len(result.sent)}")
        if result.at[-1] <= 0:
            raise client.violation(result, "a pause before a call is sent again", "none")

    cases = st.tuples(SIDES, st.sampled_from(methods), st.sampled_from(_HARMLESS))
    fuzz.each(cases, judge, standard=_EXAMPLES, least=_LEAST)


@client_check("CLIENT-7")
def retry_after_is_obeyed(client: Client, fuzz: Fuzz) -> None:
    """A call is not sent again before the time that a `Retry-After` names, in seconds or as a date."""

    def judge(case: tuple[Side, Method, int, int, bool]) -> None:
        side, method, status, seconds, as_date = case
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
        value = format_datetime(moment, usegmt=True) if as_date else str(seconds)
        bad = _failed(status, ("Retry-After", value))
        script = AnswerSequence([bad, client.success(method.operation)])
        result = client.caller.call(side, client.call(method), script)
        client.require_end(result, "an answer, or an error of the client's own")
        slept = result.at[-1]
        if len(result.sent) > 1 and slept < seconds - (_LATE if as_date else _SHORT):
            expected = f"the next request not before the {seconds} seconds of `Retry-After: {value}`"
            raise client.violation(result, expected, f"one after {slept:.1f} seconds")

    cases = st.tuples(
        SIDES,
        st.sampled_from(client.methods),
        st.sampled_from((429, 503)),
        st.integers(2, 45),
        st.booleans(),
    )
    fuzz.each(cases, judge, standard=_EXAMPLES, least=_LEAST)


def _repeatable(client: Client) -> list[Method]:
    methods = [method for method in client.methods if method.operation.repeatable]
    if not methods:
        raise NotObservable("no operation may be repeated")
    return methods


@client_check("CLIENT-16")
def every_wait_has_a_limit(client: Client) -> None:
    """Without any setting, each request has limits for connecting and for each wait on the server."""
    for method in client.methods:
        for side in Side:
            result = client.caller.call(
                side, client.call(method), AnswerSequence([client.success(method.operation)])
            )
            client.returned_value(result, "the answer to a call with arguments that the document allows")
            for phase in ("connect", "read", "write", "pool"):
                limit = result.timeouts[0].get(phase)
                if limit is None or not 0 < limit < math.inf:
                    expected = f"a limit in seconds for the phase `{phase}` of a request"
                    raise client.violation(result, expected, f"{limit}")


_UNREASONABLE = ("86400", "31536000", "9" * 30, "1e9", "Fri, 31 Dec 9999 23:59:59 GMT")


@client_check("CLIENT-16")
def no_server_puts_a_client_to_sleep(client: Client, fuzz: Fuzz) -> None:
    """A `Retry-After` of days is not slept through, and neither is a failure that stays."""

    def judge(case: tuple[Side, Method, str, int]) -> None:
        side, method, value, status = case
        bad = _failed(status, *((("Retry-After", value),) if value else ()))
        result: CallResult = client.caller.call(side, client.call(method), AnswerSequence([bad]))
        client.require_end(result, "an error of the client's own")
        if result.slept > _REASON:
            expected = f"at most {_REASON:.0f} seconds of pauses in one call"
            raise client.violation(result, expected, f"{result.slept:.0f} seconds")

    values = st.sampled_from((*_UNREASONABLE, ""))
    cases = st.tuples(SIDES, st.sampled_from(client.methods), values, st.sampled_from(_REPEATED))
    fuzz.each(cases, judge, standard=_LEAST, least=_LEAST)
