"""Passwords, stored as argon2id hashes."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_STRONG = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's password storage cheat sheet: argon2id with 19 MiB (the unit is KiB), 2 passes, 1 lane."""

_FOR_TESTS = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""For passwords that a harness sets, which protect nobody: the least work that argon2 knows."""


class Passwords:
    """Hashes and verifies passwords of any length, exactly as they are.

    A hash says how it was made, so each kind of server verifies what the other has stored.

    Args:
        for_tests: Whether a harness sets the passwords. They are then hashed with little work, since a
            test sets hundreds of them and nobody's safety hangs on one.
    """

    def __init__(self, *, for_tests: bool = False) -> None:
        self.hasher = _FOR_TESTS if for_tests else _STRONG
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
