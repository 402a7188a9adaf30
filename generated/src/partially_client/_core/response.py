# Shipped by partially-generate with every client. Edit it there, not here.
"""An HTTP answer, and what becomes of it: a decoded value or one of the documented errors."""

from __future__ import annotations

import functools
import http
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from ..errors import BY_STATUS, APIError, InternalServerError, ResponseValidationError
from .alternatives import decoded
from .model import attach_source
from .operation import Operation
from .redaction import redact

T = TypeVar("T")


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


class RequestInfo(NamedTuple):
    """What was asked, without its body: enough to log, count and trace it.

    Attributes:
        operation: The method of the client, as in `customers.get`.
        method: The HTTP method.
        url: The whole address. What was searched for is part of it.
        headers: The headers, with `[hidden]` for the key and for all others that may carry a secret.
        retries_taken: How many tries of the same call went before this one.
    """

    operation: str = ""
    method: str = ""
    url: str = ""
    headers: Headers = Headers(())
    retries_taken: int = 0

    def __repr__(self) -> str:
        return f"<RequestInfo {self.operation}, {self.retries_taken} retries>"


NO_REQUEST = RequestInfo()


class Response:
    """An HTTP answer as it came.

    Attributes:
        status_code: The HTTP status.
        headers: The headers, looked up without regard to case.
        content: The body in bytes, decompressed; as much of it as came and could be decompressed.
        fault: Why the body could not be decompressed; empty when all went well.
        request: What it is the answer to.
        elapsed: Seconds from the start of this try to the end of the answer. Earlier tries do not count.
    """

    __slots__ = ("content", "elapsed", "fault", "headers", "request", "status_code")

    def __init__(
        self,
        status_code: int,
        headers: Headers,
        content: bytes,
        fault: str = "",
        request: RequestInfo = NO_REQUEST,
        elapsed: float = 0.0,
    ) -> None:
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.fault = fault
        self.request = request
        self.elapsed = elapsed

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.content.decode("utf-8", errors="replace")

    @property
    def retries_taken(self) -> int:
        """How many tries of the same call went before this answer."""
        return self.request.retries_taken

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_code}, {len(self.content)} bytes>"


class RawResponse(Response, Generic[T]):
    """A successful answer as it came, not yet read: what the methods of `with_raw_response` return."""

    __slots__ = ("_parse",)

    def __init__(self, response: Response, parse: Callable[[], T]) -> None:
        super().__init__(
            response.status_code,
            response.headers,
            response.content,
            response.fault,
            response.request,
            response.elapsed,
        )
        self._parse = parse

    def parse(self) -> T:
        """What the method returns without `with_raw_response`.

        Raises:
            ResponseValidationError: The body is not what the API description says.
        """
        return self._parse()


def check_status(response: Response, secrets: Sequence[str]) -> None:
    """Let an answer of success pass.

    Raises:
        APIError: The status is not 2xx.
    """
    if not 200 <= response.status_code <= 299:
        raise _api_error(response, secrets)


def read(operation: Operation[T], response: Response, secrets: Sequence[str]) -> T:
    """What the operation returns for this answer of success.

    Raises:
        ResponseValidationError: The body is not what the operation returns.
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
            value = _decode(returns, response, secrets)
    result: T = value
    return result


@functools.cache
def _decoder(returns: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(returns, dec_hook=decoded)


def _decode(returns: Any, response: Response, secrets: Sequence[str]) -> Any:
    content = response.content
    if not content.strip():
        raise ResponseValidationError("Expected a JSON body, got an empty one", "$", response)
    try:
        content.decode()  # what is not described is skipped below, even bytes that are no text
        value = _decoder(returns).decode(content)
    except UnicodeDecodeError as error:
        message = f"Expected JSON in UTF-8, got other bytes from position {error.start} on"
        raise ResponseValidationError(message, "$", response) from None
    except RecursionError as error:
        raise ResponseValidationError("The JSON is nested too deeply", "$", response) from error
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        # A place within a place: the inner one comes first.
        message, *steps = str(error).split(" - at `")
        path = "".join(step.rstrip("`").removeprefix("$") for step in reversed(steps))
        raise ResponseValidationError(redact(message, secrets), f"${path}", response) from None
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
        message = _message(body)
        listed = body.get("errors")
        errors = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
    return kind(
        status,
        redact(message, secrets) or _in_words(status),
        [redact(item, secrets) for item in errors],
        response,
    )


def _message(body: dict[str, Any]) -> str:
    """The sentence of an error body, wherever it keeps it: RFC 9457, OAuth and others differ."""
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
        return "The server redirects elsewhere, which is never followed: check the base address"
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "The server answered with a status of its own"
