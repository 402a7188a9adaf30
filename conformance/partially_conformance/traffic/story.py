"""The story of a failure: the few requests that show it, as curl commands for a shell."""

from __future__ import annotations

import re
import shlex
import zlib
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.exchange import Exchange, Key, Request, Response
from partially_conformance.traffic.records import ExchangeRecord, Failure, RequestRecord, ResponseRecord
from partially_conformance.traffic.redaction import Secrets

LONGEST_STORY = 15
"""Most exchanges in one story. If there are more, the oldest of those that only prepare are left out."""

LONGEST_BODY = 20_000
"""Most characters of a body that a report shows."""

SHORTEST_ID = 8
"""Fewest characters of an id that becomes a shell variable; a shorter one occurs in too many other places."""

_READS = ("GET", "HEAD")


def failure_with_story(violation: Violation, recorded: Sequence[Exchange], secrets: Secrets) -> Failure:
    """The failure with its story: the exchanges that show it, and the recorded ones that led to them.

    Args:
        violation: How the rule was broken.
        recorded: All exchanges of the attempt, oldest first.
        secrets: What must not be shown.
    """
    story = _relevant(violation.exchanges, violation.about, recorded)
    names = _Names()
    return Failure(
        expected=secrets.hide(violation.expected),
        observed=secrets.hide(violation.observed),
        exchanges=tuple(exchange_record(exchange, secrets, names) for exchange in story),
        topic=violation.topic,
    )


def _relevant(
    shown: Sequence[Exchange], about: Iterable[str], recorded: Sequence[Exchange]
) -> list[Exchange]:
    """The exchanges that show it, and the recorded writes that created or changed the customers concerned."""
    if not shown:
        return list(recorded[-LONGEST_STORY:])
    wanted = {id(exchange) for exchange in shown}
    made = {_made(exchange) for exchange in recorded} - {None}
    mentioned = {one for one in made if one and any(_mentions(exchange, one) for exchange in shown)}
    mentioned |= set(about)
    story = [
        exchange
        for exchange in recorded
        if id(exchange) in wanted
        or (_may_have_changed(exchange) and any(_mentions(exchange, one) for one in mentioned))
    ]
    missing = [exchange for exchange in shown if not any(exchange is one for one in story)]
    story += missing
    surplus = len(story) - LONGEST_STORY
    if surplus > 0:
        spare = [exchange for exchange in story if id(exchange) not in wanted][:surplus]
        story = [exchange for exchange in story if not any(exchange is left for left in spare)]
    return story


def _may_have_changed(exchange: Exchange) -> bool:
    """Whether the request may have written. One that was refused counts only if the violation names it."""
    refused = exchange.response is not None and 400 <= exchange.response.status < 500
    return exchange.request.method not in _READS and not refused


def _made(exchange: Exchange) -> str | None:
    """The id of the customer or plan that this exchange created; None if it created none."""
    response = exchange.response
    if response is None or exchange.request.method != "POST" or exchange.request.purpose == "client":
        return None
    if not 200 <= response.status < 300:
        return None
    body = response.json()
    made = body.get("id") if isinstance(body, dict) and "/login_" not in exchange.request.target else None
    return made if isinstance(made, str) and len(made) >= SHORTEST_ID else None


def _mentions(exchange: Exchange, text: str) -> bool:
    places = [unquote(exchange.request.target), (exchange.request.body or b"").decode("utf-8", "replace")]
    if exchange.response is not None:
        places.append(exchange.response.text)
    return any(text in place for place in places)


class _Names:
    """Shell variables for ids: the target gives other ids when the story is repeated."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def give(self, value: str) -> str:
        return self._names.setdefault(value, f"ID{len(self._names) + 1}")

    def items(self) -> Iterable[tuple[str, str]]:
        return self._names.items()


def exchange_record(exchange: Exchange, secrets: Secrets, names: _Names | None = None) -> ExchangeRecord:
    """An exchange without secrets, as reports and recordings show it, with a curl command that repeats it."""
    names = names or _Names()
    request, response = exchange.request, exchange.response
    headers = {name: secrets.hide(value) for name, value in request.headers.items()}
    if request.key is not None:
        headers["Authorization"] = _authorization(request.key)
    body = None if request.body is None else secrets.hide_body(_text(request.body))
    if response is None:
        answer = ResponseRecord(0, {}, secrets.hide(exchange.error or ""))
    else:
        answer = ResponseRecord(
            response.status,
            {name: secrets.hide(value) for name, value in response.headers.items()},
            _cut(_EMAILS_HIDDEN if _is_mailbox(request) else secrets.hide_body(_readable(response))),
        )
    return ExchangeRecord(
        RequestRecord(
            request.method, secrets.hide(request.url), headers, None if body is None else _cut(body)
        ),
        answer,
        _curl(exchange, secrets, names),
    )


_EMAILS_HIDDEN = "(emails are not shown: they contain login tokens)"


def _is_mailbox(request: Request) -> bool:
    return request.purpose == "harness" and "/emails?" in request.target


def _authorization(key: Key) -> str:
    return f"{key.scheme} ${key.name}".strip()


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


def _curl(exchange: Exchange, secrets: Secrets, names: _Names) -> str:
    """A command that repeats the request. Ids created earlier in the story are shell variables."""
    request = exchange.request
    word = _Quoting(secrets, names)
    parts = ["curl", "-sS", *(["-I"] if request.method == "HEAD" else ["-X", request.method])]
    if "/." in request.target:
        parts.append("--path-as-is")
    if any(sign in request.target for sign in "[]{}"):
        parts.append("-g")
    parts.append(word(secrets.hide(request.url)))
    if request.key is not None:
        parts += ["-H", f'"Authorization: {_authorization(request.key)}"']
    for name, value in request.headers.items():
        parts += ["-H", word(secrets.hide(f"{name}: {value}"))]
    if request.body is not None and "content-type" not in {name.lower() for name in request.headers}:
        parts += ["-H", "'Content-Type:'"]  # without this, curl declares a form
    before = ""
    if request.body is not None:
        before, data = _with_body(request.body, secrets, word)
        parts += data
    command = before + " ".join(parts)
    if (made := _made(exchange)) is not None:
        return f"{names.give(made)}=$({command} | tee /dev/stderr | {_FIRST_ID})"
    return command


def _with_body(body: bytes, secrets: Secrets, word: _Quoting) -> tuple[str, list[str]]:
    """What to write before curl, and the arguments of curl, to send a body."""
    text = secrets.hide_body(_text(body))
    if len(text) > LONGEST_BODY:
        if (printed := _printed(text)) is None:
            return "", ["--data-raw", f"'…{len(text)} characters…'"]
        return f"{{ {printed}; }} | ", ["--data-binary", "@-"]
    if _is_plain(body):
        return "", ["--data-raw", word(text)]
    return f"printf {shlex.quote(_octal(body, secrets))} | ", ["--data-binary", "@-"]


_RUN = re.compile(r"((?:.|\n){1,8}?)\1{199,}")
"""A few characters that are repeated hundreds of times, as in the long and deep bodies of the suite."""


def _printed(text: str) -> str | None:
    """Short commands that print a long text from what is repeated in it; None if they would be long too."""
    commands, end = [], 0
    for run in _RUN.finditer(text):
        commands += [f"printf %s {shlex.quote(text[end : run.start()])}"] if run.start() > end else []
        times = len(run[0]) // len(run[1])
        piece = run[1].replace("\\", "\\\\").replace("%", "%%")
        commands.append(f"printf -- {shlex.quote(piece + '%.0s')} $(seq {times})")
        end = run.end()
    commands += [f"printf %s {shlex.quote(text[end:])}"] if end < len(text) else []
    printed = "; ".join(commands)
    return printed if len(printed) <= LONGEST_BODY and text.isascii() else None


_FIRST_ID = """grep -o '"id": *"[^"]*"' | head -n 1 | cut -d '"' -f 4"""


def _is_plain(body: bytes) -> bool:
    """Whether the body can be a word of a shell command: UTF-8 without NUL."""
    try:
        return "\0" not in body.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _octal(body: bytes, secrets: Secrets) -> str:
    """Bytes as an argument of `printf`: letters and digits as they are, all others as octal escapes."""
    text = secrets.hide(body.decode("latin-1"))
    return "".join(sign if sign.isascii() and sign.isalnum() else f"\\{ord(sign):03o}" for sign in text)


class _Quoting:
    """Quotes a text as one shell word in which the shell replaces the variables for ids and secrets."""

    def __init__(self, secrets: Secrets, names: _Names) -> None:
        self._ids = dict(names.items())
        live = "|".join(sorted(map(re.escape, secrets.names()), key=len, reverse=True))
        self._live = re.compile(rf"\$({live})(?![A-Z0-9_])")

    def __call__(self, text: str) -> str:
        for value, name in self._ids.items():
            text = text.replace(value, f"${name}")
        ids = "|".join(self._ids.values())
        pattern = re.compile(rf"{self._live.pattern}|\$({ids})(?![A-Z0-9_])") if ids else self._live
        parts, end = [], 0
        for found in pattern.finditer(text):
            parts += [_word(text[end : found.start()]), f'"{found[0]}"']
            end = found.end()
        return "".join([*parts, _word(text[end:])]) or "''"


def _word(text: str) -> str:
    return shlex.quote(text) if text else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}… ({len(text)} characters)"
