"""Telling a target that refuses one right login from one that refuses all logins for a while.

After many wrong logins, some servers lock out a merchant or an address for a while: they refuse even right
logins, with another status than 429. Then a wrong login gets another status than at the start of the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from partially_conformance.bench.answer import Answer
from partially_conformance.bench.api import Api
from partially_conformance.bench.data import Data
from partially_conformance.traffic.check_end import Inconclusive
from partially_conformance.traffic.exchange import Exchange


class Lockout:
    """Sends wrong logins to see whether the target refuses them as it did at first.

    Args:
        api: The API with the key of the first merchant.
        data: Generates the emails, passwords and tokens.
    """

    def __init__(self, api: Api, data: Data) -> None:
        self._api = api
        self._data = data
        self._first_statuses: dict[str, int] = {}

    def note_first_refusals(self) -> None:
        """Note the status of a refused wrong login before there were many."""
        for operation in ("loginToken", "loginPassword"):
            with suppress(Inconclusive):
                answer = self._log_in_wrongly(operation, obey_limit=True)
                if answer.exchange.response is not None and answer.is_refusal:
                    self._first_statuses[operation] = answer.status

    def is_locked_out(self, exchanges: Iterable[Exchange]) -> bool:
        """Whether these include a refused login, and a wrong login gets another status now than at first."""
        paths = {
            operation: self._api.contract.operations[operation].path for operation in self._first_statuses
        }
        for operation, path in paths.items():
            if any(_is_refused(one) and one.request.target.endswith(path) for one in exchanges):
                now = self._log_in_wrongly(operation, obey_limit=False)
                refused = now.exchange.response is not None and now.is_refusal
                if refused and now.status not in {self._first_statuses[operation], 429}:
                    return True
        return False

    def _log_in_wrongly(self, operation: str, *, obey_limit: bool) -> Answer:
        names = {"loginToken": ("token",), "loginPassword": ("email", "password")}[operation]
        generate = {"token": self._data.word, "email": self._data.email, "password": self._data.password}
        body = {name: generate[name]() for name in names}
        return self._api.call(operation, json_body=body, obey_limit=obey_limit)


def _is_refused(exchange: Exchange) -> bool:
    return exchange.response is not None and 400 <= exchange.response.status < 500
