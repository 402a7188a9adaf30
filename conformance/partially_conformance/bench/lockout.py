"""Telling a target that refuses a right login from one that listens to nobody any more.

Some servers turn away all logins of a merchant or an address for a while once there were many wrong ones, and
say so with another status than 429. What a stranger is answered then is not what one was answered at first.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.traffic.check_end import Inconclusive
from partially_conformance.traffic.exchange import Exchange


class Lockout:
    """Somebody with nothing right in hand, who tries to log in."""

    def __init__(self, api: Api, data: Data) -> None:
        self._api = api
        self._data = data
        self._at_first: dict[str, int] = {}

    def note_first_refusals(self) -> None:
        """See how a wrong login is refused before there were many."""
        for operation in ("loginToken", "loginPassword"):
            with suppress(Inconclusive):
                answer = self._try(operation, obey_limit=True)
                if answer.exchange.response is not None and answer.is_refusal:
                    self._at_first[operation] = answer.status

    def is_locked_out(self, exchanges: Iterable[Exchange]) -> bool:
        """Whether one of these is a refused login, and a stranger is refused in another way than at first."""
        paths = {operation: self._api.contract.operations[operation].path for operation in self._at_first}
        for operation, path in paths.items():
            if any(_is_refused(one) and one.request.target.endswith(path) for one in exchanges):
                now = self._try(operation, obey_limit=False)
                refused = now.exchange.response is not None and now.is_refusal
                if refused and now.status not in {self._at_first[operation], 429}:
                    return True
        return False

    def _try(self, operation: str, *, obey_limit: bool) -> Answer:
        right = {"loginToken": ("token",), "loginPassword": ("email", "password")}[operation]
        made_up = {"token": self._data.word, "email": self._data.email, "password": self._data.password}
        body = {name: made_up[name]() for name in right}
        return self._api.call(operation, json_body=body, obey_limit=obey_limit)


def _is_refused(exchange: Exchange) -> bool:
    return exchange.response is not None and 400 <= exchange.response.status < 500
