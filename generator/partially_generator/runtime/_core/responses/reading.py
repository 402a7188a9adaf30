"""Reads a response: returns its decoded body, or raises the error of its status."""

from __future__ import annotations

import functools
import http
from typing import Any, TypeVar

import msgspec

from ...errors import BY_STATUS, APIError, InternalServerError, ResponseValidationError
from ..messages.response import Response
from ..observability.redaction import redact, redact_all
from ..observability.secrets import Secrets, sealed
from ..requests.operation import Operation
from ..values.model import attach_source
from ..values.unions import decode_union
from .json_text import check_text, without_halves

T = TypeVar("T")


def check_status(response: Response, secrets: Secrets) -> None:
    """Check that the status is one of success.

    Raises:
        APIError: The status is not 2xx.
    """
    if not 200 <= response.status_code <= 299:
        raise _api_error(response, secrets)


def read(operation: Operation[T], response: Response, secrets: Secrets) -> T:
    """The result of the operation, from its successful response.

    Raises:
        ResponseValidationError: The body does not match the API description.
    """
    if response.fault:
        raise ResponseValidationError(response.fault, "$", response)
    status = str(response.status_code)
    kind, returns = operation.others.get(status) or operation.others.get(
        f"{status[0]}XX", (operation.body_kind, operation.returns)
    )
    value: Any
    match kind:
        case "none":
            value = None
        case "bytes":
            value = response.content
        case "text":
            value = response.text
        case _:
            value = sealed(_decode, returns, response, secrets)
    result: T = value
    return result


@functools.cache
def _decoder(returns: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(returns, dec_hook=decode_union)


def _decode(returns: Any, response: Response, secrets: Secrets) -> Any:
    content = response.content
    if not content or content.isspace():
        raise ResponseValidationError("Expected a JSON body, got an empty one", "$", response)
    try:
        check_text(content)  # the decoder skips unknown fields, even if they are not valid text
        value = _decoder(returns).decode(content)
    except UnicodeDecodeError as error:
        message = f"Expected JSON in UTF-8, got other bytes from position {error.start} on"
        raise ResponseValidationError(message, "$", response) from None
    except RecursionError as error:
        raise ResponseValidationError("The JSON is nested too deeply", "$", response) from error
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        # There may be a place within a place: the inner one comes first.
        if (value := without_halves(_decoder(returns).decode, content)) is not None:
            attach_source(value, content)
            return value
        message, *steps = str(error).split(" - at `")
        path = "".join(step.rstrip("`").removeprefix("$") for step in reversed(steps))
        raise ResponseValidationError(redact(message, secrets), f"${path}", response) from None
    attach_source(value, content)
    return value


def _api_error(response: Response, secrets: Secrets) -> APIError:
    status = response.status_code
    kind = BY_STATUS.get(status, InternalServerError if status >= 500 else APIError)
    message = ""
    errors: list[Any] = []
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        body = None  # such as an HTML page: the status says enough, and the body is in `response`
    if isinstance(body, dict):
        message = _message(body)
        listed = body.get("errors")
        errors = listed if isinstance(listed, list) else []
    return kind(
        status,
        redact(message, secrets) or _in_words(status),
        [redact_all(item, secrets) for item in errors],
        response,
    )


def _message(body: dict[str, Any]) -> str:
    """The message in an error body. Its field differs between RFC 9457, OAuth and others."""
    for name in ("message", "detail", "error_description", "title", "error", "reason"):
        given = body.get(name)
        if isinstance(given, dict):
            given = given.get("message")
        if isinstance(given, str) and given:
            return given
    return ""


_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def _in_words(status: int) -> str:
    if status in _REDIRECTS:
        return "The server sent a redirect, which is not followed: check the base address"
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "The server responded with a status that is not in the standard"
