"""The model of the stateful test: what the documented behaviour says about customers after any steps.

It sends no requests. The steps record what succeeded, and the model says what must hold now. If the
documentation leaves a choice, both outcomes are allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from partially_conformance.rules.contract import Contract

CLOSED = frozenset({"paid", "canceled"})
"""Statuses of a plan that never prevent a removal."""

OPEN = "open"
"""The status of a plan that always prevents a removal. The effect of the other statuses is left open."""


class Expectation(Enum):
    """What the documentation says about the outcome of a request."""

    SUCCESS = "it must succeed"
    REFUSAL = "it must be refused"
    EITHER = "it may succeed or be refused"


class State(Enum):
    """Whether and how a customer was removed."""

    ACTIVE = "active"
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
        certain: Whether it must log in. The documentation does not say so any more once the token was used,
            a newer token was requested, or the email or the password changed.
    """

    text: str
    certain: bool = True


@dataclass
class ModelCustomer:
    """A customer of the model, with its current and earlier values.

    Attributes:
        values: Every documented field of a response, as it must read now.
        former: Earlier values of the fields, oldest first.
    """

    id: str
    values: dict[str, Any]
    former: dict[str, list[Any]] = field(default_factory=dict)
    state: State = State.ACTIVE
    plans: dict[str, Plan] = field(default_factory=dict)
    password: str | None = None
    tokens: list[Token] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """Whether it has not been removed."""
        return self.state is State.ACTIVE

    @property
    def email(self) -> str:
        """Its email, also after its removal."""
        return str(self.values["email"])

    def all_values(self, name: str) -> list[Any]:
        """Return the current and earlier values of a field, newest first, each once, without null."""
        seen = [self.values[name], *reversed(self.former.get(name, []))]
        return [value for value in dict.fromkeys(seen) if value is not None]

    def update(self, changes: Mapping[str, Any]) -> None:
        """Record that an update of these fields succeeded."""
        if "email" in changes and not _equal(changes["email"], self.email):
            self.make_tokens_uncertain()
        for name, value in changes.items():
            if name in self.values:
                self.former.setdefault(name, []).append(self.values[name])
                self.values[name] = value

    def add_plan(self, shown: Mapping[str, Any]) -> None:
        """Record that the customer got a plan, which the harness shows in this way."""
        self.plans[shown["id"]] = Plan(shown["id"], shown["status"], [one["id"] for one in shown["payments"]])

    def set_password(self, password: str) -> None:
        """Record that the password was set."""
        self.password = password
        self.make_tokens_uncertain()

    def add_token(self, text: str) -> Token:
        """Record that a token was emailed."""
        self.make_tokens_uncertain()
        self.tokens.append(Token(text))
        return self.tokens[-1]

    def make_tokens_uncertain(self) -> None:
        """Record an event after which the earlier tokens may or may not log in."""
        for token in self.tokens:
            token.certain = False

    def removal_expectation(self) -> Expectation:
        """Return whether a removal must succeed now."""
        statuses = {plan.status for plan in self.plans.values()}
        if not self.active:
            return Expectation.EITHER
        if OPEN in statuses:
            return Expectation.REFUSAL
        return Expectation.SUCCESS if statuses <= CLOSED else Expectation.EITHER

    def remove(self) -> None:
        """Record that a removal succeeded."""
        if self.active:
            self.state = State.ANONYMISED if self.plans else State.DELETED

    def token_expectation(self, token: Token) -> Expectation:
        """Return whether a login with one of its tokens must succeed."""
        if not self.active:
            return Expectation.REFUSAL
        return Expectation.SUCCESS if token.certain else Expectation.EITHER


@dataclass(frozen=True)
class SearchExpectation:
    """The ids that a search must find, and those it must not find. Other customers may be found."""

    must_find: frozenset[str]
    must_not_find: frozenset[str]


class Model:
    """The customers of one sequence of steps, including the removed ones."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.customers: dict[str, ModelCustomer] = {}

    def values_of_new(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a customer created from these fields must show, except the fields the target sets."""
        return {
            name: sent.get(name, self._contract.defaults.get(name)) for name in self._contract.kept_fields
        }

    def create(self, shown: Mapping[str, Any], sent: Mapping[str, Any]) -> ModelCustomer:
        """Record that a create succeeded and was answered with this customer."""
        set_by_target = {name: shown[name] for name in self._contract.server_fields}
        customer = ModelCustomer(str(shown["id"]), {**self.values_of_new(sent), **set_by_target})
        self.customers[customer.id] = customer
        return customer

    def active(self) -> list[ModelCustomer]:
        """Return the customers that have not been removed, oldest first."""
        return [customer for customer in self.customers.values() if customer.active]

    def customer_with_email(self, email: str) -> ModelCustomer | None:
        """Return the active customer that has this email now."""
        return next((customer for customer in self.active() if _equal(customer.email, email)), None)

    def free_emails(self) -> list[str]:
        """Return the emails of removed customers that no active customer has."""
        removed = [customer for customer in self.customers.values() if not customer.active]
        emails = [email for customer in removed for email in customer.all_values("email")]
        return [email for email in dict.fromkeys(emails) if self.customer_with_email(email) is None]

    def search_expectation(self, query: str) -> SearchExpectation:
        """Return what a search must find. The query is a whole email or a part of a name."""
        must_find, must_not_find = set(), set()
        for customer in self.customers.values():
            texts = [text for text in self._searched_values(customer, query) if text is not None]
            if any(text == query if "@" in query else query in text for text in texts):
                must_find.add(customer.id)
            elif not any(query.lower() in text.lower() for text in texts):
                must_not_find.add(customer.id)
        return SearchExpectation(frozenset(must_find), frozenset(must_not_find))

    def customer_with_login(self, email: str, password: str) -> ModelCustomer | None:
        """Return the customer that logs in with this email and password; None if it must be refused."""
        owner = self.customer_with_email(email)
        return owner if owner is not None and owner.password == password else None

    def _searched_values(self, customer: ModelCustomer, query: str) -> Iterator[str | None]:
        if customer.active:
            for name in ("email",) if "@" in query else ("first_name", "last_name"):
                yield customer.values[name]


def _equal(left: str, right: str) -> bool:
    return left.lower() == right.lower()
