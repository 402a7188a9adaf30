"""Faults that only certain values, orders or courses of requests bring to light, of removals and logins."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.authentication import Authenticator
from partially_reference.http.bodies import Bodies
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.mail import Email
from partially_reference.rules.customers import Customers
from partially_reference.rules.logins import Logins
from partially_reference.rules.passwords import Passwords
from partially_reference.rules.refusals import InvalidInput
from partially_reference.rules.removal import Removal
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import PlanStore, Record
from partially_reference.storage.tables import customers, payment_plans
from partially_reference.text import fold

# -- removals ----------------------------------------------------------------------------


@fault("GDPR-1", "GDPR-5", says="A customer that was read once is cached and still shown after a removal.")
class RemembersWhoWasRead(Customers):
    def read(self, merchant_id: str, customer_id: str) -> Record:
        known: dict[tuple[str, str], Record] = self.__dict__.setdefault("known", {})
        key = (merchant_id, customer_id)
        known[key] = known.get(key) or super().read(merchant_id, customer_id)
        return known[key]

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        self.__dict__.setdefault("known", {}).pop((merchant_id, customer_id), None)
        return super().update(merchant_id, customer_id, body)


@fault("GDPR-3", says="A customer without a last name is removed in spite of an open plan.")
class NamelessHaveNoPlans(Removal):
    def remove(self, merchant_id: str, customer_id: str) -> None:
        with self.storage.reading() as connection:
            customer = self.storage.customers.get(connection, merchant_id, customer_id)
        if customer and not customer["last_name"]:
            self.open_statuses = frozenset()
        try:
            super().remove(merchant_id, customer_id)
        finally:
            self.open_statuses = type(self).open_statuses


@fault("GDPR-8", says="A removal keeps the copies of the address on plans whose status was changed.")
class CopiesOnChangedPlansStay(PlanStore):
    def set_status(self, connection: sa.Connection, plan_id: str, status: str) -> None:
        self.__dict__.setdefault("changed", set()).add(plan_id)
        super().set_status(connection, plan_id, status)

    def update_of(self, connection: sa.Connection, customer_id: str, values: Record) -> None:
        changed = self.__dict__.get("changed", set())
        plans = sa.and_(payment_plans.c.customer_id == customer_id, payment_plans.c.id.not_in(changed))
        connection.execute(payment_plans.update().where(plans).values(**values))


class _KeepsSome(Removal):
    def kept(self, customer: Record) -> dict[str, Any]:
        raise NotImplementedError

    def anonymous_values(self, customer: Record) -> dict[str, Any]:
        return {**super().anonymous_values(customer), **self.kept(customer)}


@fault("GDPR-5", says="An anonymised customer keeps the first half of the last name, with stars after it.")
class KeepsHalfAName(_KeepsSome):
    def kept(self, customer: Record) -> dict[str, Any]:
        name = customer["last_name"]
        return {"last_name": name and f"{name[: len(name) // 2]}***"}


@fault("GDPR-5", says="An anonymised customer keeps the email in hexadecimal digits.")
class KeepsTheEmailInDigits(_KeepsSome):
    def kept(self, customer: Record) -> dict[str, Any]:
        return {"email": f"{customer['email'].encode().hex()}@removed.invalid"}


class _RemovesAlike(Removal):
    def alike(self, customer: Record) -> sa.ColumnElement[bool]:
        raise NotImplementedError

    def delete(self, connection: sa.Connection, customer: Record) -> None:
        super().delete(connection, customer)
        own = customers.c.merchant_id == customer["merchant_id"]
        without_plans = customers.c.id.not_in(sa.select(payment_plans.c.customer_id))
        connection.execute(customers.delete().where(own, without_plans, self.alike(customer)))


@fault("GDPR-12", says="A deletion deletes by email with LIKE, so an underscore matches any character.")
class DeletesByPattern(_RemovesAlike):
    def alike(self, customer: Record) -> sa.ColumnElement[bool]:
        return customers.c.email_folded.like(customer["email_folded"])


@fault("GDPR-12", says="A deletion also deletes customers whose email is equal up to the plus sign.")
class DeletesByUntaggedEmail(_RemovesAlike):
    def alike(self, customer: Record) -> sa.ColumnElement[bool]:
        local, plus, _ = customer["email_folded"].partition("+")
        return customers.c.email_folded.startswith(local + plus, autoescape=True) if plus else sa.false()


class _RemembersRemovedEmails(Removal):
    removed: set[str] = set()  # noqa: RUF012 - shared with the component that looks

    def forget_tokens(self, connection: sa.Connection, customer: Record) -> None:
        self.removed.add(customer["email_folded"])
        super().forget_tokens(connection, customer)


@fault(
    "GDPR-16",
    says="An update to the email of a removed customer is refused.",
    also=[_RemembersRemovedEmails],
)
class RemovedEmailsOnlyForNew(Customers):
    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        email = body.get("email")
        if isinstance(email, str) and fold(email) in _RemembersRemovedEmails.removed:
            raise InvalidInput("The customer could not be saved", ["Email: has already been taken"])
        return super().update(merchant_id, customer_id, body)


# -- logins and keys ---------------------------------------------------------------------


@fault("PASSWORD-2", says="The password of the published example logs in every customer who has a password.")
class ExamplePassword(Passwords):
    def matches(self, password: str, stored: str | None) -> bool:
        return super().matches(password, stored) or (stored is not None and password == "test")  # noqa: S105 - that is the fault


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


@fault("PASSWORD-6", says="A password is accepted with upper and lower case swapped.")
class CapitalsLocked(Passwords):
    def matches(self, password: str, stored: str | None) -> bool:
        return super().matches(password, stored) or super().matches(password.swapcase(), stored)


@fault("PASSWORD-8", says="Passwords are URL-decoded, so `%41` counts as `A`.")
class PasswordsDecoded(Passwords):
    def hash(self, password: str) -> str:
        return super().hash(re.sub("%41", "A", password))

    def matches(self, password: str, stored: str | None) -> bool:
        return super().matches(re.sub("%41", "A", password), stored)


@fault("AUTH-10", says="A login accepts the password of another merchant's customer with the same email.")
class PasswordsOfTwins(Logins):
    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        own = self.candidates(merchant_id, email)
        with self.storage.reading() as connection:
            query = sa.select(customers.c.password_hash).where(customers.c.email_folded == fold(email))
            hashes = connection.scalars(query).all()
        if own and any(one and self.passwords.matches(password, one) for one in hashes):
            return own[0]
        return super().by_password(merchant_id, email, password)


class _SharesAVariable(Logins):
    """What is about to be answered is kept in a variable that all requests share."""

    def shared(self, value: Any) -> Any:
        self.__dict__["value"] = value
        time.sleep(0.01)
        return self.__dict__["value"]


@fault(
    "READ-8",
    says="Login emails requested at the same time are mixed up, because they share a variable.",
)
class EmailsShareAVariable(_SharesAVariable):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent: Email | None = self.shared(super().send_token(merchant_id, email))
        return sent


@fault(
    "READ-8",
    says="Logins by token at the same time get each other's customer, because they share a variable.",
)
class TokenLoginsShareAVariable(_SharesAVariable):
    def by_token(self, merchant_id: str, token: str) -> Record:
        found: Record = self.shared(super().by_token(merchant_id, token))
        return found


@fault("READ-8", says="Searches at the same time use each other's query, because they share a variable.")
class SearchesShareAVariable(Customers):
    query: str | None = None

    def list(self, merchant_id: str, q: str | None, page: int | None, per_page: int | None) -> dict[str, Any]:
        self.query = q
        time.sleep(0.01)
        return super().list(merchant_id, self.query, page, per_page)


@fault("READ-8", says="Creates at the same time get each other's customer, because they share a variable.")
class CreatesShareAVariable(Customers):
    created: Record | None = None

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        self.created = super().create(merchant_id, body)
        time.sleep(0.01)
        return self.created


class _KnowsTokens(Tokens):
    by_customer: dict[str, str] = {}  # noqa: RUF012 - shared with the component that shows them

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        token = self.by_customer[customer["id"]] = super().issue(connection, customer)
        return token


@fault(
    "READ-7",
    says="The response to a login by password shows the customer's login token.",
    also=[_KnowsTokens],
)
class LoginShowsTheToken(CustomersApi):
    def login_password(self, call: Call) -> Response:
        found = self.logins.by_password(call.merchant_id, call.body["email"], call.body["password"])
        token = _KnowsTokens.by_customer.get(found["id"])
        return self.answers.json({**self.answers.shown(found), "pending": token})


@fault("AUTH-1", says="HEAD needs no key.")
class HeadsForEverybody(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        if request.method == "HEAD":
            return next(iter(self.merchants.values()))
        return super().merchant(request, operation_id)


@fault("AUTH-1", says="A list request with a page number needs no key.")
class FurtherPagesForEverybody(Authenticator):
    def merchant(self, request: Request, operation_id: str) -> str:
        if "page" in request.query_params and "authorization" not in request.headers:
            return next(iter(self.merchants.values()))
        return super().merchant(request, operation_id)


@fault("AUTH-3", says="Equals signs at the end of a key are ignored.")
class KeysPadded(Authenticator):
    def merchant_with(self, key: str) -> str | None:
        return super().merchant_with(key.rstrip("="))


@fault("UPDATE-12", says="An update with the body `null` clears first and last name.")
class NullForEveryName(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return super().parse(
            b'{"first_name": null, "last_name": null}' if content.strip() == b"null" else content
        )
