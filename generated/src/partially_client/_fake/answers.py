# Shipped by partially-generate with every client. Edit it there, not here.
"""What the fake answers, and why it may not."""

from __future__ import annotations

import http
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from .operation_table import Entry


class FakeError(Exception):
    """The fake was asked for what it cannot do. This is about the test, never an answer of the API."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it becomes bytes on a wire that is not there."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - an answer of the API, not an error of this program
    """The fake refuses a request as the API would. Nothing was changed.

    Args:
        status: The HTTP status.
        message: An overview; by default that of the documented example.
        errors: One sentence for each argument at fault.
        headers: Headers of the answer.
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
        """The answer: in the form that is documented for this status, if one is."""
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
    """The refusal of what was sent, with the status that is documented for it."""
    status = 422 if "422" in entry.refusals and "400" not in entry.refusals else 400
    return Refused(status, message, errors)


def json_answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, msgspec.json.encode(body), {"Content-Type": "application/json", **(headers or {})})


def documented_answer(entry: Entry) -> Answer:
    """The example that the description shows for an operation.

    Raises:
        FakeError: It shows none.
    """
    if entry.answer == "none":
        return Answer(entry.status)
    if entry.example is msgspec.UNSET:
        raise FakeError(
            f"The fake does not know what {entry.call} does, and the API description shows no example of "
            f"its answer. Say it yourself: fake.on({entry.call!r}, lambda request: (200, ...))"
        )
    if entry.answer == "json":
        return json_answer(entry.status, entry.example)
    return Answer(entry.status, str(entry.example).encode())


def status_text(status: int) -> str:
    """The status in words."""
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
