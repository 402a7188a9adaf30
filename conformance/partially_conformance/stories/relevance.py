"""Choosing the exchanges that a story needs: those that show the failure, and those that lead to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from partially_conformance.stories.variables import SHORTEST_ID, Names, created_id, ids_in, is_mailbox
from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.exchange import MISSING, Exchange
from partially_conformance.traffic.records import LONGEST_STORY

_READS = ("GET", "HEAD", "OPTIONS", "TRACE")
_CLOCK = "/clock/advance"


def relevant(violation: Violation, recorded: Sequence[Exchange], names: Names) -> list[Exchange]:
    """The exchanges that show a violation, and the recorded ones that they rest on, in order.

    A request rests on those that created and changed the customers and plans that it is about, on the email
    with the token that it sends, and on the requests that were sent at the same time.

    Args:
        violation: How the rule was broken.
        recorded: All exchanges of the attempt, oldest first.
        names: The variables of keys and mailed tokens.
    """
    shown = list(shown_by(violation, recorded))
    if not shown:
        shown = list(recorded[-LONGEST_STORY:])
    everything = sorted({id(one): one for one in (*recorded, *shown)}.values(), key=lambda one: one.started)
    selection = _Selection(everything, shown, violation.about, names)
    return selection.story()


def shown_by(violation: Violation, recorded: Sequence[Exchange]) -> Sequence[Exchange]:
    """The exchanges that show a violation, with what was read from the harness after them, oldest first."""
    shown = violation.exchanges
    if not shown:
        return ()
    last = max(one.ended for one in shown)
    return [
        *shown,
        *(one for one in recorded if _is_reading(one) and one.started >= last and one not in shown),
    ]


class _Selection:
    """Finds what the shown exchanges rest on.

    Args:
        recorded: All exchanges, oldest first.
        shown: Those that show the failure.
        about: Ids and emails that the failure is about.
        names: The variables of keys and mailed tokens.
    """

    def __init__(
        self, recorded: list[Exchange], shown: list[Exchange], about: Iterable[str], names: Names
    ) -> None:
        self._recorded = recorded
        self._shown = {id(one) for one in shown}
        self._last = max(recorded.index(one) for one in shown)
        self._creators = {made: one for one in recorded if (made := created_id(one)) is not None}
        self._listed = {
            made: one
            for one in reversed(recorded)
            if one.request.method == "GET" and one.request.purpose == "api"
            for made in ids_in(one)
            if made not in self._creators
        }
        self._creator_of_email = {
            email: one for one in recorded if (email := _email_of_create(one)) is not None
        }
        self._names = names
        self._chosen: dict[int, Exchange] = {}
        self._wanted: set[str] = set()
        for one in shown:
            self._choose(one)
        for name in about:
            self._want(name)
            if "@" in name:
                self._choose_all(_asks_for_token(one, name) and _is_success(one) for one in self._recorded)
        for one in shown:
            # Who is on a page of a list is a part of what is seen.
            if one.response is not None and (not about or '"customers"' in one.response.text):
                for made in self._creators:
                    if made in one.response.text:
                        self._want(made)

    def story(self) -> list[Exchange]:
        """The exchanges of the story, in order."""
        self._choose_clock()
        chosen = [one for one in self._recorded if id(one) in self._chosen]
        return [one for place, one in enumerate(chosen) if not self._is_superseded(one, chosen[place + 1 :])]

    def _choose(self, exchange: Exchange) -> None:
        """Add an exchange, and what it rests on."""
        if id(exchange) in self._chosen:
            return
        self._chosen[id(exchange)] = exchange
        if exchange.race is not None:
            self._choose_all(one.race == exchange.race for one in self._recorded)
        if (made := created_id(exchange)) is not None:
            self._want(made)
        for name in self._named_in(_sent(exchange)):
            self._want(name)
        for made, listing in self._listed.items():
            if listing.ended < exchange.started and _contains(_sent(exchange), made):
                self._choose(listing)
        for token in self._names.tokens_in(exchange.request):
            self._choose_email_with(token, exchange)

    def _choose_all(self, which: Iterable[bool]) -> None:
        for one, wanted in zip(self._recorded, which, strict=True):
            if wanted:
                self._choose(one)

    def _named_in(self, sent: str) -> list[str]:
        """The created ids, and the emails of creates, that are in what a request sends."""
        ids = [made for made in self._creators if _contains(sent, made)]
        return ids + [email for email in self._creator_of_email if email in sent.lower()]

    def _want(self, name: str) -> None:
        """Add the exchanges that created and changed a customer or plan, by its id or email."""
        if name in self._wanted:
            return
        self._wanted.add(name)
        creator = self._creators.get(name) or self._creator_of_email.get(name.lower())
        if creator is not None:
            self._choose(creator)
            if (made := created_id(creator)) is not None and made != name:
                self._want(made)
        about = [
            one
            for one in self._recorded[: self._last]
            if _is_write(one) and _contains(_sent(one).lower(), name.lower())
        ]
        for one in about:
            if not _is_refused(one):
                self._choose(one)
        if about and _is_refused(about[-1]):
            self._choose(about[-1])  # it may have done in part what it refused

    def _choose_email_with(self, token: str, before: Exchange) -> None:
        """Add the request for the email with a token, and the one that reads the email."""
        earlier = self._recorded[: self._recorded.index(before)]
        reading = next((one for one in earlier if is_mailbox(one) and _shows(one, token)), None)
        until = len(earlier) if reading is None else self._recorded.index(reading)
        if reading is not None:
            self._choose(reading)
            address = address_of(reading)
            asked = [one for one in self._recorded[:until] if _asks_for_token(one, address)]
            if asked:
                self._choose(asked[-1])

    def _choose_clock(self) -> None:
        """Add what moved the clock between the first and the last exchange of the story."""
        places = [place for place, one in enumerate(self._recorded) if id(one) in self._chosen]
        for one in self._recorded[places[0] : places[-1] + 1]:
            if one.request.purpose == "harness" and one.request.target.endswith(_CLOCK):
                self._choose(one)

    def _is_superseded(self, exchange: Exchange, later: Sequence[Exchange]) -> bool:
        """Whether a later update sends every field again that this one sends."""
        if id(exchange) in self._shown or exchange.request.method != "PUT" or exchange.race is not None:
            return False
        fields = _fields(exchange)
        sent = [_sent(one) for one in later if id(one) in self._shown]
        if any(isinstance(value, str) and value in text for value in fields.values() for text in sent):
            return False  # a value of before, such as an old password, is a part of what is shown
        return any(
            one.request.method == "PUT"
            and one.request.target == exchange.request.target
            and _is_success(one)
            and bool(fields)
            and fields.keys() <= _fields(one).keys()
            for one in later
        )


def _is_reading(exchange: Exchange) -> bool:
    return exchange.request.purpose == "harness" and exchange.request.method == "GET"


def address_of(exchange: Exchange) -> str:
    """The address whose emails an exchange reads."""
    return unquote(exchange.request.target.partition("to=")[2])


def _shows(exchange: Exchange, token: str) -> bool:
    if exchange.response is None:
        return False
    body = exchange.response.json()
    emails = body.get("emails") if isinstance(body, dict) else None
    return isinstance(emails, list) and any(
        token in str(email.get("body")) or token in str(email.get("subject"))
        for email in emails[-1:]
        if isinstance(email, dict)
    )


def _asks_for_token(exchange: Exchange, address: str) -> bool:
    return (
        exchange.request.purpose == "api"
        and "/login_email" in exchange.request.target
        and address.lower() in _sent(exchange).lower()
    )


def _is_write(exchange: Exchange) -> bool:
    """Whether the request may have written something. A login changes no customer."""
    return exchange.request.method not in _READS and "/login_" not in exchange.request.target


def _is_refused(exchange: Exchange) -> bool:
    return exchange.response is not None and 400 <= exchange.response.status < 500


def _is_success(exchange: Exchange) -> bool:
    return exchange.response is not None and 200 <= exchange.response.status < 300


def _email_of_create(exchange: Exchange) -> str | None:
    if created_id(exchange) is None:
        return None
    email = _fields(exchange).get("email")
    return email.strip().lower() if isinstance(email, str) and "@" in email else None


def _fields(exchange: Exchange) -> Mapping[str, Any]:
    if not exchange.request.body:
        return {}
    try:
        body = json.loads(exchange.request.body)
    except (ValueError, RecursionError):
        body = MISSING
    return body if isinstance(body, dict) else {}


def _sent(exchange: Exchange) -> str:
    """Path, query and body of a request."""
    body = (exchange.request.body or b"").decode("utf-8", "replace")
    return f"{exchange.request.target}\n{unquote(exchange.request.target)}\n{body}"


def _contains(sent: str, name: str) -> bool:
    """Whether what is sent has an id or an email; a short id only as a part of the path."""
    if len(name) >= SHORTEST_ID:
        return name in sent
    return re.search(rf"/{re.escape(name)}(?=[/?\n])", sent) is not None
