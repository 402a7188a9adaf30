"""The reasons to refuse a request before any rule is called."""

from __future__ import annotations

from collections.abc import Collection

from partially_reference.rules.refusals import Refusal

NO_ROUTE = "There is nothing at this address"


class Unauthorized(Refusal):
    """The API key is missing or not known."""


class UnknownRoute(Refusal):
    """There is nothing at this address."""


class MethodNotAllowed(Refusal):
    """There is something at this address, but it does not accept this method.

    Args:
        allowed: The methods that it accepts.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self.allowed = sorted(allowed)
        super().__init__(f"Method not allowed; expected one of {', '.join(self.allowed)}")


class UnsupportedBody(Refusal):
    """The headers say that the body is not plain JSON in UTF-8."""


class BodyTooLarge(Refusal):
    """The body is larger than the server accepts."""
