"""Logs customers in by password and by token, and sends login tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from partially_reference.mail import Email, EmailComposer
from partially_reference.rules.limits import Limits
from partially_reference.rules.passwords import Passwords
from partially_reference.rules.refusals import LoginFailed
from partially_reference.rules.tokens import Tokens
from partially_reference.storage.stores import Record, Storage
from partially_reference.text import fold


class Logins:
    """Logins by password and by emailed token."""

    def __init__(
        self,
        storage: Storage,
        passwords: Passwords,
        tokens: Tokens,
        composer: EmailComposer,
        limits: Limits,
    ) -> None:
        self.storage = storage
        self.passwords = passwords
        self.tokens = tokens
        self.composer = composer
        self.limits = limits

    def by_password(self, merchant_id: str, email: str, password: str) -> Record:
        """The customer with this email and this password.

        An unknown email, a customer without a password and a wrong password get the same response in the
        same time.

        Raises:
            LoginFailed: The email and the password do not belong together.
            TooManyAttempts: There were too many wrong passwords for this email.
        """
        guessed = self.guess_key(merchant_id, email)
        self.limits.passwords.take(guessed)
        customer = self.verified(self.candidates(merchant_id, email), password)
        if customer is None:
            raise LoginFailed("The email or the password is not right")
        self.limits.passwords.reset(guessed)
        return customer

    def guess_key(self, merchant_id: str, email: str) -> str:
        """The key by which attempts are counted."""
        return f"{merchant_id} {fold(email)}"

    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        """The customers of a merchant with this email. Upper and lower case are equal."""
        with self.storage.reading() as connection:
            return self.storage.customers.by_email(connection, merchant_id, fold(email))

    def verified(self, candidates: Sequence[Record], password: str) -> Record | None:
        """The first candidate who has this password. None if no candidate has it."""
        if not candidates:
            self.passwords.matches(password, None)
        for candidate in candidates:
            if self.passwords.matches(password, candidate["password_hash"]):
                return candidate
        return None

    def send_token(self, merchant_id: str, email: str) -> Email | None:
        """Create a login token and the email that contains it. None if no customer has this email.

        The email goes to the address that is stored, not to the one that was typed.

        Raises:
            TooManyAttempts: There were too many emails to this address.
        """
        self.limits.emails.take(self.guess_key(merchant_id, email))
        with self.storage.writing() as connection:
            found = self.storage.customers.by_email(connection, merchant_id, fold(email), lock=True)
            if not found:
                return None
            customer = self.addressee(found)
            token = self.tokens.issue(connection, customer)
        return self.composer.login_token(customer, token, self.tokens.lifetime // 60)

    def addressee(self, found: Sequence[Record]) -> Record:
        """The customer who gets the token."""
        return found[0]

    def by_token(self, merchant_id: str, token: str) -> Record:
        """The customer who was sent this token. The token is used up.

        Raises:
            LoginFailed: The token is unknown, used, too old or belongs to another merchant.
            TooManyAttempts: The token is one of these, and there were too many wrong tokens before it.
        """
        with self.storage.writing() as connection:
            customer_id = self.tokens.redeem(connection, merchant_id, token)
            customer = customer_id and self.storage.customers.get(connection, merchant_id, customer_id)
        if not customer:
            self.refuse_token(merchant_id)
        return customer

    def refuse_token(self, merchant_id: str) -> NoReturn:
        """Count a wrong token and refuse it.

        Raises:
            LoginFailed: The token is wrong.
            TooManyAttempts: There were too many wrong tokens before it.
        """
        self.limits.tokens.take(merchant_id)
        raise LoginFailed("The token is not right, or no longer")
