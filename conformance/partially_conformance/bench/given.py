"""Preparing what a check needs: customers, plans, passwords and login tokens.

If a preparation does not work, the check is blocked and has not failed: another rule is about that.
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
from partially_conformance.traffic.redaction import Mail, Secrets

_LIMIT_AFTER_LOSS = 0.5
"""How long an email may take on a target of which none has arrived so far. In seconds."""

_GUESSES = {False: 6, True: 2}
"""How many words of an email are tried as its token, by whether other emails contain them too."""


class Given:
    """Prepares what a check needs, with the key of the first merchant unless `of` names another.

    Args:
        api: The API with the key of the first merchant.
        harness: The harness of the target; None if it has none.
        data: Generates fresh values.
        secrets: Takes in the tokens that are found.
        inbox: The emails that the suite receives; None to read emails from the harness.

    Attributes:
        sent_tokens: The login tokens found in emails so far. There may be more: not every email is read.
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
        self._emails_arrive: bool | None = None
        self._emails_are_late = False
        self._welcome_emails: int | None = None
        self._welcomed: set[str] = set()
        self._numbers: dict[str, int] = {}
        self.sent_tokens: set[str] = set()

    def customer(self, *, of: Api | None = None, **fields: Any) -> Customer:
        """Create a customer with these fields, and with a generated email if none is among them."""
        fields.setdefault("email", self._data.email())
        with prerequisite("creating a customer"):
            return (of or self._api).create(fields).customer()

    def full_customer(self, *, of: Api | None = None, **fields: Any) -> Customer:
        """Create a customer with a value in every field, all different, none a default."""
        return self.customer(of=of, **self._data.fields(**fields))

    def read(self, customer_id: str, *, of: Api | None = None) -> Customer:
        """Get a customer as the target shows it now."""
        with prerequisite("reading a customer"):
            return (of or self._api).get(customer_id).customer()

    def remove(self, customer: Customer, *, of: Api | None = None) -> None:
        """Remove a customer."""
        with prerequisite("removing a customer"):
            (of or self._api).gdpr_remove(customer.id).success()

    def password(self, customer: Customer, password: str | None = None) -> str:
        """Set the password of a customer, a generated one unless given; returns it."""
        password = self._data.password() if password is None else password
        self._the_harness().set_password(customer.id, password)
        return password

    def try_password(self, customer: Customer, password: str) -> bool:
        """Set an unusual password of a customer; returns whether the target accepted it."""
        return self._the_harness().try_password(customer.id, password)

    def plan(self, customer: Customer, status: str) -> dict[str, Any]:
        """Create a plan of a customer; returns it as the harness shows it."""
        return self._the_harness().add_plan(customer.id, status)

    def token(self, customer: Customer, *, of: Api | None = None) -> str:
        """Request a login token for a customer; returns the token from the email, not used yet."""
        finder = self._token_finder()
        return self._token_in(self.email_with_token(customer, of=of), customer, finder)

    def is_emailed_token(self, token: str, answer: Answer) -> bool:
        """Whether a generated token that logged in was emailed to the customer of that login.

        Where tokens are short, a generated token may equal an emailed one by chance.
        """
        emails = self.emails(answer.customer("a login").email)
        whole = re.compile(rf"(?<!\w){re.escape(token)}(?!\w)")
        return any(whole.search(f"{email['subject']}\n{email['body']}") for email in emails)

    def email_with_token(self, customer: Customer, *, of: Api | None = None) -> str:
        """Request a login token for a customer; returns subject and text of the email."""
        before = self._emails_so_far(customer)
        with prerequisite("requesting a login token"):
            (of or self._api).login_email(email=customer.email).success()
        return self.next_email(customer.email, before)

    def next_email(self, address: str, before: int) -> str:
        """Wait until an address has more than `before` emails; returns subject and text of the newest."""
        emails = self._emails_after(address, before)
        if len(emails) <= before:
            raise Blocked("no email arrived after a login token was requested")
        return f"{emails[-1]['subject']}\n{emails[-1]['body']}"

    def email_arrives(self, address: str, before: int) -> bool:
        """Wait until an address has more than `before` emails; returns whether that happened in time.

        The wait is shorter once no email of this target has arrived in time.
        """
        return len(self._emails_after(address, before)) > before

    def _emails_after(self, address: str, before: int) -> list[dict[str, str]]:
        """The emails to an address, once there are more than `before` or the time is up."""
        limit = DELIVERY_LIMIT if self._emails_arrive is not False else _LIMIT_AFTER_LOSS
        emails = self._wait_until_emails(address, before + 1, limit)
        self._emails_arrive = len(emails) > before or bool(self._emails_arrive)
        return emails

    def emails(self, address: str) -> list[dict[str, str]]:
        """The emails sent to an address so far, oldest first."""
        if self._inbox is not None:
            return self._inbox.sent_to(address)
        return self._the_harness().emails(address)

    def welcome_emails(self, customer: Customer) -> int:
        """How many emails the target has sent to a new customer without a request, once they have arrived."""
        if self._welcome_emails is None:
            # When the email that a later customer requests arrives, those to an earlier one have arrived.
            self._welcome_emails = 0
            with self._data.aside("welcome emails"):  # the check that comes first must not get other values
                earlier, later = self.customer(), self.customer()
                with prerequisite("requesting a login token"):
                    self._api.login_email(email=later.email).success()
                self.email_arrives(later.email, 0)
                self._welcome_emails = len(self.emails(earlier.email))
        if self._welcome_emails and customer.id not in self._welcomed:
            self._welcomed.add(customer.id)
            if self._emails_are_late:
                self._wait_until_emails(customer.email, self._welcome_emails, DELIVERY_LIMIT)
        return len(self.emails(customer.email))

    def wait_for_late_emails(self) -> None:
        """Wait for all emails requested so far, if the emails of this target are late."""
        if self._emails_are_late:
            self.wait_for_emails()

    def wait_for_emails(self) -> None:
        """Request an email to a new customer and wait for it: earlier ones have arrived by then."""
        self.email_with_token(self.customer())

    def _emails_so_far(self, customer: Customer) -> int:
        """How many emails a customer has before another is requested."""
        if customer.id in self._welcomed or self._welcome_emails == 0:
            return len(self.emails(customer.email))
        return self.welcome_emails(customer)

    def _wait_until_emails(self, address: str, count: int, limit: float) -> list[dict[str, str]]:
        """The emails to an address, once there are `count` of them or `limit` seconds have passed."""
        emails = self.emails(address)
        self._numbers[address] = len(emails)
        if len(emails) >= count:
            return emails

        def enough_arrived() -> bool:
            nonlocal emails
            emails = self.emails(address)
            self._numbers[address] = len(emails)
            return len(emails) >= count

        self._emails_are_late = wait_for(enough_arrived, limit) or self._emails_are_late
        return emails

    def token_in(self, text: str, customer: Customer) -> str:
        """The login token in an email to a customer."""
        return self._token_in(text, customer, self._token_finder())

    def login_with_emailed_token(self) -> tuple[Customer, Answer]:
        """Log in with a token from an email; returns the customer and the answer to its login.

        Two customers with the same names request a token: words that both emails contain are wording.

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
                words = finder.candidates(text, _text_values(customer), in_wording=in_wording)
                for word in words[: _GUESSES[in_wording]]:
                    answer = self._api.login_token(token=word)
                    tried.append(answer.exchange)
                    if answer.ok:
                        self._secrets.add_token(word, self._mail(customer, text))
                        finder.confirm(text, word)
                        self._finder = finder
                        return customer, answer
        for customer, text in emails:
            for word in finder.candidates(text, _text_values(customer)):
                self._secrets.add_token(word, self._mail(customer, text))  # one of them is a token, perhaps
        raise Violation(
            "the token of the email to log in",
            f"none of the {len(tried)} words of the emails that may be a token logged in",
            tried[-2:],
            about=[customer.email for customer in pair],
        )

    def _token_finder(self) -> TokenFinder:
        if self._finder is None and not self._no_token_found:
            self._no_token_found = True
            with self._data.aside("login token"), prerequisite("logging in with an emailed token"):
                self.login_with_emailed_token()
        if self._finder is None:
            raise Blocked("no login token was found: no word of the login emails logs in")
        return self._finder

    def _token_in(self, text: str, customer: Customer, finder: TokenFinder) -> str:
        words = finder.candidates(text, _text_values(customer))
        if not words:
            raise Blocked("no login token was found: an email has no word that may be one")
        self._secrets.add_token(words[0], self._mail(customer, text))
        self.sent_tokens.add(words[0])
        return words[0]

    def _mail(self, customer: Customer, text: str) -> Mail:
        return Mail(customer.email, text, self._numbers.get(customer.email, 1))

    def _the_harness(self) -> Harness:
        if self._harness is None:
            raise NotObservable("the target has no harness")
        return self._harness


def _text_values(customer: Customer) -> list[str]:
    return [value for value in customer.values() if isinstance(value, str)]


@contextmanager
def prerequisite(what: str) -> Iterator[None]:
    """Turn a violation in the block into `Blocked`: the check is not about this step.

    Args:
        what: What the block does, such as `creating a customer`.
    """
    try:
        yield
    except Violation as violation:
        raise Blocked(f"{what} did not work: {violation.observed}") from violation
