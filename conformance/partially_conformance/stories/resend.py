"""Sending the requests of a story again, with fresh emails and with the ids and tokens that come now."""

from __future__ import annotations

import hashlib
import string
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from partially_conformance.stories.mails import Place
from partially_conformance.stories.template import filled, from_json
from partially_conformance.stories.variables import ids_in
from partially_conformance.traffic.exchange import Exchange, Request, one_race

_POLL = 0.1  # seconds between two looks for an email


class NotReplayableError(Exception):
    """A step of the story cannot be sent. The message says why."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where and with what a story is sent.

    Attributes:
        bases: The address of the API and of the harness, by `api` and `harness`.
        keys: The value of each key, by its variable.
        send: Sends a request.
        emails: The emails that the suite itself has received for an address, subject and text of each; None
            if it receives none.
        patience: How long an email may take. In seconds.
    """

    bases: Mapping[str, str]
    keys: Mapping[str, str]
    send: Callable[[Request], Exchange]
    emails: Callable[[str], Sequence[str]] | None = None
    patience: float = 5.0


def fresh_tag(tag: str, number: int) -> str:
    """A tag of the same length for the emails of a story that is sent again."""
    digest = hashlib.sha256(f"{tag}/{number}".encode()).digest()
    return "".join(string.ascii_lowercase[one % 26] for one in digest[: len(tag)])


class Resending:
    """Sends a story again.

    Args:
        place: Where and with what it is sent.
        tag: The tag of the emails in the story; empty if they have none.
        fresh: The tag of the emails that are sent instead.
    """

    def __init__(self, place: Destination, tag: str, fresh: str) -> None:
        self._place = place
        self._swaps = [(one.encode(), other.encode()) for one, other in _spellings(tag, fresh)] if tag else []
        self._values = dict(place.keys)

    def send(self, steps: Sequence[Mapping[str, Any]]) -> list[Exchange]:
        """Send the requests of these steps; returns the exchanges, in the same order.

        Raises:
            NotReplayableError: A step cannot be sent, because an earlier one did not give what it needs.
        """
        exchanges: list[Exchange] = []
        for race, group in groupby(steps, key=lambda step: step.get("race")):
            together = list(group)
            exchanges += self._at_once(together) if race is not None else map(self._one, together)
        return exchanges

    def _at_once(self, steps: list[Mapping[str, Any]]) -> list[Exchange]:
        requests = [self._request(step) for step in steps]
        with one_race(), ThreadPoolExecutor(len(steps)) as pool:
            sent = [pool.submit(copy_context().run, self._place.send, request) for request in requests]
            exchanges = [one.result() for one in sent]
        for step, exchange in zip(steps, exchanges, strict=True):
            self._take(step, exchange)
        return exchanges

    def _one(self, step: Mapping[str, Any]) -> Exchange:
        for token in step.get("needs_tokens", ()):
            self._values[token["variable"]] = self._token_of_own_inbox(token)
        exchange = self._place.send(self._request(step))
        if "token" in step:
            exchange = self._until_emails(step, exchange)
        self._take(step, exchange)
        return exchange

    def _request(self, step: Mapping[str, Any]) -> Request:
        base = self._place.bases.get(step["to"])
        if base is None:
            raise NotReplayableError("it needs the harness, and the target has none")
        path = self._filled(step["path"]).decode()
        headers = {name: self._filled(value).decode("utf-8", "replace") for name, value in step["headers"]}
        body = None if step["body"] is None else self._filled(step["body"])
        target = urlsplit(base).path + path
        return Request(step["method"], base + path, target, headers, None, body, step["to"], base=base)

    def _filled(self, pieces: Any) -> bytes:
        try:
            return filled(from_json(pieces), self._values, self._swapped)
        except KeyError as error:
            raise NotReplayableError(f"{error.args[0]} is not known") from error

    def _swapped(self, raw: bytes) -> bytes:
        for one, other in self._swaps:
            raw = raw.replace(one, other)
        return raw

    def _take(self, step: Mapping[str, Any], exchange: Exchange) -> None:
        """Take the id or token that a later step needs."""
        if (wanted := step.get("id")) is not None:
            found = ids_in(exchange)
            if len(found) >= wanted["place"]:
                self._values[wanted["variable"]] = found[wanted["place"] - 1]
        if (token := step.get("token")) is not None:
            mails = mails_in(exchange)
            self._values[token["variable"]] = self._token(token, mails[-1] if mails else "")

    def _until_emails(self, step: Mapping[str, Any], exchange: Exchange) -> Exchange:
        """Read the emails again until there are as many as there were, or it takes too long."""
        end = time.monotonic() + self._place.patience
        while len(mails_in(exchange)) < step["emails"] and time.monotonic() < end:
            time.sleep(_POLL)
            exchange = self._place.send(self._request(step))
        return exchange

    def _token_of_own_inbox(self, token: Mapping[str, Any]) -> str:
        if self._place.emails is None:
            raise NotReplayableError("it needs a token from an email, and the suite receives no emails")
        address = self._swapped(token["address"].encode()).decode()
        end = time.monotonic() + self._place.patience
        while len(mails := self._place.emails(address)) < token["number"] and time.monotonic() < end:
            time.sleep(_POLL)
        return self._token(token, mails[-1] if mails else "")

    def _token(self, token: Mapping[str, Any], text: str) -> str:
        if token["before"] is None:
            raise NotReplayableError("the place of the token in its email is not known")
        before = self._swapped(token["before"].encode()).decode()
        found = Place(before, token["end"] or "").of(text)
        if found is None:
            raise NotReplayableError(f"no email with the token {token['variable']} came")
        return found


def mails_in(exchange: Exchange) -> list[str]:
    """Subject and text of each email in a response of the harness."""
    body: Any = None if exchange.response is None else exchange.response.json()
    emails = body.get("emails") if isinstance(body, dict) else None
    found = [one for one in emails if isinstance(one, dict)] if isinstance(emails, list) else []
    return [f"{one.get('subject')}\n{one.get('body')}" for one in found]


def _spellings(tag: str, fresh: str) -> list[tuple[str, str]]:
    return [(tag, fresh), (tag.upper(), fresh.upper()), (tag.capitalize(), fresh.capitalize())]
