"""Passwords, stored as argon2id hashes."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError


class Passwords:
    """Hashes and verifies passwords of any length, exactly as they are."""

    def __init__(self) -> None:
        # OWASP's password storage cheat sheet: argon2id with 19 MiB, 2 passes, 1 lane.
        self.hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self.nobodys_hash = self.hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The hash to store."""
        return self.hasher.hash(password)

    def matches(self, password: str, stored_hash: str | None) -> bool:
        """Whether a password belongs to a hash.

        Without a hash the answer is no, and takes as long as any other.
        """
        try:
            self.hasher.verify(stored_hash or self.nobodys_hash, password)
        except VerifyMismatchError:
            return False
        return stored_hash is not None
