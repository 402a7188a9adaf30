"""Passwords. They are stored as argon2id hashes."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_STRONG = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""As the password storage cheat sheet of OWASP says: 19 MiB (the unit is KiB), 2 passes, 1 lane."""

_FOR_TESTS = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The least work that argon2 allows, for passwords that a harness sets and that protect nothing."""


class Passwords:
    """Hashes and verifies passwords of any length, exactly as they are.

    A hash says how it was created, so a server with a harness can verify the hashes of one without, and the
    other way round.

    Args:
        for_tests: Whether a harness sets the passwords. They are then hashed with little work, because a
            test sets hundreds of them and they protect nothing.
    """

    def __init__(self, *, for_tests: bool = False) -> None:
        self.hasher = _FOR_TESTS if for_tests else _STRONG
        self.decoy_hash = self.hasher.hash("no customer has this password")

    def hash(self, password: str) -> str:
        """The hash to store."""
        return self.hasher.hash(password)

    def matches(self, password: str, stored_hash: str | None) -> bool:
        """Whether a password belongs to a hash.

        Without a hash the result is False, and takes as long as with one.
        """
        try:
            self.hasher.verify(stored_hash or self.decoy_hash, password)
        except VerifyMismatchError:
            return False
        return stored_hash is not None
