# Copied by partially-generate into every client. Edit it there, not here.
"""The responses of the fake, and its refusals."""

from __future__ import annotations

import http
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from .operation_table import Entry


class FakeError(Exception):
    """The fake cannot do what the test asks for. This is never a response of the API."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, before it becomes one of the HTTP library."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - a response of the API, not an error of this program
    """The fake refuses a request as the API would. Nothing was changed.

    Args:
        status: The HTTP status.
        message: The message in the body; by default that of the documented example.
        errors: One sentence for each invalid argument.
        headers: Headers of the response.
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        errors: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.errors = list(errors)
        self.headers = headers or {}

    def answer(self, entry: Entry | None) -> Answer:
        """The response, in the documented form for this status if there is one."""
        documented = entry.refusals.get(str(self.status)) if entry else None
        if isinstance(documented, dict):
            body = {name: value for name, value in documented.items() if name != "errors"}
            written = {name for name in ("message", "errors") if name in documented}
        else:
            body = {"message": status_text(self.status)}
            written = {"message", "errors"}
        if self.message and "message" in written:
            body["message"] = self.message
        if self.errors and "errors" in written:
            body["errors"] = self.errors
        return json_answer(self.status, body, self.headers)


def bad_input(entry: Entry, errors: Sequence[str], message: str = "") -> Refused:
    """The refusal of an invalid request, with the documented status: 422 or 400."""
    status = 422 if "422" in entry.refusals and "400" not in entry.refusals else 400
    return Refused(status, message, errors)


def json_answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """A response with a JSON body."""
    return Answer(status, msgspec.json.encode(body), {"Content-Type": "application/json", **(headers or {})})


def documented_answer(entry: Entry) -> Answer:
    """The documented example of the response of an operation.

    Raises:
        FakeError: There is none.
    """
    if entry.answer == "none":
        return Answer(entry.status)
    if entry.example is msgspec.UNSET:
        raise FakeError(
            f"The fake does not know what {entry.call} does, and the API description has no example of "
            f"its response. Write the response yourself: fake.on({entry.call!r}, lambda request: (200, ...))"
        )
    if entry.answer == "json":
        return json_answer(entry.status, entry.example)
    return Answer(entry.status, str(entry.example).encode())


def status_text(status: int) -> str:
    """The standard phrase of the status."""
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
