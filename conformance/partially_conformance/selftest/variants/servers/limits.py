"""Variants: limits on login attempts and on all requests, and how a response tells of them."""

from __future__ import annotations

import threading
import time
from typing import Any

from jsonschema_rs import Draft202012Validator
from starlette.requests import Request

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.clock import Clock
from partially_reference.contract import Operation
from partially_reference.http.answers import Answers
from partially_reference.http.routing import Call, Reader
from partially_reference.rules.limits import Limit, Limits
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import LoginFailed, Refusal, TooManyAttempts
from partially_reference.storage.stores import Record

_LOCKOUT = 10 * 60  # seconds for which wrong tries are remembered, and for which a lockout lasts


class _LockedOut(Refusal):
    """Logins are locked for a while, because too many were wrong."""


class _LocksOut(Logins):
    """Counts wrong logins by key; after `tries` of them, it refuses all logins of the key for a while."""

    tries = 20
    why = "Not allowed"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._lock = threading.Lock()
        self._wrong: dict[str, list[float]] = {}
        self._until: dict[str, float] = {}

    def refuse_if_locked_out(self, key: str) -> None:
        """Refuse the login during a lockout."""
        if self.tokens.clock.seconds() < self._until.get(key, 0.0):
            raise _LockedOut(self.why)

    def count(self, key: str) -> None:
        """Count a wrong login; the last one that is allowed starts a lockout."""
        now = self.tokens.clock.seconds()
        with self._lock:
            recent = [one for one in self._wrong.get(key, ()) if one > now - _LOCKOUT]
            self._wrong[key] = [*recent, now]
            if len(recent) + 1 >= self.tries:
                self._until[key] = now + _LOCKOUT


class _LocksOutOfTokenLogins(_LocksOut):
    def by_token(self, merchant_id: str, token: str) -> Record:
        self.refuse_if_locked_out(merchant_id)
        try:
            return super().by_token(merchant_id, token)
        except LoginFailed:
            self.count(merchant_id)
            raise


class _Status403(Answers):
    def status(self, refusal: Refusal) -> int:
        return 403 if isinstance(refusal, _LockedOut) else super().status(refusal)


class _StatusOfAFailedLogin(Answers):
    def status(self, refusal: Refusal) -> int:
        return super().status(LoginFailed("") if isinstance(refusal, _LockedOut) else refusal)


class _Status423(Answers):
    def status(self, refusal: Refusal) -> int:
        return 423 if isinstance(refusal, _LockedOut) else super().status(refusal)


@variant(
    says="After 20 wrong tokens, logins by token of the merchant are refused with 403 for ten minutes.",
    also=[_Status403],
)
class TokenGuessersForbidden(_LocksOutOfTokenLogins):
    pass


@variant(
    says="After 20 wrong tokens, all tokens of the merchant are refused as wrong for ten minutes.",
    also=[_StatusOfAFailedLogin],
)
class TokenGuessersNotTold(_LocksOutOfTokenLogins):
    why = "The token is not right, or no longer"


@variant(
    says="After 20 wrong tokens, logins by token get the status of a wrong token and a message to wait.",
    also=[_StatusOfAFailedLogin],
)
class TokenGuessersToldInWords(_LocksOutOfTokenLogins):
    why = "Too many attempts. Come again in ten minutes."


@variant(says="After seven wrong passwords, the account is locked for ten minutes: 423.", also=[_Status423])
class AccountsLocked(_LocksOut):
    tries = 7

    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        key = self.guess_key(merchant_id, email)
        self.refuse_if_locked_out(key)
        try:
            return super().by_password(merchant_id, email, password)
        except LoginFailed:
            self.count(key)
            raise


@variant(says="A 429 has no Retry-After.")
class NoTimeToComeAgain(Answers):
    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {} if isinstance(refusal, TooManyAttempts) else super().error_headers(refusal)


@variant(says="Login attempts are not limited.")
class NoLimits(Limits):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        for limit in (self.passwords, self.tokens, self.emails):
            limit.burst = 10**9


@variant(says="After five wrong passwords in a row, one login per second is allowed.")
class TighterLimits(Limits):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.passwords = Limit(clock, burst=5, interval=1.0)


class _RateLimitHeaders(Answers):
    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        headers = super().error_headers(refusal)
        limited = isinstance(refusal, TooManyAttempts)
        return {**headers, "X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0"} if limited else headers


@variant(
    says="The server answers at most 400 requests per second and refuses more with 429.",
    also=[_RateLimitHeaders],
)
class Throttled(Reader):
    a_second = 400

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._lock = threading.Lock()
        self._counted: dict[int, int] = {}

    async def call(self, request: Request, operation: Operation, validator: Draft202012Validator) -> Call:
        now = int(time.monotonic())
        with self._lock:
            self._counted = {now: self._counted.get(now, 0) + 1}
            if self._counted[now] > self.a_second:
                raise TooManyAttempts("Too Many Attempts.", retry_after=1)
        return await super().call(request, operation, validator)
