"""What can go wrong on the way of a request, so that a client shows how it takes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import TYPE_CHECKING

from partially_conformance.clients.recorded.treatment import Treatment, message
from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.traffic.exchange import Response

if TYPE_CHECKING:
    from partially_conformance.clients.requests.validation import Described, RequestValidator

RETRY_AFTER = 1
"""What the Retry-After of an upset asks for. In seconds: the least that cannot come about by chance."""

SLOWNESS = 2.0
"""How long a slow answer takes. In seconds: longer than a hasty client waits, shorter than any should."""

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


def is_harmful_twice(operation: Described) -> bool:
    """Whether carrying an operation out twice does more than carrying it out once: a create or a login."""
    return operation.retry == "unsent"


def should_be_repeated(operation: Described) -> bool:
    """Whether a client should send an operation again after a failure: a read or an update.

    Of an operation that is neither this nor harmful, a removal, a client may do either.
    """
    return operation.retry == "safe"


@dataclass(frozen=True, slots=True)
class Upset:
    """One thing that goes wrong.

    Attributes:
        says: What happens to a request, in words.
        treatment: What is done with it, given the address of another host.
        safe_too: Whether it happens to what may be repeated too, and not only to what may not.
        uncertain: Whether the client cannot know that the request was not carried out.
        by_method: Whether one request of each method is enough, and not one of each operation.
        retry_after: How long the client is asked to wait at least; None if it is not. In seconds.
    """

    name: str
    says: str
    treatment: Callable[[str, SentRequest], Treatment]
    safe_too: bool = True
    uncertain: bool = True
    by_method: bool = False
    retry_after: int | None = None

    def place(self, operation: Described) -> str | None:
        """What is upset once and no more: requests with the same place. None if not upset at all."""
        if self.by_method:
            return operation.method
        judged = is_harmful_twice(operation) or (self.safe_too and should_be_repeated(operation))
        return operation.id if judged else None


def _answered(response: Response) -> Callable[[str, SentRequest], Treatment]:
    return lambda _elsewhere, _sent: Treatment(forward=False, answer=response)


def _limited(_elsewhere: str, _sent: SentRequest) -> Treatment:
    # A date has whole seconds: one more than is wanted, so that what is left of this one does not matter.
    date = formatdate(int(time.time()) + RETRY_AFTER + 1, usegmt=True)
    return Treatment(forward=False, answer=message(429, "Too many requests", **{"retry-after": date}))


def _redirected(elsewhere: str, sent: SentRequest) -> Treatment:
    answer = message(307, "It has moved", location=elsewhere + sent.target)
    return Treatment(forward=False, answer=answer)


UPSETS: tuple[Upset, ...] = (
    Upset(
        "cut",
        "the connection is cut once the request was carried out",
        lambda _elsewhere, _sent: Treatment(cut=True),
    ),
    Upset(
        "unavailable",
        f"503 with Retry-After: {RETRY_AFTER}",
        _answered(message(503, "Try again later", **{"retry-after": str(RETRY_AFTER)})),
        retry_after=RETRY_AFTER,
    ),
    Upset(
        "limited",
        f"429 with a Retry-After that names a date {RETRY_AFTER} to {RETRY_AFTER + 1} s ahead",
        _limited,
        uncertain=False,
        retry_after=RETRY_AFTER,
    ),
    Upset(
        "gateway",
        "502 with a page of HTML, once the request was carried out",
        lambda _elsewhere, _sent: Treatment(answer=Response(502, {"content-type": "text/html"}, _HTML)),
    ),
    Upset(
        "slow",
        f"the answer comes after {SLOWNESS:g} s",
        lambda _elsewhere, _sent: Treatment(delay=SLOWNESS),
        safe_too=False,
    ),
    Upset(
        "redirect",
        "307 to another host",
        _redirected,
        uncertain=False,
        by_method=True,
    ),
)
"""All upsets, in the order in which they are tried."""


def named(name: str) -> Upset:
    """The upset of this name.

    Raises:
        KeyError: There is none.
    """
    return {upset.name: upset for upset in UPSETS}[name]


@dataclass
class Disturber:
    """Lets an upset happen to the first request of each place, unless it has happened there before.

    Args:
        elsewhere: The address of another host, without a path.
        done: The places where it has happened.
    """

    upset: Upset
    validator: RequestValidator
    elsewhere: str
    done: frozenset[str]
    met: set[str] = field(default_factory=set)

    def __call__(self, sent: SentRequest) -> Treatment:
        """What is done with a request."""
        operation = self.validator.validate(sent).operation
        place = self.upset.place(operation) if operation else None
        if place is None or place in self.done or place in self.met:
            return Treatment()
        self.met.add(place)
        return replace(self.upset.treatment(self.elsewhere, sent), upset=self.upset.name)


def places(upset: Upset, operations: Iterable[Described]) -> frozenset[str]:
    """Where an upset can happen in a client that calls these operations."""
    return frozenset(place for place in map(upset.place, operations) if place is not None)
