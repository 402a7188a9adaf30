"""An HTTP response, and what may be shown of its request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "x-trace-id")
"""Headers in which servers send the id of a request."""


def out_of_sight(value: T) -> Callable[[], T]:
    """A function that returns the value. A server may repeat secrets, and crash reporters read attributes."""
    return lambda: value


class Headers(Mapping[str, str]):
    """Response headers. Names are looked up without regard to case; repeated ones are joined by commas."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs: Callable[[], Sequence[tuple[str, str]]] = out_of_sight(tuple(pairs))

    @classmethod
    def read_by(cls, pairs: Callable[[], Sequence[tuple[str, str]]]) -> Headers:
        """Headers that are read from elsewhere when they are needed, since most calls never look at them."""
        headers = cls.__new__(cls)
        headers._pairs = pairs
        return headers

    def _joined(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for name, value in self._pairs():
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

    def __reduce__(self) -> tuple[Any, ...]:
        return (Headers, (tuple(self._pairs()),))


class RequestInfo(NamedTuple):
    """A request without its body: enough to log, count and trace it.

    Attributes:
        operation: The method of the client, as in `customers.get`.
        method: The HTTP method.
        url: The whole address, with the query.
        headers: The headers, with `[hidden]` for the key and for all others that may hold a secret.
        retries_taken: How many tries of the same call came before this one.
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
    """An HTTP response, unchanged.

    Attributes:
        status_code: The HTTP status.
        headers: The headers, looked up without regard to case.
        fault: Why the body could not be decompressed; empty if it could.
        request: The request.
        elapsed: Seconds from the start of this try to the end of the response, without earlier tries.
    """

    __slots__ = ("_content", "elapsed", "fault", "headers", "request", "status_code")

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
        self._content = out_of_sight(content)
        self.fault = fault
        self.request = request
        self.elapsed = elapsed

    @property
    def content(self) -> bytes:
        """The body in bytes, decompressed; the part that arrived and could be decompressed."""
        return self._content()

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.content.decode("utf-8", errors="replace")

    @property
    def request_id(self) -> str | None:
        """The id of the request, if the server sent one in a header."""
        return next((found for name in _REQUEST_IDS if (found := self.headers.get(name))), None)

    @property
    def retries_taken(self) -> int:
        """How many tries of the same call came before this one."""
        return self.request.retries_taken

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_code}, {len(self.content)} bytes>"

    def __reduce__(self) -> tuple[Any, ...]:
        own = (self.status_code, self.headers, self.content, self.fault, self.request, self.elapsed)
        return (Response, own)
