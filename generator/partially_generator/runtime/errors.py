"""Every error that the client raises, in one tree.

::

    SdkError
    ├── ConfigurationError          a setting is invalid, or the client is closed
    ├── InvalidRequestError         an argument cannot be sent (also a ValueError)
    ├── APIError                    the server responded with a status other than 2xx
    │   ├── BadRequestError         400
    │   ├── AuthenticationError     401
    │   ├── PermissionDeniedError   403
    │   ├── NotFoundError           404
    │   ├── ConflictError           409
    │   ├── UnprocessableEntityError  422
    │   ├── RateLimitError          429
    │   └── InternalServerError     500 and above
    ├── APIConnectionError          no complete response arrived
    │   ├── APITimeoutError         ... within the timeout
    │   │   └── PoolTimeoutError    ... because no connection became free
    │   └── ResponseTooLargeError   ... because its body is larger than the limit
    └── ResponseValidationError     the body of a 2xx response does not match the description

A call raises nothing else, whatever the server sends. All of these errors can be copied and pickled.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ._core.messages.response import Response

__all__ = [
    "BY_STATUS",
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "InternalServerError",
    "InvalidRequestError",
    "NotFoundError",
    "PermissionDeniedError",
    "PoolTimeoutError",
    "RateLimitError",
    "ResponseTooLargeError",
    "ResponseValidationError",
    "SdkError",
    "UnprocessableEntityError",
]


_LONGEST_TEXT = 1000
"""Characters of the text of an error. All of it is in the attributes of the error."""


def one_line(text: str) -> str:
    """A text of a server for one line of a log: without control characters, and not too long."""
    if len(text) > _LONGEST_TEXT:
        text = f"{text[:_LONGEST_TEXT]}..."
    if text.isprintable():
        return text
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class SdkError(Exception):
    """The base of all errors of this client."""


class ConfigurationError(SdkError):
    """A setting is missing or invalid, such as the key or the address, or the client is closed."""


class InvalidRequestError(SdkError, ValueError):
    """An argument cannot be sent as it is. Nothing was sent."""


class APIError(SdkError):
    """The server responded with a status other than 2xx.

    Attributes:
        status_code: The HTTP status.
        message: The `message` of the error body; if it has none, the standard phrase of the status.
        errors: The `errors` of the body, usually one sentence for each problem; empty if there are none.
        response: The whole response: status, headers and body.
    """

    def __init__(self, status_code: int, message: str, errors: list[Any], response: Response) -> None:
        super().__init__(status_code, message, errors, response)
        self.status_code = status_code
        self.message = message
        self.errors = errors
        self.response = response

    def __str__(self) -> str:
        details = f" ({'; '.join(map(str, self.errors))})" if self.errors else ""
        return one_line(f"{self.status_code}: {self.message}{details}")

    @property
    def body(self) -> Any:
        """The body of the response: decoded if it is JSON, otherwise as text."""
        try:
            return msgspec.json.decode(self.response.content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self.response.text

    @property
    def request_id(self) -> str | None:
        """The id of the request, if the server sent one in a header."""
        return self.response.request_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class BadRequestError(APIError):
    """400: something is wrong with the input."""


class AuthenticationError(APIError):
    """401: the key is missing or unknown, or a login was refused."""


class PermissionDeniedError(APIError):
    """403: the key does not allow this."""


class NotFoundError(APIError):
    """404: the object does not exist."""


class ConflictError(APIError):
    """409: the present state does not allow this."""


class UnprocessableEntityError(APIError):
    """422: the input is well formed, but it is not allowed."""


class RateLimitError(APIError):
    """429: too many requests, even after the retries."""


class InternalServerError(APIError):
    """500 and above: the server failed."""


BY_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}
"""The error of each status. Others from 500 on are an `InternalServerError`, the rest an `APIError`."""


class APIConnectionError(SdkError):
    """No complete response arrived: there was no connection, or it broke.

    Attributes:
        message: What happened.
        maybe_sent: False if the request certainly did not reach the server, so that repeating it is safe.
        response: The part of the response that arrived; None if not even its headers did.
    """

    def __init__(self, message: str, maybe_sent: bool = True, response: Response | None = None) -> None:
        super().__init__(message, maybe_sent, response)
        self.message = message
        self.maybe_sent = maybe_sent
        self.response = response

    def __str__(self) -> str:
        return one_line(self.message)

    @property
    def request_id(self) -> str | None:
        """The id of the request, if headers of a response arrived and have one."""
        return None if self.response is None else self.response.request_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"


class APITimeoutError(APIConnectionError):
    """The server took longer than the timeout."""


class PoolTimeoutError(APITimeoutError):
    """All connections of the client were in use for too long, and nothing was sent."""


class ResponseTooLargeError(APIConnectionError):
    """The body of the response is larger than `max_response_bytes`. It was not read to its end.

    The call is not repeated. `response` has the status, the headers and the beginning of the body.
    """


class ResponseValidationError(SdkError):
    """The status of the response is 2xx, but its body does not match the API description.

    Attributes:
        message: What was expected, and what arrived.
        path: The place in the body, such as `$.items[0].name`; `$` is the whole body.
        response: The whole response: status, headers and body.
    """

    def __init__(self, message: str, path: str, response: Response) -> None:
        super().__init__(message, path, response)
        self.message = message
        self.path = path
        self.response = response

    def __str__(self) -> str:
        place = f"at {self.path} of the body of the {self.response.status_code} response"
        return f"{one_line(self.message)} ({one_line(place)})"

    @property
    def request_id(self) -> str | None:
        """The id of the request, if the server sent one in a header."""
        return self.response.request_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"
