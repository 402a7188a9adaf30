# Shipped by partially-generate with every client. Edit it there, not here.
"""An HTTP answer, and what becomes of it: a decoded value or one of the documented errors."""

from __future__ import annotations

import functools
import http
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from ..errors import BY_STATUS, APIError, InternalServerError, ResponseValidationError
from .model import attach_source
from .operation import Operation

T = TypeVar("T")

HIDDEN = "[hidden]"

# Below this length a secret is too likely to be part of an ordinary word: only whole words are hidden.
_SHORT_SECRET = 4


class Headers(Mapping[str, str]):
    """Response headers. Names are looked up without regard to case; repeated ones are joined by commas."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = tuple(pairs)

    def _joined(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for name, value in self._pairs:
            key = name.lower()
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return joined

    def __getitem__(self, name: str) -> str:
        return self._joined()[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._joined())

    def __len__(self) -> int:
        return len(self._joined())

    def __repr__(self) -> str:
        return f"Headers({list(self)!r})"


class Response:
    """An HTTP answer as it came.

    Attributes:
        status_code: The HTTP status.
        headers: The headers, looked up without regard to case.
        content: The body in bytes, decompressed. Empty when it could not be decompressed.
        fault: Why the body could not be decompressed; empty when all went well.
    """

    __slots__ = ("content", "fault", "headers", "status_code")

    def __init__(self, status_code: int, headers: Headers, content: bytes, fault: str = "") -> None:
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.fault = fault

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.content.decode("utf-8", errors="replace")

    def __repr__(self) -> str:
        return f"<Response {self.status_code}, {len(self.content)} bytes>"


def read(operation: Operation[T], response: Response, secrets: Sequence[str]) -> T:
    """What the operation returns for this answer.

    Raises:
        APIError: The status is not 2xx.
        ResponseValidationError: The body is not what the operation returns.
    """
    if not 200 <= response.status_code <= 299:
        raise _api_error(response, secrets)
    if response.fault:
        raise ResponseValidationError(response.fault, "$", response)
    value: Any
    match operation.body_kind:
        case "none":
            value = None
        case "bytes":
            value = response.content
        case "text":
            value = response.text
        case _:
            value = _decode(operation.returns, response, secrets)
    result: T = value
    return result


@functools.cache
def _decoder(returns: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(returns)


def _decode(returns: Any, response: Response, secrets: Sequence[str]) -> Any:
    content = response.content
    if not content.strip():
        raise ResponseValidationError("Expected a JSON body, got an empty one", "$", response)
    try:
        value = _decoder(returns).decode(content)
    except RecursionError as error:
        raise ResponseValidationError("The JSON is nested too deeply", "$", response) from error
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        message, _, path = str(error).partition(" - at `")
        raise ResponseValidationError(redact(message, secrets), path.rstrip("`") or "$", response) from None
    attach_source(value, content)
    return value


def _api_error(response: Response, secrets: Sequence[str]) -> APIError:
    status = response.status_code
    kind = BY_STATUS.get(status, InternalServerError if status >= 500 else APIError)
    message = ""
    errors: list[str] = []
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        body = None  # an HTML page, say: the status speaks for itself, and the body is in `response`
    if isinstance(body, dict):
        given = body.get("message")
        message = given if isinstance(given, str) else ""
        listed = body.get("errors")
        errors = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
    return kind(
        status,
        redact(message, secrets) or _in_words(status),
        [redact(item, secrets) for item in errors],
        response,
    )


def _in_words(status: int) -> str:
    if 300 <= status <= 399:
        return "The server redirects elsewhere, which is never followed: check the base address"
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "The server answered with a status of its own"


def redact(text: str, secrets: Sequence[str]) -> str:
    """The text with every secret in it replaced by `[hidden]`."""
    for secret in secrets:
        if len(secret) >= _SHORT_SECRET:
            text = text.replace(secret, HIDDEN)
        elif secret:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
    return text
