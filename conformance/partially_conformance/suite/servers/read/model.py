"""The oracle: what the documented behaviour says of customers after any course of events.

It knows no HTTP. It is told what was done and says what must hold now; where the text leaves a choice it
says that either may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from partially_conformance.rules.contract import Contract

CLOSED = frozenset({"paid", "canceled"})
"""Statuses of a plan that never keep a customer from being removed."""

OPEN = "open"
"""The status of a plan that always does. What the other statuses do is left open."""


class Verdict(Enum):
    """What the text says of something that is asked for."""

    MUST = "it must succeed"
    MUST_NOT = "it must be refused"
    MAY = "it may succeed or be refused"


class Life(Enum):
    """What has become of a customer."""

    LIVE = "live"
    DELETED = "deleted"
    ANONYMISED = "anonymised"


@dataclass
class Plan:
    """A payment plan as the harness last showed it."""

    id: str
    status: str
    payments: list[Any]


@dataclass
class Token:
    """An emailed login token.

    Attributes:
        certain: Whether it must log in. Once it was used, a newer one was asked for, or the email or the
            password changed, the text no longer says.
    """

    text: str
    certain: bool = True


@dataclass
class Person:
    """A customer, and everything that was ever true of it.

    Attributes:
        values: Every documented field of a response as it must read now.
        former: Earlier values of the fields, oldest first.
    """

    id: str
    values: dict[str, Any]
    former: dict[str, list[Any]] = field(default_factory=dict)
    life: Life = Life.LIVE
    plans: dict[str, Plan] = field(default_factory=dict)
    password: str | None = None
    tokens: list[Token] = field(default_factory=list)

    @property
    def live(self) -> bool:
        """Whether it has not been removed."""
        return self.life is Life.LIVE

    @property
    def email(self) -> str:
        """Its email, also after it has been removed."""
        return str(self.values["email"])

    def ever(self, name: str) -> list[Any]:
        """The values a field has and had, newest first, each once, null left out."""
        seen = [self.values[name], *reversed(self.former.get(name, []))]
        return [value for value in dict.fromkeys(seen) if value is not None]

    def change(self, changes: Mapping[str, Any]) -> None:
        """An update of these fields succeeded."""
        if "email" in changes and not _equal(changes["email"], self.email):
            self.doubt_tokens()
        for name, value in changes.items():
            if name in self.values:
                self.former.setdefault(name, []).append(self.values[name])
                self.values[name] = value

    def add_plan(self, shown: Mapping[str, Any]) -> None:
        """A plan was made for it."""
        self.plans[shown["id"]] = Plan(shown["id"], shown["status"], [one["id"] for one in shown["payments"]])

    def set_password(self, password: str) -> None:
        """The password was set."""
        self.password = password
        self.doubt_tokens()

    def send_token(self, text: str) -> Token:
        """A token was emailed."""
        self.doubt_tokens()
        self.tokens.append(Token(text))
        return self.tokens[-1]

    def doubt_tokens(self) -> None:
        """Something happened after which the tokens sent so far may be void, or not."""
        for token in self.tokens:
            token.certain = False

    def removal(self) -> Verdict:
        """Whether it can be removed now."""
        statuses = {plan.status for plan in self.plans.values()}
        if not self.live:
            return Verdict.MAY
        if OPEN in statuses:
            return Verdict.MUST_NOT
        return Verdict.MUST if statuses <= CLOSED else Verdict.MAY

    def remove(self) -> None:
        """A removal succeeded."""
        if self.live:
            self.life = Life.ANONYMISED if self.plans else Life.DELETED

    def token_login(self, token: Token) -> Verdict:
        """Whether one of its tokens logs in."""
        if not self.live:
            return Verdict.MUST_NOT
        return Verdict.MUST if token.certain else Verdict.MAY


@dataclass(frozen=True)
class Findings:
    """The customers a search must find, and those it must not. The others it may find."""

    must: frozenset[str]
    must_not: frozenset[str]


class World:
    """The customers of one course of events, removed ones too."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.people: dict[str, Person] = {}

    def fresh(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """What a customer created from these fields must show, apart from what the server gives."""
        return {
            name: sent.get(name, self._contract.defaults.get(name)) for name in self._contract.kept_fields
        }

    def create(self, shown: Mapping[str, Any], sent: Mapping[str, Any]) -> Person:
        """A create succeeded, and answered with the customer as shown."""
        given = {name: shown[name] for name in self._contract.server_fields}
        person = Person(str(shown["id"]), {**self.fresh(sent), **given})
        self.people[person.id] = person
        return person

    def live(self) -> list[Person]:
        """Those who have not been removed, oldest first."""
        return [person for person in self.people.values() if person.live]

    def owner(self, email: str) -> Person | None:
        """Who has this email now."""
        return next((person for person in self.live() if _equal(person.email, email)), None)

    def free_emails(self) -> list[str]:
        """Emails of removed customers that nobody has now."""
        gone = [email for person in self.people.values() if not person.live for email in person.ever("email")]
        return [email for email in dict.fromkeys(gone) if self.owner(email) is None]

    def search(self, query: str) -> Findings:
        """Who is found by a query that is the whole email of somebody, or a part of a name."""
        must, must_not = set(), set()
        for person in self.people.values():
            texts = [text for text in self._searched(person, query) if text is not None]
            if any(text == query if "@" in query else query in text for text in texts):
                must.add(person.id)
            elif not any(query.lower() in text.lower() for text in texts):
                must_not.add(person.id)
        return Findings(frozenset(must), frozenset(must_not))

    def password_login(self, email: str, password: str) -> Person | None:
        """Who logs in with this email and this password; None if nobody does."""
        owner = self.owner(email)
        return owner if owner is not None and owner.password == password else None

    def _searched(self, person: Person, query: str) -> Iterator[str | None]:
        if person.live:
            for name in ("email",) if "@" in query else ("first_name", "last_name"):
                yield person.values[name]


def _equal(left: str, right: str) -> bool:
    return left.lower() == right.lower()
