"""Creates, stores and redeems login tokens."""

from __future__ import annotations

import hashlib
import secrets
import string

import sqlalchemy as sa

from partially_reference.clock import Clock
from partially_reference.storage.stores import Record, Storage


class Tokens:
    """Login tokens. Each works once, until it expires or a newer one is created for the customer.

    A login needs nothing but the token, so guessing one must be hopeless: 12 characters of 62 are 71 bits.
    Only the digest of a token is stored.
    """

    alphabet = string.ascii_letters + string.digits
    length = 12
    lifetime = 30 * 60
    """How many seconds a token works."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self.storage = storage
        self.clock = clock

    def make(self) -> str:
        """A new random token."""
        return "".join(secrets.choice(self.alphabet) for _ in range(self.length))

    def digest(self, token: str) -> str:
        """The digest of a token, which is stored in place of the token."""
        return hashlib.sha256(token.encode()).hexdigest()

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        """Create and store a token for a customer. It replaces the earlier tokens of the customer."""
        token = self.make()
        self.void_older(connection, customer)
        self.storage.tokens.insert(
            connection, customer, self.digest(token), self.clock.seconds() + self.lifetime
        )
        return token

    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        """Delete the tokens that the customer was sent before."""
        self.storage.tokens.delete_of(connection, customer["id"])

    def redeem(self, connection: sa.Connection, merchant_id: str, token: str) -> str | None:
        """Use up a token and return the id of its customer. None if the token is unknown or expired."""
        found = self.storage.tokens.take(connection, merchant_id, self.digest(token))
        if found is None or self.is_expired(found):
            return None
        return str(found["customer_id"])

    def is_expired(self, stored: Record) -> bool:
        """Whether a stored token has expired."""
        return bool(self.clock.seconds() >= stored["expires_at"])
