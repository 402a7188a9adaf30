"""Which values of a story are variables: ids that the target gives, keys, and mailed tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from partially_conformance.stories.template import Template, Variable, folded, insert, text
from partially_conformance.traffic.exchange import MISSING, Exchange, Key, Request
from partially_conformance.traffic.redaction import Secrets

SHORTEST_ID = 8
"""Fewest characters of an id that is replaced wherever it occurs; a shorter one occurs by chance."""

_ANY_ID = re.compile(r'"id" *: *"([^"]*)"')
_SIMILAR = 0.5  # share of a secret that a value must begin and end with to count as a changed form of it


def created_id(exchange: Exchange) -> str | None:
    """The id of the customer or plan that an exchange created; None if it created none."""
    response, request = exchange.response, exchange.request
    if response is None or request.method != "POST" or request.purpose == "client":
        return None
    if not 200 <= response.status < 300 or "/login_" in request.target:
        return None
    body = response.json()
    made = body.get("id") if isinstance(body, dict) else None
    return made if isinstance(made, str) and made else None


def ids_in(exchange: Exchange) -> list[str]:
    """All ids in the response of an exchange, in order."""
    return [] if exchange.response is None else _ANY_ID.findall(exchange.response.text)


def place_of_id(exchange: Exchange, created: str) -> int | None:
    """Which of all ids in the response is the created one, from 1; None if none is."""
    found = ids_in(exchange)
    return found.index(created) + 1 if created in found else None


def is_mailbox(exchange: Exchange) -> bool:
    """Whether an exchange reads the emails to an address from the harness."""
    return exchange.request.purpose == "harness" and "/emails?" in exchange.request.target


@dataclass
class Names:
    """The variables of one story.

    Attributes:
        ids: The variable of each id that the story creates.
        secrets: The variable of each key and mailed token.
        tokens: The mailed tokens.
    """

    secrets: Mapping[str, str] = field(default_factory=dict)
    tokens: frozenset[str] = frozenset()
    ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, secrets: Secrets, recorded: Sequence[Exchange]) -> Names:
        """Names for the story of an attempt.

        Args:
            secrets: The secrets of the run.
            recorded: The exchanges of the attempt. If emails were read in it, its tokens are those in them.
        """
        mails = [one.response.text for one in recorded if is_mailbox(one) and one.response is not None]
        tokens = {
            token: name
            for token, name in secrets.tokens().items()
            if not mails or any(_escaped(token) in mail for mail in mails)
        }
        return cls({**secrets.keys(), **tokens}, frozenset(tokens))

    def tokens_in(self, request: Request) -> list[str]:
        """The mailed tokens that a request sends, or that what it sends is made from."""
        used = self.variables_of(request)
        return sorted(token for token in self.tokens if self.secrets[token] in used)

    def give(self, created: str) -> str:
        """The variable for an id."""
        return self.ids.setdefault(created, f"ID{len(self.ids) + 1}")

    # -- what is sent, as templates ----------------------------------------------

    def url(self, request: Request) -> Template:
        """The URL of a request."""
        return self._with_variables(text(request.url), quoting=_quoted)

    def path(self, target: str) -> Template:
        """A path and query."""
        return self._with_variables(text(target), quoting=_quoted)

    def variables_of(self, request: Request) -> set[str]:
        """The variables that a request uses."""
        headers = [piece for _, value in self.headers(request) for piece in value]
        sent = [*self.url(request), *headers, *(self.body(request) or ())]
        return {piece.name for piece in sent if isinstance(piece, Variable)}

    def headers(self, request: Request) -> list[tuple[str, Template]]:
        """The headers of a request, the key among them."""
        headers = [] if request.key is None else [("Authorization", self._authorization(request.key))]
        return headers + [
            (name, self._with_variables(text(value))) for name, value in request.headers.items()
        ]

    def _authorization(self, key: Key) -> Template:
        value = self.secret(key.value) or text(key.value)
        blank = text(" ") if key.scheme and value else ()
        return (*text(key.scheme), *blank, *value)

    def body(self, request: Request) -> Template | None:
        """The body of a request; None if it has none."""
        if request.body is None:
            return None
        template: Template = (request.body,) if request.body else ()
        for value in sorted(_tokens_in(request.body), key=len, reverse=True):
            if (stands_for := self.secret(value)) is not None:
                template = insert(template, json.dumps(value)[1:-1], stands_for)
        return folded(self._with_variables(template, quoting=_escaped))

    def secret(self, value: str) -> Template | None:
        """What stands for a secret, or for a value that is nearly one; None for any other value."""
        if value in self.secrets:
            return (Variable(self.secrets[value]),)
        return next(filter(None, (_derived(value, one, name) for one, name in self.secrets.items())), None)

    def _with_variables(
        self, template: Template, quoting: Callable[[str], str] = lambda value: value
    ) -> Template:
        values = {**{one: name for one, name in self.ids.items() if len(one) >= SHORTEST_ID}, **self.secrets}
        for value in sorted(values, key=len, reverse=True):
            if len(value) < _SHORTEST:
                continue
            for form in dict.fromkeys((value, quoting(value))):
                template = insert(template, form, (Variable(values[value]),))
        return self._with_short_ids(template)

    def _with_short_ids(self, template: Template) -> Template:
        """Short ids, such as numbers, are variables only where an id is expected: as a part of a path."""
        for value, name in self.ids.items():
            if len(value) >= SHORTEST_ID:
                continue
            for piece in template:
                if isinstance(piece, bytes):
                    ends = re.compile(rb"/" + re.escape(_quoted(value).encode()) + rb"(?=[/?]|$)")
                    for place in reversed(list(ends.finditer(piece))):
                        before, after = piece[: place.start() + 1], piece[place.end() :]
                        parts = (before, Variable(name), *([after] if after else ()))
                        at = template.index(piece)
                        template = (*template[:at], *parts, *template[at + 1 :])
                        piece = before  # noqa: PLW2901 - places before this one are in it
        return template


_SHORTEST = 4  # characters of a secret that is replaced wherever it occurs


def _quoted(value: str) -> str:
    return quote(value, safe="")


def _escaped(value: str) -> str:
    return json.dumps(value)[1:-1]


def _tokens_in(body: bytes) -> Iterator[str]:
    """The texts in the field `token` of a JSON body."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    token = value.get("token", MISSING) if isinstance(value, dict) else MISSING
    yield from _texts(token)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _derived(value: str, secret: str, name: str) -> Template | None:
    """What stands for a changed form of a secret: it would be another one with another secret."""
    if not value or not secret:
        return None
    for case, changed in (("upper", secret.upper()), ("lower", secret.lower()), ("swap", secret.swapcase())):
        if value == changed:
            return (Variable(name, case=case),)
    if secret in value:
        return insert(text(value), secret, (Variable(name),))
    start = _shared(value, secret)
    end = min(_shared(value[::-1], secret[::-1]), len(secret) - start, len(value) - start)
    if start + end < max(3, _SIMILAR * len(secret)):
        return None
    pieces: list[Any] = [Variable(name, first=start)] if start else []
    pieces += text(value[start : len(value) - end])
    pieces += [Variable(name, last=end)] if end else []
    return tuple(pieces)


def _shared(one: str, other: str) -> int:
    """How many characters two texts share at their start."""
    length = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        length += 1
    return length
