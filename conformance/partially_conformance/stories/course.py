"""What each request of a story gives to later ones (ids, tokens), and which are sent at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from partially_conformance.stories.mails import Place, place_of
from partially_conformance.stories.variables import Names, created_id, ids_in, is_mailbox, place_of_id
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.redaction import Mail, Secrets


@dataclass(frozen=True, slots=True)
class CreatedId:
    """An id that a later request uses.

    Attributes:
        variable: Its variable.
        place: Which of the ids in the response it is, from 1.
    """

    variable: str
    place: int


@dataclass(frozen=True, slots=True)
class MailedToken:
    """A mailed token that a later request uses.

    Attributes:
        variable: Its variable.
        mail: Its email.
        place: Where it is in subject and body; None if that cannot be told.
        place_in_response: Where it is in the response of the harness; None if that cannot be told.
    """

    variable: str
    mail: Mail
    place: Place | None
    place_in_response: Place | None = None


class Course:
    """The exchanges of a story, and what each gives to later ones.

    Args:
        story: The exchanges, in order.
        names: The variables of the story. Those of the created ids are added.
        secrets: The secrets of the run.
    """

    def __init__(self, story: Sequence[Exchange], names: Names, secrets: Secrets) -> None:
        self.story = tuple(story)
        self.names = names
        self._secrets = secrets
        self._ids = self._used_ids()
        self._read: dict[int, MailedToken] = {}
        self._unread: dict[int, list[MailedToken]] = {}
        self._find_tokens()
        self._races: dict[int | None, list[Exchange]] = {}
        for one in story:
            self._races.setdefault(one.race, []).append(one)

    def created(self, exchange: Exchange) -> CreatedId | None:
        """The id that an exchange creates and a later one uses; None if there is none."""
        return self._ids.get(id(exchange))

    def read(self, exchange: Exchange) -> MailedToken | None:
        """The token that an exchange reads from an email and a later one uses; None if there is none."""
        return self._read.get(id(exchange))

    def unread(self, exchange: Exchange) -> Sequence[MailedToken]:
        """The tokens that an exchange is the first to use, and that no exchange reads: they came by SMTP."""
        return self._unread.get(id(exchange), ())

    def race(self, exchange: Exchange) -> Sequence[Exchange]:
        """The exchanges that were made at the same time as this one, in order; none if it was made alone."""
        group = self._races[exchange.race] if exchange.race is not None else []
        return group if len(group) > 1 else ()

    def _used_ids(self) -> dict[int, CreatedId]:
        known: set[str] = set()
        given: list[tuple[Exchange, str]] = []
        for one in self.story:
            made = created_id(one)
            for value in [made] if made is not None else ids_in(one):
                if value not in known:
                    known.add(value)
                    given.append((one, value))
        for _, value in given:
            self.names.give(value)
        later: set[str] = set()
        used: list[tuple[Exchange, str]] = []
        for one in reversed(self.story):
            values = [value for giver, value in given if giver is one and self.names.ids[value] in later]
            used += [(one, value) for value in values[:1] if place_of_id(one, value) is not None]
            later |= self.names.variables_of(one.request)
        self.names.ids.clear()
        return {
            id(one): CreatedId(self.names.give(made), place_of_id(one, made) or 1)
            for one, made in reversed(used)
        }

    def _find_tokens(self) -> None:
        known: set[str] = set()
        for number, one in enumerate(self.story):
            for token in self.names.tokens_in(one.request):
                if token in known:
                    continue
                known.add(token)
                mail = self._secrets.mail(token)
                name, place = self.names.secrets[token], place_of(token, mail.text)
                reading = [
                    (earlier, spot)
                    for earlier in self.story[:number]
                    if is_mailbox(earlier) and earlier.response is not None and id(earlier) not in self._read
                    if (spot := place_of(token, earlier.response.text)) is not None
                ]
                if reading:
                    earlier, spot = reading[-1]
                    self._read[id(earlier)] = MailedToken(name, mail, place, spot)
                else:
                    self._unread.setdefault(id(one), []).append(MailedToken(name, mail, place))
