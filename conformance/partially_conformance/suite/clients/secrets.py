"""CLIENT-13 and CLIENT-15: keys, passwords and tokens are not shown, and not sent to other hosts."""

from __future__ import annotations

import contextlib
import json
import logging
import pickle
import traceback
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from hypothesis import strategies as st

from partially_conformance.clients.calling.answers import (
    JSON_HEADER,
    Answer,
    AnswerSequence,
    ConnectionFault,
    json_answer,
)
from partially_conformance.clients.calling.caller import BASE_URL, KEY, Call, CallResult, Side
from partially_conformance.clients.calling.checked_client import SIDES, Client
from partially_conformance.clients.calling.package import Method
from partially_conformance.clients.requests.keys import places_with_key
from partially_conformance.clients.values.description import Argument
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.rules.check import client_check

_EXAMPLES, _LEAST = 120, 60

_SECRETS = st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=10, max_size=20)


def _responses(secret: str) -> dict[str, Answer]:
    """Return responses and faults of all kinds, some of which repeat what was sent."""
    echo = f"no such thing as {secret} or {KEY}"
    return {
        "refusal": json_answer(400, {"message": "Not so"}),
        "echo": json_answer(422, {"message": echo, "errors": [echo]}),
        "echo-in-html": Answer(500, (), f"<p>{echo}</p>".encode()),
        "echo-in-success": json_answer(200, {"id": 7, "message": [echo], "email": {echo: echo}}),
        "no-json": Answer(200, (JSON_HEADER,), echo.encode()),
        "silence": Answer(fault=ConnectionFault.SILENCE),
        "refused": Answer(fault=ConnectionFault.REFUSED),
        "elsewhere": Answer(302, (("Location", f"http://{secret}.test/{KEY}"),)),
    }


_KINDS = sorted(_responses(""))
_ECHOING = frozenset({"echo", "echo-in-html", "echo-in-success", "no-json", "elsewhere"})


@client_check("CLIENT-13")
def secrets_do_not_show(client: Client, fuzz: Fuzz) -> None:
    """Search reprs, logs, tracebacks and pickles for the key and secret arguments, after many responses."""

    def check_case(case: tuple[Side, Method, str, str | None, bool]) -> None:
        side, method, secret, kind, unsendable = case
        secrets = {argument: secret for argument in method.operation.arguments if argument.secret}
        call = client.call(method, {**secrets, **(_unsendable(method) if unsendable else {})})
        answer = client.success(method.operation) if kind is None else _responses(secret)[kind]
        caller = client.caller.client(side)
        with _logged() as log:
            result = client.caller.call(side, call, AnswerSequence([answer]), client=caller)
        client.require_end(result, "a value or an error of the client's own")
        shown = {"the log": "\n".join(log), "the repr of the client": repr(caller)}
        shown |= _forms_of_error(result.error, pickled=kind not in _ECHOING) if result.error else {}
        shown["the repr of the value"] = "" if result.error else repr(result.value)
        hidden = {f"`{argument.wire}`": value for argument, value in secrets.items()}
        if client.description.key is not None:
            hidden["the key"] = KEY
        _must_not_show(client, result, shown, hidden)

    kinds = st.one_of(st.none(), st.sampled_from(_KINDS))
    methods = [*client.methods, *(m for m in client.methods if any(a.secret for a in m.operation.arguments))]
    cases = st.tuples(SIDES, st.sampled_from(methods), _SECRETS, kinds, st.booleans())
    fuzz.each(cases, check_case, standard=2 * _EXAMPLES, least=2 * _LEAST)


def _unsendable(method: Method) -> dict[Argument, Any]:
    """Return an argument that is not secret, with a value that cannot be sent."""
    free = [one for one in method.operation.arguments if one.place == "body" and one.wire and not one.secret]
    return {free[0]: "\ud800"} if free else {}


def _forms_of_error(error: BaseException, *, pickled: bool) -> Mapping[str, str]:
    """Return all forms in which an error may be shown or stored.

    The response is part of a pickled error, so a secret that the server repeats is in it.
    """
    shown = {
        "the text of the error": str(error),
        "the repr of the error": repr(error),
        "the repr of its response": repr(getattr(error, "response", None)),
        "the traceback": "".join(traceback.format_exception(error)),
    }
    if pickled:
        with contextlib.suppress(pickle.PicklingError, TypeError, AttributeError):
            shown["the pickled error"] = pickle.dumps(error, protocol=0).decode("latin-1")
    return shown


def _must_not_show(
    client: Client, result: CallResult, shown: Mapping[str, str], hidden: Mapping[str, str]
) -> None:
    for place, text in shown.items():
        for name, value in hidden.items():
            if any(form in text for form in (value, quote(value, safe=""), json.dumps(value)[1:-1])):
                raise client.violation(result, f"{name} not to be in {place}", f"{place} contains it")


@contextlib.contextmanager
def _logged() -> Iterator[list[str]]:
    """Collect everything that is logged in the block, at every level."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(_line(record))  # type: ignore[method-assign] # all it needs
    root = logging.getLogger()
    before, disabled = root.level, logging.root.manager.disable
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.disable(logging.NOTSET)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        logging.disable(disabled)


def _line(record: logging.LogRecord) -> str:
    error = "".join(traceback.format_exception(record.exc_info[1])) if record.exc_info else ""
    return f"{record.getMessage()} {error}"


_ELSEWHERE = (
    "http://elsewhere.test/base/v1/customer", "https://api.test/base/v1/customer", "http://api.test:8080/x",
    "//elsewhere.test/x", "http://api.test.elsewhere.test/", "http://api.test@elsewhere.test/",
    "HTTP://ELSEWHERE.TEST/", "ftp://api.test/x", "http://sub.api.test/base/v1/customer",
)  # fmt: skip

_HOME = "://".join(urlsplit(BASE_URL)[:2])


@client_check("CLIENT-15")
def redirects_to_another_host_do_not_carry_the_key(client: Client, fuzz: Fuzz) -> None:
    """Answer with redirects to another host, port or scheme: no request there has the key."""

    def check_case(case: tuple[Side, Call, int, str, str]) -> None:
        side, call, status, first, second = case
        answers = [Answer(status, (("Location", first),)), Answer(status, (("Location", second),))]
        script = AnswerSequence([*answers, client.success(call.method.operation)])
        result = client.caller.call(side, call, script)
        client.require_end(result, "a value or an error of the client's own")
        for number, (host, sent) in enumerate(zip(result.hosts, result.sent, strict=True)):
            places = places_with_key(sent, KEY)
            place = client.description.key
            if place is not None and any(KEY in value for value in sent.header(place.header)):
                places.append(f"header.{place.header}")
            if host != _HOME and places:
                expected = f"no key in a request to {host}"
                observed = f"the key in {places[0]}"
                raise client.violation(result, expected, observed, result.exchanges[: number + 1])

    locations = st.one_of(st.sampled_from(_ELSEWHERE), st.just("/base/v1/customer"))
    statuses = st.sampled_from((301, 302, 303, 307, 308))
    cases = st.tuples(SIDES, client.calls(), statuses, st.sampled_from(_ELSEWHERE), locations)
    fuzz.each(cases, check_case, standard=_EXAMPLES, least=_LEAST)
