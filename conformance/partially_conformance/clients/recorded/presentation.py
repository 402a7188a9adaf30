"""Recorded requests in the form that reports show, without secrets.

A client may send secrets that the suite never gave it, such as its real key. So a value is hidden by its
place: the name of its header, parameter or field.
"""

from __future__ import annotations

import re

from partially_conformance.clients.recorded.recording import RecordedRequest
from partially_conformance.clients.requests.keys import AUTHORIZATION
from partially_conformance.traffic.exchange import Exchange, Key, Request
from partially_conformance.traffic.redaction import Secrets

HIDDEN = "(hidden)"

_FRAMING = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "keep-alive", "transfer-encoding"}
)
"""Headers that curl sends by itself."""

_NAMES = "auth|cookie|key|pass|secret|session|token"
_SECRET = re.compile(_NAMES, re.IGNORECASE)
_FORM_FIELD = re.compile(rf'((?:^|&)[^=&{{}}"]*(?:{_NAMES})[^=&{{}}"]*=)[^&]*'.encode(), re.IGNORECASE)


class Presenter:
    """Turns recorded requests into exchanges without secrets.

    Args:
        secrets: The known secrets, which are hidden everywhere.
        api: The address of the API for the client, without a path.
        elsewhere: The address of the other host, without a path.
    """

    def __init__(self, secrets: Secrets, api: str, elsewhere: str) -> None:
        self._secrets = secrets
        self._api = api
        self._elsewhere = elsewhere

    def exchange(self, recorded: RecordedRequest, key: str) -> Exchange:
        """The exchange of a recorded request.

        Args:
            recorded: The request and its response.
            key: The key that the client was given.
        """
        sent = recorded.sent
        target = self._target(sent.target)
        right = [f"Bearer {key}"]
        check_key = sent.header(AUTHORIZATION) == right
        request = Request(
            method=sent.method,
            url=(self._elsewhere if recorded.elsewhere else self._api) + target,
            target=target,
            headers=self._headers(recorded, check_key=check_key),
            key=Key(key, "API_KEY") if check_key else None,
            body=_FORM_FIELD.sub(rb"\1" + HIDDEN.encode(), sent.body) if sent.body else None,
        )
        return Exchange(request, recorded.response, self._error(recorded), self._seconds(recorded))

    def _headers(self, recorded: RecordedRequest, *, check_key: bool) -> dict[str, str]:
        shown: dict[str, str] = {}
        for name, value in recorded.sent.headers:
            lower = name.lower()
            if lower in _FRAMING or (check_key and lower == AUTHORIZATION.lower()):
                continue
            text = self._value(name, value)
            shown[name] = f"{shown[name]}, {text}" if name in shown else text
        return shown

    def _value(self, name: str, value: str) -> str:
        """A header value. Of a header that may hold a secret only the scheme is shown, or `$API_KEY`."""
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

    def _error(self, recorded: RecordedRequest) -> str | None:
        if recorded.response is not None:
            return None
        if recorded.malformed is not None:
            return f"no response: {recorded.malformed}"
        return (
            "the connection was cut"
            if recorded.upset
            else "the client closed the connection before the response"
        )

    def _seconds(self, recorded: RecordedRequest) -> float:
        return 0.0 if recorded.ended is None else recorded.ended - recorded.arrived
