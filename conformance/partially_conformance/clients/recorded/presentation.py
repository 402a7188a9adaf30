"""Recorded requests in the form that reports show, with nothing in them that is secret.

A client may send what the suite never gave it, such as the key it uses in earnest: what looks like a secret
by its place is hidden, whatever it is.
"""

from __future__ import annotations

import re

from partially_conformance.clients.recorded.recording import Recorded
from partially_conformance.clients.requests.keys import AUTHORIZATION
from partially_conformance.traffic.exchange import Exchange, Key, Request
from partially_conformance.traffic.redaction import Secrets

HIDDEN = "(hidden)"

_FRAMING = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "keep-alive", "transfer-encoding"}
)
"""Headers that a curl command brings along by itself."""

_NAMES = "auth|cookie|key|pass|secret|session|token"
_SECRET = re.compile(_NAMES, re.IGNORECASE)
_FORM_FIELD = re.compile(rf'((?:^|&)[^=&{{}}"]*(?:{_NAMES})[^=&{{}}"]*=)[^&]*'.encode(), re.IGNORECASE)


class Showing:
    """Turns what was recorded into exchanges that may be told.

    Args:
        api: Where the API is for the client, without a path.
        elsewhere: Where the other host is.
    """

    def __init__(self, secrets: Secrets, api: str, elsewhere: str) -> None:
        self._secrets = secrets
        self._api = api
        self._elsewhere = elsewhere

    def exchange(self, recorded: Recorded, key: str) -> Exchange:
        """A recorded request with its answer.

        Args:
            key: The key the client was given.
        """
        sent = recorded.sent
        target = self._target(sent.target)
        right = [f"Bearer {key}"]
        bearer = sent.header(AUTHORIZATION) == right
        request = Request(
            method=sent.method,
            url=(self._elsewhere if recorded.elsewhere else self._api) + target,
            target=target,
            headers=self._headers(recorded, bearer=bearer),
            key=Key(key, "API_KEY") if bearer else None,
            body=_FORM_FIELD.sub(rb"\1" + HIDDEN.encode(), sent.body) if sent.body else None,
        )
        return Exchange(request, recorded.response, self._error(recorded), self._seconds(recorded))

    def _headers(self, recorded: Recorded, *, bearer: bool) -> dict[str, str]:
        shown: dict[str, str] = {}
        for name, value in recorded.sent.headers:
            lower = name.lower()
            if lower in _FRAMING or (bearer and lower == AUTHORIZATION.lower()):
                continue
            text = self._value(name, value)
            shown[name] = f"{shown[name]}, {text}" if name in shown else text
        return shown

    def _value(self, name: str, value: str) -> str:
        """A header value; of one that may hold a secret only its scheme, and the key by its name."""
        text = self._secrets.hide(value)
        if not _SECRET.search(name):
            return text
        scheme, blank, rest = text.partition(" ")
        if name.lower() != AUTHORIZATION.lower():
            scheme, blank, rest = "", "", text
        if rest == "$API_KEY" or text == "$API_KEY":
            return text
        return f"{scheme}{blank}{HIDDEN}" if rest else HIDDEN

    def _target(self, target: str) -> str:
        path, mark, query = target.partition("?")
        pairs = []
        for pair in query.split("&"):
            name, sign, value = pair.partition("=")
            secret = _SECRET.search(name) and self._secrets.hide(value) != "$API_KEY"
            pairs.append(f"{name}{sign}{HIDDEN}" if secret and value else pair)
        return path + mark + "&".join(pairs)

    def _error(self, recorded: Recorded) -> str | None:
        if recorded.response is not None:
            return None
        if recorded.malformed is not None:
            return f"not answered: {recorded.malformed}"
        return "the connection was cut" if recorded.upset else "the client did not wait for the answer"

    def _seconds(self, recorded: Recorded) -> float:
        return 0.0 if recorded.ended is None else recorded.ended - recorded.arrived
