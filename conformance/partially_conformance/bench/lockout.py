"""Telling a target that refuses one right login from one that refuses all logins for a while.

After many wrong logins, some servers lock out a merchant or an address for a while: they refuse even right
logins, with another status than 429. Then a wrong login gets another status than at the start of the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.bench.given import Given
from partially_conformance.traffic.check_end import (
    CheckEnd,
    ConnectionLost,
    Inconclusive,
    TargetGone,
    Violation,
)
from partially_conformance.traffic.exchange import Exchange

LIMIT_RULES = {"loginPassword": "PASSWORD-16", "loginToken": "TOKEN-14"}
"""The rules that say whom a limit on guessing may shut out, by the operation that is limited."""

_TOO_MANY = 429


class Lockout:
    """Sends wrong logins to see whether the target refuses them as it did at first.

    Args:
        api: The API with the key of the first merchant.
        other: The API with the key of the second merchant; None without such a key.
        given: Prepares customers who log in for the first time.
        data: Generates the emails, passwords and tokens.
    """

    def __init__(self, api: Api, other: Api | None, given: Given, data: Data) -> None:
        self._api = api
        self._other = other
        self._given = given
        self._data = data
        self._first_statuses: dict[str, int] = {}
        self._shut_out: dict[str, Violation | None] = {}

    def note_first_refusals(self) -> None:
        """Note the status of a refused wrong login before there were many."""
        for operation in ("loginToken", "loginPassword"):
            with suppress(Inconclusive):
                answer = self._log_in_wrongly(operation, obey_limit=True)
                if answer.exchange.response is not None and answer.is_refusal:
                    self._first_statuses[operation] = answer.status

    def locked_operation(self, exchanges: Iterable[Exchange]) -> str | None:
        """The kind of login that is refused at the moment, if these exchanges include one that was refused.

        That is so if a wrong login gets another status now than at first.
        """
        seen = list(exchanges)
        for operation, first in self._first_statuses.items():
            path = self._api.contract.operations[operation].path
            if any(_is_refused(one) and one.request.target.endswith(path) for one in seen):
                now = self._log_in_wrongly(operation, obey_limit=False)
                refused = now.exchange.response is not None and now.is_refusal
                if refused and now.status not in {first, _TOO_MANY}:
                    return operation
        return None

    def shuts_out_others(self, operation: str) -> Violation | None:
        """The violation of a lockout that concerns more than those who guessed; None if it does not.

        A limit may refuse a customer whose password was guessed, and the merchant with whose key tokens were
        guessed. Here a new customer, and one of another merchant, log in for the first time.
        """
        if operation not in self._shut_out:
            self._shut_out[operation] = self._look_for_others(operation)
        return self._shut_out[operation]

    def _look_for_others(self, operation: str) -> Violation | None:
        wrong = self._log_in_wrongly(operation, obey_limit=False)
        others = [] if self._other is None else [(self._other, "a customer of another merchant")]
        if operation == "loginPassword":
            others.append((self._api, "another customer"))
        for api, who in others:
            if (refused := self._refused_first_login(operation, api)) is not None:
                customer, answer = refused
                return answer.violation(
                    f"{who} to log in after wrong logins of others",
                    f"status {answer.status}",
                    wrong,
                    about=[customer.id, customer.email],
                )
        return None

    def _refused_first_login(self, operation: str, api: Api) -> tuple[Customer, Answer] | None:
        """A new customer of a merchant with the refusal of its first right login; None if that works.

        A 429, or another refusal with Retry-After, is about the rate of all requests.
        """
        try:
            customer = self._given.customer(of=api)
            if operation == "loginPassword":
                fields = {"email": customer.email, "password": self._given.password(customer)}
            else:
                fields = {"token": self._given.token(customer, of=api)}
            answer = api.call(operation, json_body=fields, obey_limit=False)
            limited = answer.status == _TOO_MANY or "retry-after" in answer.headers
        except (TargetGone, ConnectionLost):
            raise
        except CheckEnd:
            return None  # a customer who cannot be prepared shows nothing
        return None if limited or not answer.is_refusal else (customer, answer)

    def _log_in_wrongly(self, operation: str, *, obey_limit: bool) -> Answer:
        names = {"loginToken": ("token",), "loginPassword": ("email", "password")}[operation]
        generate = {"token": self._data.word, "email": self._data.email, "password": self._data.password}
        body = {name: generate[name]() for name in names}
        return self._api.call(operation, json_body=body, obey_limit=obey_limit)


def _is_refused(exchange: Exchange) -> bool:
    return exchange.response is not None and 400 <= exchange.response.status < 500
