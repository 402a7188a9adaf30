"""Faults of PASSWORD: who logs in, and with which email and password."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.clock import Clock
from partially_reference.contract import INPUT_FIELDS, Operation
from partially_reference.http.answers import Answers
from partially_reference.http.customers import CustomersApi
from partially_reference.http.harness import HarnessApi
from partially_reference.http.routing import Call
from partially_reference.http.validation import Validation
from partially_reference.rules.customers import Customers
from partially_reference.rules.limits import Limit, Limits
from partially_reference.rules.logins import Logins
from partially_reference.rules.passwords import Passwords
from partially_reference.rules.refusals import LoginFailed, NotFound, Refusal, TooManyAttempts
from partially_reference.storage.stores import CustomerStore, Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold

# -- responses ---------------------------------------------------------------------------


@fault("PASSWORD-1", says="A login by password is answered with a message instead of the customer.")
class LoginTellsNoCustomer(CustomersApi):
    def login_password(self, call: Call) -> Response:
        super().login_password(call)
        return self.answers.message("Logged in")


@fault("PASSWORD-1", says="A login by password shows names and email, and null for all other fields.")
class LoginShowsHalf(CustomersApi):
    def login_password(self, call: Call) -> Response:
        found = self.logins.by_password(call.merchant_id, call.body["email"], call.body["password"])
        shown = ("email", "first_name", "last_name")
        return self.answers.customer({**found, **{one: None for one in INPUT_FIELDS if one not in shown}})


@fault(
    "PASSWORD-1", "PASSWORD-5", says="A login by password is answered with the customer of the login before."
)
class LoginOfBefore(CustomersApi):
    def login_password(self, call: Call) -> Response:
        found = self.logins.by_password(call.merchant_id, call.body["email"], call.body["password"])
        before: dict[str, Any] = self.__dict__.setdefault("before", {})
        answer = self.answers.customer(before.get("customer", found))
        before["customer"] = found
        return answer


@fault("PASSWORD-2", "PASSWORD-3", "PASSWORD-4", says="A failed login is answered with 200.")
class FailureWithSuccess(Answers):
    statuses = {**Answers.statuses, LoginFailed: 200}  # noqa: RUF012 - as in the class it replaces

    def status(self, refusal: Refusal) -> int:
        about_login = any(word in str(refusal.errors) for word in ("Password", "Email"))
        return 200 if about_login else super().status(refusal)


@fault("PASSWORD-2", says="The refusal of a wrong password contains the last name of the customer.")
class RefusalByName(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        try:
            return super().by_password(merchant_id, email, password)
        except LoginFailed as error:
            for one in self.candidates(merchant_id, email):
                raise LoginFailed(f"Sorry {one['last_name']}, that is not your password") from error
            raise


@fault("PASSWORD-15", says="A login with an unknown email is answered with 404.")
class UnknownEmailIsNotFound(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        if not self.candidates(merchant_id, email):
            raise NotFound("There is no customer with this email")
        return super().by_password(merchant_id, email, password)


@fault("PASSWORD-3", says="A login with an unknown email is answered with 500.")
class UnknownEmailFails(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        return [super().candidates(merchant_id, email)[0]]


# -- which customer is looked up ---------------------------------------------------------


@fault("PASSWORD-3", "TOKEN-6", says="A customer is found by a part of the email.")
class EmailContains(CustomerStore):
    def by_email(
        self, connection: sa.Connection, merchant_id: str, email_folded: str, *, lock: bool = False
    ) -> Sequence[Record]:
        condition = sa.and_(
            customers.c.merchant_id == merchant_id, customers.c.email_folded.contains(email_folded)
        )
        found = connection.execute(sa.select(customers).where(condition).order_by(*self.order()))
        return [row._asdict() for row in found]


@fault(
    "PASSWORD-3", says="A login compares only the domain and the beginning of the email, up to a plus sign."
)
class EmailsWithoutTags(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        local, _, domain = fold(email).partition("@")
        plain = local.partition("+")[0]
        same = customers.c.email_folded.like(f"{plain}%@{domain}")
        with self.storage.reading() as connection:
            found = self.storage.customers.page(connection, merchant_id, same, 0, 50)
        return [*super().candidates(merchant_id, email), *found]


@fault("PASSWORD-9", says="A login looks up the email with LIKE, so the email that was sent is a pattern.")
class EmailIsAPattern(CustomerStore):
    def by_email(
        self, connection: sa.Connection, merchant_id: str, email_folded: str, *, lock: bool = False
    ) -> Sequence[Record]:
        condition = sa.and_(
            customers.c.merchant_id == merchant_id, customers.c.email_folded.like(email_folded)
        )
        newest = sa.select(customers).where(condition).order_by(customers.c.inserted_at.desc())
        return [row._asdict() for row in connection.execute(newest.limit(1))]


@fault("PASSWORD-14", says="A login compares the email with regard to case.")
class EmailWithItsCase(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        return [one for one in super().candidates(merchant_id, email) if one["email"] == email]


@fault(
    "PASSWORD-14",
    says="A login lowers the case of the email that was sent, not of the stored one.",
)
class OnlyTypedEmailsLowered(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        return [one for one in super().candidates(merchant_id, email) if one["email"] == email.lower()]


@fault(
    "PASSWORD-11",
    says="After a change of the email, a customer still logs in with the email of its first login.",
)
class EmailOfTheBeginning(Logins):
    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        first: dict[str, str] = self.__dict__.setdefault("first", {})
        with self.storage.reading() as connection:
            for user, customer_id in first.items():
                if user == f"{merchant_id} {email}":
                    found = self.storage.customers.get(connection, merchant_id, customer_id)
                    return [found] if found else []
        found_now = super().candidates(merchant_id, email)
        new = [one for one in found_now if one["id"] not in first.values()]
        first.update({f"{merchant_id} {email}": one["id"] for one in new})
        return new


class _OldEmails(CustomerStore):
    of: dict[str, str] = {}  # noqa: RUF012 - shared with the updates

    def by_email(
        self, connection: sa.Connection, merchant_id: str, email_folded: str, *, lock: bool = False
    ) -> Sequence[Record]:
        email = self.of.get(f"{merchant_id} {email_folded}", email_folded)
        return super().by_email(connection, merchant_id, email, lock=lock)


@fault("PASSWORD-11", says="After a change of the email, the old email logs in too.", also=[_OldEmails])
class OldEmailStillWorks(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        before = self.read(merchant_id, customer_id)
        after = super().update(merchant_id, customer_id, body)
        if after["email_folded"] != before["email_folded"]:
            _OldEmails.of[f"{merchant_id} {before['email_folded']}"] = after["email_folded"]
        return after


# -- bodies that are not checked ---------------------------------------------------------


class _ReadsLoginsUnchecked(Validation):
    """Does not check the body of a login."""

    def check_body(self, operation: Operation, validator: Any, body: dict[str, Any]) -> None:
        if operation.id != "loginPassword":
            super().check_body(operation, validator, body)


@fault("PASSWORD-4", "PASSWORD-13", says="A login without email or password is answered with 500.")
class LoginUnchecked(_ReadsLoginsUnchecked):
    pass


class _PassesLoginsUnchecked(CustomersApi):
    def login_password(self, call: Call) -> Response:
        email, password = call.body.get("email"), call.body.get("password")
        return self.answers.customer(
            self.logins.by_password(call.merchant_id, str(email or ""), password)  # type: ignore[arg-type]
        )


class _AcceptsNoPassword(Passwords):
    def matches(self, password: str, stored_hash: str | None) -> bool:
        return not password or super().matches(str(password), stored_hash)


@fault(
    "PASSWORD-4",
    "PASSWORD-12",
    says="A login without a password is accepted.",
    also=[_ReadsLoginsUnchecked, _AcceptsNoPassword],
)
class NoPasswordNoComparison(_PassesLoginsUnchecked):
    pass


class _AcceptsOperators(Passwords):
    def matches(self, password: Any, stored_hash: str | None) -> bool:
        if isinstance(password, dict):
            return bool(password.get("$ne", stored_hash) != stored_hash)
        return super().matches(str(password), stored_hash)


@fault(
    "PASSWORD-9",
    says="A login accepts an object as the password, such as a query condition.",
    also=[_ReadsLoginsUnchecked, _AcceptsOperators],
)
class PasswordIsACondition(_PassesLoginsUnchecked):
    pass


class _ComparesLoosely(Passwords):
    def matches(self, password: Any, stored_hash: str | None) -> bool:
        return password is True or super().matches(str(password), stored_hash)


@fault(
    "PASSWORD-9",
    "PASSWORD-13",
    says="A login with the password `true` is accepted.",
    also=[_ReadsLoginsUnchecked, _ComparesLoosely],
)
class TrueIsEveryPassword(_PassesLoginsUnchecked):
    def login_password(self, call: Call) -> Response:
        if isinstance(call.body.get("email"), str):
            return super().login_password(call)
        raise TypeError("email.toLowerCase is not a function")


@fault("PASSWORD-9", says="A login with lists uses the first element of each.", also=[_ReadsLoginsUnchecked])
class ListIsItsFirst(CustomersApi):
    def login_password(self, call: Call) -> Response:
        body = {
            name: value[0] if isinstance(value, list) and value else value
            for name, value in call.body.items()
        }
        if not all(isinstance(body.get(name), str) for name in ("email", "password")):
            raise LoginFailed("The email or the password is not right")
        return super().login_password(Call(call.merchant_id, body=body))


# -- limits ------------------------------------------------------------------------------


class _Unlimited(Limit):
    def take(self, key: str) -> None:
        """Refuse nothing."""


@fault("PASSWORD-16", says="The number of wrong passwords is not limited.")
class PasswordsWithoutLimit(Limits):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.passwords = _Unlimited(clock, burst=1, interval=1.0)


@fault(
    "PASSWORD-16",
    says="After too many wrong passwords for one customer, no customer can log in for 15 minutes.",
)
class EverybodyIsLockedOut(Logins):
    locked_until = 0.0

    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        now = self.tokens.clock.seconds()
        if now < self.locked_until:
            raise LoginFailed("The email or the password is not right")
        try:
            return super().by_password(merchant_id, email, password)
        except TooManyAttempts:
            self.locked_until = now + 15 * 60
            raise


# -- comparing passwords -----------------------------------------------------------------


@fault("PASSWORD-12", says="A customer without a password logs in with `password`.")
class UsualPassword(Logins):
    def verified(self, candidates: Sequence[Record], password: str) -> Record | None:
        usual = [one for one in candidates if one["password_hash"] is None]
        return usual[0] if usual and password == "password" else super().verified(candidates, password)  # noqa: S105


@fault("PASSWORD-12", says="A customer without a password logs in with any password.")
class NoHashNoComparison(Passwords):
    def matches(self, password: str, stored_hash: str | None) -> bool:
        return stored_hash is None or super().matches(password, stored_hash)


class _RemembersOwners(HarnessApi):
    """Remembers which customer has which password."""

    owners: dict[str, str] = {}  # noqa: RUF012 - shared with the logins

    def set_password(self, call: Call) -> Response:
        self.owners[call.body["password"]] = call.path["id"]
        return super().set_password(call)


@fault(
    "PASSWORD-3",
    "PASSWORD-5",
    says="A login finds the customer by the password alone.",
    also=[_RemembersOwners],
)
class PasswordSaysWho(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        owner = _RemembersOwners.owners.get(password)
        with self.storage.reading() as connection:
            found = owner and self.storage.customers.get(connection, merchant_id, owner)
        return found or super().by_password(merchant_id, email, password)


@fault("PASSWORD-5", says="A login accepts the password of any customer.", also=[_RemembersOwners])
class AnybodysPassword(Passwords):
    def matches(self, password: str, stored_hash: str | None) -> bool:
        known = password in _RemembersOwners.owners and stored_hash is not None
        return known or super().matches(password, stored_hash)


@fault(
    "PASSWORD-8", says="A login escapes HTML in the password, although the stored password is not escaped."
)
class CleansMarkup(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        return super().by_password(merchant_id, email, html.escape(password))


@fault("PASSWORD-8", says="A login with a password of characters outside Latin-1 is refused.")
class OnlyLatin(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        if password.encode("latin-1", "ignore").decode("latin-1") != password:
            raise LoginFailed("The email or the password is not right")
        return super().by_password(merchant_id, email, password)
