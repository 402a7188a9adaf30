"""The three ways of logging a customer in."""

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
    """Logs customers in by password and by emailed token."""

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

        An unknown email, a customer without a password and a wrong password look the same and take
        the same time.

        Raises:
            LoginFailed: Email and password do not belong together.
            TooManyAttempts: Too many failures with this email.
        """
        guessed = self.guess_key(merchant_id, email)
        self.limits.passwords.take(guessed)
        customer = self.verified(self.candidates(merchant_id, email), password)
        if customer is None:
            raise LoginFailed("The email or the password is not right")
        self.limits.passwords.reset(guessed)
        return customer

    def guess_key(self, merchant_id: str, email: str) -> str:
        """What the guesses are counted for."""
        return f"{merchant_id} {fold(email)}"

    def candidates(self, merchant_id: str, email: str) -> Sequence[Record]:
        """The customers of a merchant with this email, ignoring case."""
        with self.storage.reading() as connection:
            return self.storage.customers.by_email(connection, merchant_id, fold(email))

    def verified(self, candidates: Sequence[Record], password: str) -> Record | None:
        """The first candidate to whom the password belongs."""
        if not candidates:
            self.passwords.matches(password, None)
        for candidate in candidates:
            if self.passwords.matches(password, candidate["password_hash"]):
                return candidate
        return None

    def send_token(self, merchant_id: str, email: str) -> Email | None:
        """Make a login token and write the email that carries it; None when there is nobody to write to.

        The email goes to the address that is stored, not to the one that was typed.

        Raises:
            TooManyAttempts: Too many emails to this address.
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
        """The customer for whom the token is."""
        return found[0]

    def by_token(self, merchant_id: str, token: str) -> Record:
        """The customer who was sent this token, which is used up by this.

        Raises:
            LoginFailed: The token is unknown, used, too old or of another merchant.
            TooManyAttempts: The same, after many wrong tokens.
        """
        with self.storage.writing() as connection:
            customer_id = self.tokens.redeem(connection, merchant_id, token)
            customer = customer_id and self.storage.customers.get(connection, merchant_id, customer_id)
        if not customer:
            self.refuse_token(merchant_id)
        return customer

    def refuse_token(self, merchant_id: str) -> NoReturn:
        """Answer a wrong token, and count it.

        Raises:
            LoginFailed: Always, unless
            TooManyAttempts: there were too many.
        """
        self.limits.tokens.take(merchant_id)
        raise LoginFailed("The token is not right, or no longer")
