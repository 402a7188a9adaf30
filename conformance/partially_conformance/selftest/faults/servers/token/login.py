"""Faults of TOKEN: login emails, and the responses to requests for tokens and to logins."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import INPUT_FIELDS, Operation
from partially_reference.http.customers import CustomersApi
from partially_reference.http.routing import Call
from partially_reference.http.validation import Validation
from partially_reference.mail import Email, EmailComposer, Mailer, Outbox
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import NotFound
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold

# -- login emails ------------------------------------------------------------------------


@fault("TOKEN-1", says="The login email contains another token than the stored one.")
class MailsAnotherToken(Tokens):
    def issue(self, connection: sa.Connection, customer: Record) -> str:
        super().issue(connection, customer)
        return self.make()


@fault("TOKEN-1", says="The login email shows the token in capitals, although its case counts.")
class MailsCapitals(EmailComposer):
    def login_token(self, customer: Mapping[str, Any], token: str, minutes: int) -> Email:
        return super().login_token(customer, token.upper(), minutes)


@fault("TOKEN-2", says="Every login email is sent twice.")
class MailsTwice(Mailer):
    def keep(self, email: Email) -> None:
        super().keep(email)
        super().keep(email)


@fault("TOKEN-2", says="No login email is sent.")
class MailsNothing(Mailer):
    def keep(self, email: Email) -> None:
        """Send no email."""


class _SplitsAddresses(Outbox):
    def keep(self, email: Email) -> None:
        for address in email.to.split(", "):
            super().keep(dataclasses.replace(email, to=address))


class _MailsAllWithTheSame(Logins):
    """Also sends the login email to customers with the same value in one column."""

    shared: str

    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent = super().send_token(merchant_id, email)
        if sent is None:
            return None
        value = self.candidates(merchant_id, email)[0][self.shared]
        same = sa.and_(customers.c[self.shared] == value, customers.c.id != sent.customer_id)
        with self.storage.reading() as connection:
            rows = self.storage.customers.page(connection, merchant_id, same, 0, 5)
        return dataclasses.replace(sent, to=", ".join([sent.to, *(row["email"] for row in rows)]))


@fault(
    "TOKEN-2",
    says="The login email is also sent to customers with the same last name.",
    also=[_SplitsAddresses],
)
class MailsNamesakes(_MailsAllWithTheSame):
    shared = "last_name_folded"


@fault(
    "TOKEN-2",
    says="The login email is also sent to customers with the same phone number.",
    also=[_SplitsAddresses],
)
class MailsThePhoneNumber(_MailsAllWithTheSame):
    shared = "phone"


@fault(
    "TOKEN-2",
    says="One login email is sent for each merchant who has a customer with that email.",
    also=[_SplitsAddresses],
)
class MailsForEachMerchant(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent = super().send_token(merchant_id, email)
        if sent is None:
            return None
        everywhere = sa.select(customers.c.email).where(customers.c.email_folded == fold(email))
        with self.storage.reading() as connection:
            return dataclasses.replace(sent, to=", ".join(connection.scalars(everywhere)))


@fault("TOKEN-2", says="The login email is sent to an address that is cut off after 64 characters.")
class MailsACutAddress(Outbox):
    def keep(self, email: Email) -> None:
        super().keep(dataclasses.replace(email, to=email.to[:64]))


@fault("TOKEN-2", says="The login email is sent to the address without the tag after its plus sign.")
class MailsWithoutTheTag(Outbox):
    def keep(self, email: Email) -> None:
        local, _, domain = email.to.partition("@")
        super().keep(dataclasses.replace(email, to=f"{local.partition('+')[0]}@{domain}"))


class _ReadsEmailsUnchecked(Validation):
    """Does not check the body of a request for a token."""

    def check_body(self, operation: Operation, validator: Any, body: dict[str, Any]) -> None:
        if operation.id != "loginEmail":
            super().check_body(operation, validator, body)


@fault(
    "TOKEN-2",
    "TOKEN-10",
    says="A request with a list of emails sends the token to all of them if one is known.",
    also=[_ReadsEmailsUnchecked, _SplitsAddresses],
)
class MailsAWholeList(Logins):
    def send_token(self, merchant_id: str, email: Any) -> Email | None:
        for address in email if isinstance(email, list) else [email]:
            sent = super().send_token(merchant_id, address)
            if sent is not None:
                to = email if isinstance(email, list) else [sent.to]
                return dataclasses.replace(sent, to=", ".join(to))
        return None


@fault(
    "TOKEN-2",
    says="The login email is sent to the address in the request instead of the stored one.",
)
class MailsTheTypedAddress(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent = super().send_token(merchant_id, email)
        return sent and dataclasses.replace(sent, to=email)


@fault("TOKEN-6", says="A request for a token with an unknown email sends an invitation to that email.")
class InvitesStrangers(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        invitation = Email("", email, "Welcome", "You have no account yet. Ask the shop for one.")
        return super().send_token(merchant_id, email) or invitation


# -- responses ---------------------------------------------------------------------------


@fault("TOKEN-1", says="A login by token is answered with a message instead of the customer.")
class TokenLoginTellsNoCustomer(CustomersApi):
    def login_token(self, call: Call) -> Response:
        super().login_token(call)
        return self.answers.message("Logged in")


@fault("TOKEN-1", says="A login by token shows names and email, and null for all other fields.")
class TokenLoginShowsHalf(CustomersApi):
    def login_token(self, call: Call) -> Response:
        found = self.logins.by_token(call.merchant_id, call.body["token"])
        shown = ("email", "first_name", "last_name")
        return self.answers.customer({**found, **{one: None for one in INPUT_FIELDS if one not in shown}})


class _LastToken(Tokens):
    last = ""

    def make(self) -> str:
        _LastToken.last = super().make()
        return self.last


@fault("TOKEN-3", says="The response to a request for a token contains the token.", also=[_LastToken])
class AnswersWithToken(CustomersApi):
    def login_email(self, call: Call) -> Response:
        super().login_email(call)
        return self.answers.json({"message": "Token sent", "debug": {"token": _LastToken.last}})


@fault(
    "TOKEN-3", says="A header of the response to a request for a token contains the token.", also=[_LastToken]
)
class TokenInHeader(CustomersApi):
    def login_email(self, call: Call) -> Response:
        answer = super().login_email(call)
        answer.headers["X-Login-Link"] = f"https://shop.example/login?token={_LastToken.last}"
        return answer


@fault("TOKEN-11", says="A request for a token is answered with 204 and no message.")
class AsksWithoutAnswer(CustomersApi):
    def login_email(self, call: Call) -> Response:
        super().login_email(call)
        return Response(status_code=204)


@fault("TOKEN-11", says="A request for a token clears phone number and time zone of the customer.")
class AskingStoresAnew(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        for found in self.candidates(merchant_id, email):
            with self.storage.writing() as connection:
                self.storage.customers.update(connection, found["id"], {"phone": None, "timezone": None})
        return super().send_token(merchant_id, email)


@fault("TOKEN-7", says="A request for a token with an unknown email creates a customer.")
class AskingCreates(CustomersApi):
    def login_email(self, call: Call) -> Response:
        if not self.logins.candidates(call.merchant_id, call.body["email"]):
            self.customers.create(call.merchant_id, call.body)
        return super().login_email(call)


@fault("TOKEN-7", says="A request for a token with an unknown email is answered with 500.")
class AskingFails(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent = super().send_token(merchant_id, email)
        if sent is None:
            raise AttributeError("'NoneType' object has no attribute 'email'")
        return sent


@fault("TOKEN-15", says="A request for a token with an unknown email is answered with 404.")
class AskingTellsTheUnknown(Logins):
    def send_token(self, merchant_id: str, email: str) -> Email | None:
        sent = super().send_token(merchant_id, email)
        if sent is None:
            raise NotFound("There is no customer with this email")
        return sent


class _ComparesTheCase(Logins):
    """Sends a token only to a customer whose email is `typed` as it is stored."""

    def typed(self, email: str) -> str:
        raise NotImplementedError

    def send_token(self, merchant_id: str, email: str) -> Email | None:
        stored = {one["email"] for one in self.candidates(merchant_id, email)}
        return super().send_token(merchant_id, email) if self.typed(email) in stored else None


@fault("TOKEN-17", says="A request for a token compares the email with regard to case.")
class TokenEmailWithItsCase(_ComparesTheCase):
    def typed(self, email: str) -> str:
        return email


@fault(
    "TOKEN-17",
    says="A request for a token lowers the case of the email that was sent, not of the stored one.",
)
class OnlyTypedTokenEmailsLowered(_ComparesTheCase):
    def typed(self, email: str) -> str:
        return email.lower()


@fault("TOKEN-10", says="A request for a token without an email is answered with 500.")
class AskingUnchecked(_ReadsEmailsUnchecked):
    pass


@fault(
    "TOKEN-10",
    says="A request for a token without a valid email is answered with 200.",
    also=[_ReadsEmailsUnchecked],
)
class AskingNeverRefuses(CustomersApi):
    def login_email(self, call: Call) -> Response:
        if isinstance(call.body.get("email"), str):
            return super().login_email(call)
        return self.answers.message("Token sent")
