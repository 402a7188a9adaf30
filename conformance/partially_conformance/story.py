"""Telling a failure as the few requests that show it, in a form that can be pasted into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from partially_conformance.exchange import Exchange
from partially_conformance.outcome import Violation
from partially_conformance.redaction import Secrets
from partially_conformance.results import ExchangeRecord, Failure, RequestRecord, ResponseRecord

LONGEST_STORY = 15
"""Most exchanges in one story; if there are more, the oldest of those that merely prepare are left out."""

LONGEST_BODY = 20_000
"""Most characters of a body that a report keeps."""

_READS = ("GET", "HEAD")


def tell(violation: Violation, scene: Sequence[Exchange], secrets: Secrets) -> Failure:
    """The failure with its story: what shows it, and what of the scene led up to that."""
    story = _relevant(violation.exchanges, violation.about, scene)
    names = _Names()
    return Failure(
        expected=secrets.hide(violation.expected),
        observed=secrets.hide(violation.observed),
        exchanges=tuple(record(exchange, secrets, names) for exchange in story),
    )


def _relevant(shown: Sequence[Exchange], about: Iterable[str], scene: Sequence[Exchange]) -> list[Exchange]:
    """What was shown, and the writes of the scene that made or changed the customers it is about."""
    if not shown:
        return list(scene[-LONGEST_STORY:])
    wanted = {id(exchange) for exchange in shown}
    made = {_made(exchange) for exchange in scene} - {None}
    mentioned = {one for one in made if one and any(_mentions(exchange, one) for exchange in shown)}
    mentioned |= set(about)
    story = [
        exchange
        for exchange in scene
        if id(exchange) in wanted
        or (exchange.request.method not in _READS and any(_mentions(exchange, one) for one in mentioned))
    ]
    missing = [exchange for exchange in shown if not any(exchange is told for told in story)]
    story += missing
    surplus = len(story) - LONGEST_STORY
    if surplus > 0:
        spare = [exchange for exchange in story if id(exchange) not in wanted][:surplus]
        story = [exchange for exchange in story if not any(exchange is left for left in spare)]
    return story


def _made(exchange: Exchange) -> str | None:
    """The id of the customer or plan this exchange made, if it made one."""
    response = exchange.response
    if response is None or exchange.request.method != "POST" or not 200 <= response.status < 300:
        return None
    body = response.json()
    made = body.get("id") if isinstance(body, dict) and "/login_" not in exchange.request.target else None
    return made if isinstance(made, str) and made else None


def _mentions(exchange: Exchange, text: str) -> bool:
    places = [unquote(exchange.request.target), (exchange.request.body or b"").decode("utf-8", "replace")]
    if exchange.response is not None:
        places.append(exchange.response.text)
    return any(text in place for place in places)


class _Names:
    """Shell variables for ids that the target will give anew when the story is told again."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def give(self, value: str) -> str:
        return self._names.setdefault(value, f"ID{len(self._names) + 1}")

    def items(self) -> Iterable[tuple[str, str]]:
        return self._names.items()


def record(exchange: Exchange, secrets: Secrets, names: _Names | None = None) -> ExchangeRecord:
    """An exchange as it may be shown and kept."""
    names = names or _Names()
    request, response = exchange.request, exchange.response
    headers = dict(request.headers)
    if request.key is not None:
        headers["Authorization"] = f"{request.key.scheme} ${request.key.name}".strip()
    body = (
        None if request.body is None else secrets.hide_body(request.body.decode("utf-8", "backslashreplace"))
    )
    url = secrets.hide(request.url)
    curl = _curl(exchange, headers.get("Authorization"), body, url, names)
    if response is None:
        answer = ResponseRecord(0, {}, exchange.error or "")
    else:
        answer = ResponseRecord(
            response.status,
            {name: secrets.hide(value) for name, value in response.headers.items()},
            _cut(secrets.hide_body(response.text)),
        )
    return ExchangeRecord(
        RequestRecord(request.method, url, headers, None if body is None else _cut(body)), answer, curl
    )


def _curl(exchange: Exchange, authorization: str | None, body: str | None, url: str, names: _Names) -> str:
    """A command that sends the request again. Ids made earlier in the story are shell variables."""
    request = exchange.request
    parts = ["curl", "-sS", "-X", request.method, _quoted(url, names)]
    if authorization is not None:
        parts += ["-H", f'"Authorization: {authorization}"']
    for name, value in request.headers.items():
        parts += ["-H", shlex.quote(f"{name}: {value}")]
    if body is not None:
        parts += ["--data-binary", _body_argument(exchange, body, names)]
    command = " ".join(parts)
    if (made := _made(exchange)) is not None:
        return (
            f'{names.give(made)}=$({command} | tee /dev/stderr | sed -n \'s/.*"id": *"\\([^"]*\\)".*/\\1/p\')'
        )
    return command


def _body_argument(exchange: Exchange, shown: str, names: _Names) -> str:
    raw = exchange.request.body or b""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        octal = "".join(f"\\{byte:03o}" for byte in raw)
        return f"\"$(printf '{octal}')\""
    if len(shown) > LONGEST_BODY:
        return f"'…{len(shown)} characters…'"
    return _quoted(shown, names)


def _quoted(text: str, names: _Names) -> str:
    """The text as one shell word in which the variables of the story and of secrets are live."""
    quoted = shlex.quote(text)
    for value, name in names.items():
        quoted = quoted.replace(value, f"'\"${name}\"'" if quoted.startswith("'") else f'"${name}"')
    return _with_secrets(quoted)


def _with_secrets(quoted: str) -> str:
    """Let `$PASSWORD`, `$TOKEN` and `$API_KEY` within single quotes be read by the shell."""
    if not quoted.startswith("'"):
        return quoted
    for name in ("PASSWORD", "TOKEN", "API_KEY"):
        quoted = quoted.replace(f"${name}", f"'\"${name}\"'").replace(
            f"$OTHER_{name}", f"'\"$OTHER_{name}\"'"
        )
    return quoted


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}… ({len(text)} characters)"
