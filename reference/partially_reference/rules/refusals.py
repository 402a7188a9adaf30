"""Why the server says no. Nothing has changed whenever one of these is raised.

Refusal
├── InvalidInput        something is wrong with what was sent
├── NotFound            there is no such object for this merchant
├── OpenPlan            removal while a payment plan is open
├── AlreadyRemoved      a change to a customer whose information was removed
├── LoginFailed         the email, the password or the token is not right
└── TooManyAttempts     somebody is guessing
"""

from __future__ import annotations

from collections.abc import Sequence


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A request is refused.

    Args:
        message: One sentence for the caller.
        errors: One sentence for each field at fault.
    """

    def __init__(self, message: str, errors: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.errors = list(errors)


class InvalidInput(Refusal):
    """Something is wrong with what was sent."""


class NotFound(Refusal):
    """There is no such object, or it belongs to another merchant, which must look the same."""


class OpenPlan(Refusal):
    """The customer still has an open payment plan."""


class AlreadyRemoved(Refusal):
    """The customer's personal information was removed, and nothing new may be stored in its place."""


class LoginFailed(Refusal):
    """The proof given does not belong to a customer of this merchant."""


class TooManyAttempts(Refusal):
    """Too many wrong guesses.

    Args:
        message: One sentence for the caller.
        retry_after: Seconds until the next guess is allowed, at least 1.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
