"""Faults of PASSWORD: side effects of logins and updates, and passwords that are nearly compared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.faults.servers.password.storage import ChangesPasswords
from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.answers import Answers
from partially_reference.http.customers import CustomersApi
from partially_reference.http.harness import HarnessApi
from partially_reference.http.routing import Call
from partially_reference.rules.customers import Customers
from partially_reference.rules.logins import Logins
from partially_reference.rules.passwords import Passwords
from partially_reference.rules.refusals import LoginFailed, Refusal
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers

# -- side effects ------------------------------------------------------------------------


@fault("PASSWORD-1", says="An update of the phone number deletes the password.")
class UpdateForgetsPassword(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        after = super().update(merchant_id, customer_id, body)
        if "phone" in body:
            with self.storage.writing() as connection:
                self.storage.customers.update(connection, customer_id, {"password_hash": None})
        return after


@fault("PASSWORD-1", says="A password works only once.")
class PasswordWorksOnce(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        customer = super().by_password(merchant_id, email, password)
        with self.storage.writing() as connection:
            self.storage.customers.update(connection, customer["id"], {"password_hash": None})
        return customer


@fault("PASSWORD-1", says="After one wrong password, the account is locked forever.")
class OneWrongPasswordLocks(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        locked: set[str] = self.__dict__.setdefault("locked", set())
        try:
            customer = super().by_password(merchant_id, email, password)
        except LoginFailed:
            locked.update(one["id"] for one in self.candidates(merchant_id, email))
            raise
        if customer["id"] in locked:
            raise LoginFailed("The account is locked")
        return customer


@fault("PASSWORD-1", says="A login by password overwrites the time zone.")
class LoginSetsTheZone(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        customer = super().by_password(merchant_id, email, password)
        with self.storage.writing() as connection:
            self.storage.customers.update(connection, customer["id"], {"timezone": "America/New_York"})
        return customer


@fault(
    "PASSWORD-1",
    says="A login by password shows the customer as it was at its first login, without later updates.",
)
class LoginShowsAnOldCopy(CustomersApi):
    def login_password(self, call: Call) -> Response:
        customer = self.logins.by_password(call.merchant_id, call.body["email"], call.body["password"])
        copies: dict[str, Record] = self.__dict__.setdefault("copies", {})
        return self.answers.customer(copies.setdefault(customer["id"], customer))


@fault("PASSWORD-3", says="A login with an unknown email creates a customer.")
class UnknownEmailSignsUp(CustomersApi):
    def login_password(self, call: Call) -> Response:
        try:
            return super().login_password(call)
        except LoginFailed:
            if not self.logins.candidates(call.merchant_id, call.body["email"]):
                self.customers.create(call.merchant_id, {"email": call.body["email"]})
            raise


# -- comparing passwords -----------------------------------------------------------------


@fault("PASSWORD-2", says="The email of a customer is accepted as its password.")
class EmailIsAPassword(Logins):
    def verified(self, candidates: Sequence[Record], password: str) -> Record | None:
        known = [one for one in candidates if one["password_hash"] and one["email"] == password]
        return known[0] if known else super().verified(candidates, password)


class _RemembersWhoSetPasswords(HarnessApi):
    """Remembers which customer set which password last."""

    chosen: dict[str, str] = {}  # noqa: RUF012 - shared with the logins

    def set_password(self, call: Call) -> Response:
        answer = super().set_password(call)
        self.chosen[call.body["password"]] = call.path["id"]
        return answer


@fault(
    "PASSWORD-5",
    says="A login is answered with the customer who last set the same password.",
    also=[_RemembersWhoSetPasswords],
)
class LookedUpByPassword(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        customer = super().by_password(merchant_id, email, password)
        with self.storage.reading() as connection:
            owner = connection.execute(
                sa.select(customers).where(customers.c.id == _RemembersWhoSetPasswords.chosen.get(password))
            ).first()
        return customer if owner is None else owner._asdict()


@fault("PASSWORD-6", says="The case of the first letter of a password does not count.")
class FirstLetterInAnyCase(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password[:1].lower() + password[1:]


@fault("PASSWORD-6", says="A line break at the end of a password does not count.")
class LineEndCutOff(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password.rstrip("\r\n")


@fault("PASSWORD-6", says="Passwords that are numbers are compared as numbers.")
class NumbersAreEqual(ChangesPasswords):
    def changed(self, password: str) -> str:
        return str(float(password)) if re.fullmatch(r"[0-9]+\.?[0-9]*", password) else password


@fault("PASSWORD-17", says="Only the first 1,000 characters of a password count.")
class CutAtAThousand(ChangesPasswords):
    def changed(self, password: str) -> str:
        return password[:1000]


@fault("PASSWORD-7", says="A login with a password of more than 150 characters is answered with 500.")
class LongPasswordFails(Passwords):
    def matches(self, password: str, stored_hash: str | None) -> bool:
        if len(password) > 150:
            raise ValueError("password cannot be longer than 150 characters")
        return super().matches(password, stored_hash)


@fault("PASSWORD-8", says="Only one byte of each character of a password counts.")
class OneByteOfALetter(ChangesPasswords):
    def changed(self, password: str) -> str:
        return "".join(chr(ord(letter) & 0xFF) for letter in password)


@fault("PASSWORD-8", says="Everything that looks like an HTML tag is removed from passwords.")
class TagsTakenOutOfPasswords(ChangesPasswords):
    def changed(self, password: str) -> str:
        return re.sub("<[^>]*>", "", password)


@fault("PASSWORD-9", says="A login accepts the patterns `.*` and `^` as the password.")
class PasswordIsAPattern(Passwords):
    def matches(self, password: str, stored_hash: str | None) -> bool:
        matches_all = stored_hash is not None and password in {".*", "^"}
        return matches_all or super().matches(password, stored_hash)


# -- lockouts ----------------------------------------------------------------------------


class _Forbidden(Refusal):
    """No customer can log in for a while."""


class _Status403(Answers):
    def status(self, refusal: Refusal) -> int:
        return 403 if isinstance(refusal, _Forbidden) else super().status(refusal)


@fault(
    "PASSWORD-16",
    says="After ten wrong passwords, no customer can log in by password for 15 minutes: 403.",
    also=[_Status403],
)
class GuessingForbidsAllLogins(Logins):
    wrong, forbidden_until = 0, 0.0

    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        now = self.tokens.clock.seconds()
        if now < self.forbidden_until:
            raise _Forbidden("Not allowed")
        try:
            return super().by_password(merchant_id, email, password)
        except LoginFailed:
            self.wrong += 1
            if self.wrong % 10 == 0:
                self.forbidden_until = now + 15 * 60
            raise
