"""A request as a client sent it, and what can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request, as its bytes say it.

    Attributes:
        target: The request target as sent: path and query, percent-encoded.
        headers: Names and values in the order in which they were sent, repeated ones apart.
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
        """What stands after the first question mark; None if there is none."""
        _, mark, query = self.target.partition("?")
        return query if mark else None

    def header(self, name: str) -> list[str]:
        """Every value of a header, in order; the case of the name does not matter."""
        return [value.strip() for key, value in self.headers if key.lower() == name.lower()]


class Aspect(StrEnum):
    """The part of a request that a problem is in."""

    PATH = "path"
    METHOD = "method"
    QUERY = "query"
    HEADER = "header"
    BODY = "body"
    LABEL = "label"
    """What the request says of its body and of the answer it wants: Content-Type and Accept."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request.

    Attributes:
        place: Where it is: `path`, `query.page`, `header.Accept`, or a place in the body such as
            `$.shipto_country`.
        expected: What the document wants there.
        observed: What came. It may hold what the request holds, secrets too.
    """

    aspect: Aspect
    place: str
    expected: str
    observed: str

    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected}, observed {self.observed}"
