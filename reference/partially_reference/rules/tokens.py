"""Login tokens."""

from __future__ import annotations

import hashlib
import secrets
import string

import sqlalchemy as sa

from partially_reference.clock import Clock
from partially_reference.storage.stores import Record, Storage


class Tokens:
    """Makes login tokens and takes them back. Each works once, for a while, and until a newer one is made.

    A token names its customer by itself, so it must not be guessable by trying: 12 characters of 62
    are 71 bits. Only its digest is stored.
    """

    alphabet = string.ascii_letters + string.digits
    length = 12
    lifetime = 30 * 60
    """Seconds a token is good for."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self.storage = storage
        self.clock = clock

    def make(self) -> str:
        """A new random token."""
        return "".join(secrets.choice(self.alphabet) for _ in range(self.length))

    def digest(self, token: str) -> str:
        """What is stored of a token."""
        return hashlib.sha256(token.encode()).hexdigest()

    def issue(self, connection: sa.Connection, customer: Record) -> str:
        """Make and store a token of a customer."""
        token = self.make()
        self.void_older(connection, customer)
        self.storage.tokens.insert(
            connection, customer, self.digest(token), self.clock.seconds() + self.lifetime
        )
        return token

    def void_older(self, connection: sa.Connection, customer: Record) -> None:
        """Void the tokens the customer was sent before."""
        self.storage.tokens.delete_of(connection, customer["id"])

    def redeem(self, connection: sa.Connection, merchant_id: str, token: str) -> str | None:
        """Use up a token: the id of the customer who was sent it, or None when it is no good."""
        found = self.storage.tokens.take(connection, merchant_id, self.digest(token))
        if found is None or self.is_expired(found):
            return None
        return str(found["customer_id"])

    def is_expired(self, stored: Record) -> bool:
        """Whether a token is too old."""
        return bool(self.clock.seconds() >= stored["expires_at"])
