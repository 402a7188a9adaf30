"""Why a request is refused before any rule is asked."""

from __future__ import annotations

from collections.abc import Collection

from partially_reference.rules.refusals import Refusal

NO_ROUTE = "There is nothing at this address"


class Unauthorized(Refusal):
    """The API key is missing or not known."""


class UnknownRoute(Refusal):
    """There is nothing at this address."""


class MethodNotAllowed(Refusal):
    """There is something at this address, but not for this method.

    Args:
        allowed: The methods there are.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self.allowed = sorted(allowed)
        super().__init__(f"Method not allowed; expected one of {', '.join(self.allowed)}")


class UnsupportedBody(Refusal):
    """The body is labelled as something else than JSON."""


class BodyTooLarge(Refusal):
    """The body is longer than the server takes."""
