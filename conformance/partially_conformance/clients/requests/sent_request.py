"""A request as a client sent it, and a problem with one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request as it was sent.

    Attributes:
        method: The method.
        target: The request target as sent: path and query, percent-encoded.
        headers: Names and values in the order in which they were sent; a repeated header has several entries.
        body: The content without its transfer coding; empty if there is none.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str | None:
        """The part after the first question mark; None if there is none."""
        _, mark, query = self.target.partition("?")
        return query if mark else None

    def header(self, name: str) -> list[str]:
        """All values of a header, in order. The case of the name does not matter."""
        return [value.strip() for key, value in self.headers if key.lower() == name.lower()]


class Aspect(StrEnum):
    """The part of a request with a problem."""

    PATH = "path"
    METHOD = "method"
    QUERY = "query"
    HEADER = "header"
    BODY = "body"
    LABEL = "label"
    """The headers Content-Type and Accept."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem with a request.

    Attributes:
        aspect: The part of the request.
        place: Where it is: `path`, `query.page`, `header.Accept`, or a place in the body such as
            `$.shipto_country`.
        expected: What the document expects there.
        observed: What was sent. It may contain secrets of the request.
    """

    aspect: Aspect
    place: str
    expected: str
    observed: str

    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected}, observed {self.observed}"
