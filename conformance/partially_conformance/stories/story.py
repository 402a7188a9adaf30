"""The story of a failure: the few requests that show it, as records for reports."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from partially_conformance.stories.course import Course
from partially_conformance.stories.relevance import relevant, shown_by
from partially_conformance.stories.script import Script
from partially_conformance.stories.shell import curl
from partially_conformance.stories.steps import step
from partially_conformance.stories.template import Template
from partially_conformance.stories.template import text as plain_template
from partially_conformance.stories.variables import Names, is_mailbox
from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.exchange import Exchange, Key, Request, Response
from partially_conformance.traffic.records import ExchangeRecord, Failure, RequestRecord, ResponseRecord
from partially_conformance.traffic.redaction import Secrets

LONGEST_BODY = 20_000
"""Most characters of a body that a report shows."""

_EMAILS_HIDDEN = "(emails are not shown: they contain login tokens)"


def failure_with_story(violation: Violation, recorded: Sequence[Exchange], secrets: Secrets) -> Failure:
    """The failure with its story: the exchanges that show it, and the recorded ones that led to them.

    Args:
        violation: How the rule was broken.
        recorded: All exchanges of the attempt, oldest first.
        secrets: What must not be shown.
    """
    names = Names.of(secrets, recorded)
    course = Course(relevant(violation, recorded, names), names, secrets)
    script = Script(course)
    shown = {id(one) for one in shown_by(violation, recorded) or course.story[-1:]}
    records = []
    for exchange in course.story:
        body = _body(exchange.request, names, secrets)
        command = script.command(exchange, body=body)
        again = step(exchange, course, shows=id(exchange) in shown, body=body)
        records.append(_record(exchange, secrets, command, again))
    return Failure(
        expected=secrets.hide(violation.expected),
        observed=secrets.hide(violation.observed),
        exchanges=tuple(records),
        script="\n".join([*_needs(records), *(record.curl for record in records)]),
    )


def exchange_record(exchange: Exchange, secrets: Secrets) -> ExchangeRecord:
    """An exchange without secrets, as recordings show it, with a curl command that repeats it."""
    names = Names({**secrets.keys(), **secrets.tokens()}, frozenset(secrets.tokens()))
    command = curl(exchange.request, names, body=_body(exchange.request, names, secrets))
    return _record(exchange, secrets, command)


def _needs(records: Sequence[ExchangeRecord]) -> list[str]:
    """A comment about what the reader has to set before the commands."""
    keys = [name for name in ("API_KEY", "OTHER_API_KEY") if any(f"${name}" in one.curl for one in records)]
    return [f"# needs {' and '.join(keys)}"] if keys else []


def _body(request: Request, names: Names, secrets: Secrets) -> Template | None:
    """The body of a request. That of a client may hold what its user keeps secret."""
    if request.body is None or request.purpose != "client":
        return names.body(request)
    return plain_template(secrets.hide_body(_text(request.body)))


def _record(
    exchange: Exchange, secrets: Secrets, command: str, again: dict[str, object] | None = None
) -> ExchangeRecord:
    request, response = exchange.request, exchange.response
    headers = {name: secrets.hide(value) for name, value in request.headers.items()}
    if request.key is not None:
        headers["Authorization"] = _authorization(request.key, secrets)
    body = None
    if request.body is not None:
        hide = secrets.hide_body if request.purpose == "client" else secrets.hide
        body = _cut(hide(_text(request.body)))
    if response is None:
        answer = ResponseRecord(0, {}, secrets.hide(exchange.error or ""))
    else:
        answer = ResponseRecord(
            response.status,
            {name: secrets.hide(value) for name, value in response.headers.items()},
            _cut(_EMAILS_HIDDEN if is_mailbox(exchange) else secrets.hide_body(_readable(response))),
        )
    record = RequestRecord(request.method, secrets.hide(request.url), headers, body)
    return ExchangeRecord(record, answer, command, again)


def _authorization(key: Key, secrets: Secrets) -> str:
    return f"{key.scheme} {secrets.hide(key.value)}".strip()


def _readable(response: Response) -> str:
    """The body as text, decompressed if it is gzip: a reader of the report could not read it otherwise."""
    if response.headers.get("content-encoding", "").strip().lower() == "gzip":
        try:
            plain = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(response.body, 4 * LONGEST_BODY)
        except zlib.error:
            return response.text
        return _text(plain)
    return response.text


def _text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}… ({len(text)} characters)"
