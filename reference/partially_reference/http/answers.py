"""Responses: statuses, bodies and headers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from starlette.responses import Response

from partially_reference.contract import OUTPUT_FIELDS
from partially_reference.http.refusals import (
    BodyTooLarge,
    MethodNotAllowed,
    Unauthorized,
    UnknownRoute,
    UnsupportedBody,
)
from partially_reference.rules.refusals import (
    AlreadyRemoved,
    InvalidInput,
    LoginFailed,
    NotFound,
    OpenPlan,
    Refusal,
    TooManyAttempts,
)
from partially_reference.storage.stores import Record

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def timestamp(moment: datetime) -> str:
    """A time as the API shows it: with six decimal places of a second and without a time zone."""
    return moment.isoformat(timespec="microseconds")


class Answers:
    """Turns the results of the rules into responses.

    The statuses come from the wider reference: 200 for success, 400 for a problem with the input, 404 for
    an object that does not exist. For a refused removal and a failed login it names no status. Here they
    are 400 too, so that they cannot be taken for a refused API key.
    """

    created_status = 200

    statuses: dict[type[Refusal], int] = {  # noqa: RUF012 - replaced as a whole, never changed
        Unauthorized: 401,
        UnknownRoute: 404,
        MethodNotAllowed: 405,
        UnsupportedBody: 415,
        BodyTooLarge: 413,
        InvalidInput: 400,
        NotFound: 404,
        OpenPlan: 400,
        AlreadyRemoved: 400,
        LoginFailed: 400,
        TooManyAttempts: 429,
    }

    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """A JSON response. No cache may store it, because it may contain customer data."""
        body = _JSON.encode(content).encode()
        return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")

    def customer(self, customer: Record) -> Response:
        """One customer."""
        return self.json(self.shown(customer))

    def created(self, customer: Record) -> Response:
        """A new customer."""
        return self.json(self.shown(customer), self.created_status)

    def page(self, page: dict[str, Any]) -> Response:
        """A page of customers."""
        return self.json({**page, "customers": [self.shown(one) for one in page["customers"]]})

    def message(self, text: str) -> Response:
        """A message that says what was done."""
        return self.json({"message": text})

    def shown(self, customer: Record) -> dict[str, Any]:
        """The documented fields of a customer, and no others."""
        shown = {name: customer[name] for name in OUTPUT_FIELDS}
        shown["inserted_at"] = timestamp(customer["inserted_at"])
        return shown

    def refusal(self, refusal: Refusal) -> Response:
        """The response to a refused request."""
        return self.json(self.error_body(refusal), self.status(refusal), self.error_headers(refusal))

    def status(self, refusal: Refusal) -> int:
        """The status of a refusal."""
        return self.statuses[type(refusal)]

    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        """The message, and the invalid fields if there are any."""
        return {"message": refusal.message, **({"errors": refusal.errors} if refusal.errors else {})}

    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        """The headers that HTTP asks for with this refusal."""
        match refusal:
            case Unauthorized():
                return {"WWW-Authenticate": "Bearer"}
            case MethodNotAllowed():
                return {"Allow": ", ".join(refusal.allowed)}
            case TooManyAttempts():
                return {"Retry-After": str(refusal.retry_after)}
            case _:
                return {}

    def failure(self) -> Response:
        """The response to an error in the server. The cause is only logged, not shown."""
        return self.json({"message": "Something went wrong in the server"}, 500)
