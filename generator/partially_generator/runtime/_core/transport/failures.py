"""Turns errors of httpx2, and responses that are too large, into errors of the client."""

from __future__ import annotations

from typing import TypeVar

import httpx2

from ...errors import (
    APIConnectionError,
    APITimeoutError,
    ConfigurationError,
    PoolTimeoutError,
    ResponseTooLargeError,
    SdkError,
)
from ..messages.response import Response
from ..observability.redaction import redact
from ..observability.secrets import presentable
from ..requests.request import Request

F = TypeVar("F", bound=SdkError)

BEGINNING = 4096
"""Bytes of a body that is too large which are kept for its error."""

# Raised before the first byte of a request leaves.
_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)

_OF_HTTPX2 = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)


def failure_of(error: BaseException, request: Request, part: Response | None = None) -> SdkError | None:
    """The error of the client for an error of httpx2; None if it is another one.

    Args:
        error: What was raised.
        request: The request.
        part: The part of the response that arrived.
    """
    if isinstance(error, httpx2.PoolTimeout):
        said = "no connection became free in time: raise max_connections or pool_timeout"
        return because(PoolTimeoutError(f"{request.label}: {said} (PoolTimeout)", False), error, request)
    if isinstance(error, httpx2.TimeoutException):
        return _late(error, request, part)
    if isinstance(error, _OF_HTTPX2):
        return broken(error, request, part)
    if isinstance(error, UnicodeError):
        return ConfigurationError("The proxy in the environment has no valid host name")
    return None


def _late(error: httpx2.TimeoutException, request: Request, part: Response | None) -> SdkError:
    happened = "no response in time" if part is None else "the response was cut off"
    why = f"; {said}" if (said := str(error)).startswith(TOOK_LONGER) else ""
    message = f"{request.label}: {happened} ({type(error).__name__}){why}"
    return because(APITimeoutError(message, not isinstance(error, _UNSENT), part), error, request)


TOOK_LONGER = "it took longer than"
"""How the text of an error begins that says that a whole try took too long."""


def broken(error: Exception, request: Request, part: Response | None = None) -> SdkError:
    """The error of a connection that could not be made, or broke."""
    said = redact(str(error), request.secrets) or "no connection"
    message = f"{request.label}: {said} ({type(error).__name__})"
    return because(APIConnectionError(message, not isinstance(error, _UNSENT), part), error, request)


def because(found: F, error: BaseException, request: Request) -> F:
    """The error with another one as its cause, if that shows no secret."""
    found.__cause__ = presentable(error, request.secrets)
    return found


def too_large(request: Request, response: Response) -> ResponseTooLargeError:
    """The error of a body that is larger than the limit."""
    limit = f"{request.max_response_bytes} bytes (max_response_bytes)"
    message = f"{request.label}: the body of the {response.status_code} response is larger than {limit}"
    return ResponseTooLargeError(message, True, response)
