"""What checks build on: customers, plans, passwords and tokens that are there and work.

If one of them cannot be had, the check that wanted it is blocked, not failed: another rule is about that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer
from partially_conformance.bench.data import Data
from partially_conformance.target.harness import Harness
from partially_conformance.target.mailbox import DELIVERY_LIMIT, TokenFinder, wait_for
from partially_conformance.target.smtp import Inbox
from partially_conformance.traffic.check_end import Blocked, NotObservable, Violation
from partially_conformance.traffic.redaction import Secrets

_LOST_PATIENCE = 0.5
"""How long an email may take on a target of which none has come so far. In seconds."""

_GUESSES = {False: 6, True: 2}
"""How many words of an email are tried as its token, by whether they stand in other emails too."""


class Given:
    """Makes what a check builds on, with the key of the first merchant unless told otherwise.

    Attributes:
        sent_tokens: The login tokens read in emails so far. More are out: not every email is read.
    """

    def __init__(
        self, api: Api, harness: Harness | None, data: Data, secrets: Secrets, inbox: Inbox | None = None
    ) -> None:
        self._api = api
        self._harness = harness
        self._data = data
        self._secrets = secrets
        self._inbox = inbox
        self._finder: TokenFinder | None = None
        self._no_token_found = False
        self._emails_come: bool | None = None
        self._emails_are_late = False
        self._greetings: int | None = None
        self._greeted: set[str] = set()
        self.sent_tokens: set[str] = set()

    def customer(self, *, of: Api | None = None, **fields: Any) -> Customer:
        """A new customer with these fields, and an email in any case."""
        fields.setdefault("email", self._data.email())
        with prerequisite("creating a customer"):
            return (of or self._api).create(fields).customer()

    def full_customer(self, *, of: Api | None = None, **fields: Any) -> Customer:
        """A new customer with a value in every field, all different, none a default."""
        return self.customer(of=of, **self._data.fields(**fields))

    def read(self, customer_id: str, *, of: Api | None = None) -> Customer:
        """A customer as it reads now."""
        with prerequisite("reading a customer"):
            return (of or self._api).get(customer_id).customer()

    def remove(self, customer: Customer, *, of: Api | None = None) -> None:
        """A customer that has been removed."""
        with prerequisite("removing a customer"):
            (of or self._api).gdpr_remove(customer.id).success()

    def password(self, customer: Customer, password: str | None = None) -> str:
        """The password a customer has from now on."""
        password = self._data.password() if password is None else password
        self._the_harness().set_password(customer.id, password)
        return password

    def try_password(self, customer: Customer, password: str) -> bool:
        """Give a customer an unusual password; False if the target does not take such a one."""
        return self._the_harness().try_password(customer.id, password)

    def plan(self, customer: Customer, status: str) -> dict[str, Any]:
        """A new plan of a customer, as the harness reads it."""
        return self._the_harness().add_plan(customer.id, status)

    def token(self, customer: Customer, *, of: Api | None = None) -> str:
        """A new login token that was emailed to a customer and has not been used."""
        finder = self._learned()
        return self._token_in(self.email_with_token(customer, of=of), customer, finder)

    def is_emailed_token(self, token: str, answer: Answer) -> bool:
        """Whether a token that was made up, and logged in, is one that was emailed to who logged in.

        Where tokens are short it may be: others are out.
        """
        emails = self.emails(answer.customer("a login").email)
        whole = re.compile(rf"(?<!\w){re.escape(token)}(?!\w)")
        return any(whole.search(f"{email['subject']}\n{email['body']}") for email in emails)

    def email_with_token(self, customer: Customer, *, of: Api | None = None) -> str:
        """Subject and text of the email that asking for a token has sent."""
        before = self._emails_so_far(customer)
        with prerequisite("asking for a login token"):
            (of or self._api).login_email(email=customer.email).success()
        return self.next_email(customer.email, before)

    def next_email(self, address: str, before: int) -> str:
        """Subject and text of the newest email to an address, once there are more than `before`."""
        emails = self._emails_after(address, before)
        if len(emails) <= before:
            raise Blocked("no email came after a login token was asked for")
        return f"{emails[-1]['subject']}\n{emails[-1]['body']}"

    def email_arrives(self, address: str, before: int) -> bool:
        """Whether there are more than `before` emails to an address in the end.

        A target of which no email ever came in time is not waited for again so long.
        """
        return len(self._emails_after(address, before)) > before

    def _emails_after(self, address: str, before: int) -> list[dict[str, str]]:
        """The emails to an address once there are more than `before`, or once the time is up."""
        limit = DELIVERY_LIMIT if self._emails_come is not False else _LOST_PATIENCE
        emails = self._wait_until_emails(address, before + 1, limit)
        self._emails_come = len(emails) > before or bool(self._emails_come)
        return emails

    def emails(self, address: str) -> list[dict[str, str]]:
        """The emails sent to an address so far, oldest first."""
        if self._inbox is not None:
            return self._inbox.sent_to(address)
        return self._the_harness().emails(address)

    def welcome_emails(self, customer: Customer) -> int:
        """How many emails a new customer got although nobody asked for one, once they have come."""
        if self._greetings is None:
            # Who is made next asks for an email: those to an earlier one have come by then.
            self._greetings = 0
            earlier, later = self.customer(), self.customer()
            with prerequisite("asking for a login token"):
                self._api.login_email(email=later.email).success()
            self.email_arrives(later.email, 0)
            self._greetings = len(self.emails(earlier.email))
        if self._greetings and customer.id not in self._greeted:
            self._greeted.add(customer.id)
            if self._emails_are_late:
                self._wait_until_emails(customer.email, self._greetings, DELIVERY_LIMIT)
        return len(self.emails(customer.email))

    def wait_for_late_emails(self) -> None:
        """Wait for the emails that are on their way, on a target whose emails take their time."""
        if self._emails_are_late:
            self.wait_for_emails()

    def wait_for_emails(self) -> None:
        """Wait for the email to a customer who asks now: those asked for earlier have come by then."""
        self.email_with_token(self.customer())

    def _emails_so_far(self, customer: Customer) -> int:
        """How many emails a customer has got, before one more is asked for."""
        if customer.id in self._greeted or self._greetings == 0:
            return len(self.emails(customer.email))
        return self.welcome_emails(customer)

    def _wait_until_emails(self, address: str, count: int, limit: float) -> list[dict[str, str]]:
        """The emails to an address once there are so many, or once the limit is over. In seconds."""
        emails = self.emails(address)
        if len(emails) >= count:
            return emails

        def have_come() -> bool:
            nonlocal emails
            emails = self.emails(address)
            return len(emails) >= count

        self._emails_are_late = wait_for(have_come, limit) or self._emails_are_late
        return emails

    def token_in(self, text: str, customer: Customer) -> str:
        """The login token in an email to a customer."""
        return self._token_in(text, customer, self._learned())

    def login_with_emailed_token(self) -> tuple[Customer, Answer]:
        """A customer, and the answer to the token of the email to it.

        Two customers with the same names ask for a token: what their emails share is the wording.

        Raises:
            Violation: No word of the emails logged in.
        """
        first_name, last_name = self._data.word(), self._data.word()
        pair = [self.customer(first_name=first_name, last_name=last_name) for _ in range(2)]
        emails = [(customer, self.email_with_token(customer)) for customer in pair]
        finder = TokenFinder()
        finder.learn_wording([text for _, text in emails])
        tried = []
        for in_wording in (False, True):
            for customer, text in emails:
                words = finder.candidates(text, _about(customer), in_wording=in_wording)
                for word in words[: _GUESSES[in_wording]]:
                    answer = self._api.login_token(token=word)
                    tried.append(answer.exchange)
                    if answer.ok:
                        self._secrets.add(word, "TOKEN")
                        finder.confirm(text, word)
                        self._finder = finder
                        return customer, answer
        raise Violation(
            "the token of the email to log in",
            f"none of the {len(tried)} words did that could be one",
            tried[-2:],
            about=[customer.email for customer in pair],
        )

    def _learned(self) -> TokenFinder:
        if self._finder is None and not self._no_token_found:
            self._no_token_found = True
            with prerequisite("logging in with an emailed token"):
                self.login_with_emailed_token()
        if self._finder is None:
            raise Blocked("no word of the emails with login tokens logs in")
        return self._finder

    def _token_in(self, text: str, customer: Customer, finder: TokenFinder) -> str:
        words = finder.candidates(text, _about(customer))
        if not words:
            raise Blocked("an email that was to carry a login token has no word that could be one")
        self._secrets.add(words[0], "TOKEN")
        self.sent_tokens.add(words[0])
        return words[0]

    def _the_harness(self) -> Harness:
        if self._harness is None:
            raise NotObservable("there is no harness")
        return self._harness


def _about(customer: Customer) -> list[str]:
    return [value for value in customer.values() if isinstance(value, str)]


@contextmanager
def prerequisite(what: str) -> Iterator[None]:
    """Turn a violation into a blocked check: what is done here is not what the check is about."""
    try:
        yield
    except Violation as violation:
        raise Blocked(f"{what} did not work: {violation.observed}") from violation
