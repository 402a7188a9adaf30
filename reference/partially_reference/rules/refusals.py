"""The reasons to refuse a request. When one of these is raised, nothing has been changed.

Refusal
├── InvalidInput        something is wrong with the input
├── NotFound            this merchant has no such object
├── OpenPlan            a removal while a payment plan is open
├── AlreadyRemoved      an update of a customer whose information was removed
├── LoginFailed         the email, the password or the token is wrong
└── TooManyAttempts     a limit on attempts is reached
"""

from __future__ import annotations

from collections.abc import Sequence


class Refusal(Exception):  # noqa: N818 - a refusal is a response, not an error
    """A request is refused.

    Args:
        message: One sentence for the caller.
        errors: One sentence for each invalid field.
    """

    def __init__(self, message: str, errors: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.errors = list(errors)


class InvalidInput(Refusal):
    """Something is wrong with the input."""


class NotFound(Refusal):
    """There is no such object, or it belongs to another merchant. Both must look the same."""


class OpenPlan(Refusal):
    """The customer still has an open payment plan."""


class AlreadyRemoved(Refusal):
    """The customer's personal information was removed, and nothing new may be stored in its place."""


class LoginFailed(Refusal):
    """The email and password, or the token, do not belong to a customer of this merchant."""


class TooManyAttempts(Refusal):
    """There were too many attempts.

    Args:
        message: One sentence for the caller.
        retry_after: The seconds until the next attempt is allowed, at least 1.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
