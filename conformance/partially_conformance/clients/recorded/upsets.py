"""Upsets: what the proxy lets go wrong with a request, to see how a client reacts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import TYPE_CHECKING

from partially_conformance.clients.recorded.proxy_action import ProxyAction, error_response
from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.traffic.exchange import Response

if TYPE_CHECKING:
    from partially_conformance.clients.requests.validation import Described, RequestValidator

RETRY_AFTER = 1
"""Seconds that the Retry-After of an upset asks for: the shortest wait that no client does by chance."""

SLOW_SECONDS = 2.0
"""Seconds that a slow response takes: longer than an impatient client waits, shorter than a usual timeout."""

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


def may_be_repeated(operation: Described) -> bool:
    """Whether the document says that an operation may safely be carried out twice."""
    return operation.retry == "safe"


@dataclass(frozen=True, slots=True)
class Upset:
    """One thing that goes wrong.

    Attributes:
        description: What happens to a request, in words.
        action: Gives the action of the proxy, from the address of another host and the request.
        affects_safe: Whether it also affects operations that may be repeated, not only those that may not.
        may_be_carried_out: Whether, as far as the client can tell, the request may have been carried out.
        once_per_method: Whether it affects one request of each method, instead of one of each operation.
        retry_after: Seconds that the client is asked to wait at least; None if it is not asked.
    """

    name: str
    description: str
    action: Callable[[str, SentRequest], ProxyAction]
    affects_safe: bool = True
    may_be_carried_out: bool = True
    once_per_method: bool = False
    retry_after: int | None = None

    def group(self, operation: Described) -> str | None:
        """The group of an operation: one request of each group is affected. None if it is not affected."""
        if may_be_repeated(operation) and not self.affects_safe:
            return None
        return operation.method if self.once_per_method else operation.id


def _answered(response: Response) -> Callable[[str, SentRequest], ProxyAction]:
    return lambda _elsewhere, _sent: ProxyAction(forward=False, response=response)


def _limited(_elsewhere: str, _sent: SentRequest) -> ProxyAction:
    # A date has whole seconds: one second more, so that the fraction of the current second does not matter.
    date = formatdate(int(time.time()) + RETRY_AFTER + 1, usegmt=True)
    return ProxyAction(
        forward=False, response=error_response(429, "Too many requests", **{"retry-after": date})
    )


def _redirected(elsewhere: str, sent: SentRequest) -> ProxyAction:
    response = error_response(307, "It has moved", location=elsewhere + sent.target)
    return ProxyAction(forward=False, response=response)


UPSETS: tuple[Upset, ...] = (
    Upset(
        "cut",
        "the connection is cut once the request was carried out",
        lambda _elsewhere, _sent: ProxyAction(cut=True),
    ),
    Upset(
        "unavailable",
        f"503 with Retry-After: {RETRY_AFTER}",
        _answered(error_response(503, "Try again later", **{"retry-after": str(RETRY_AFTER)})),
        retry_after=RETRY_AFTER,
    ),
    Upset(
        "limited",
        f"429 with a Retry-After that names a date {RETRY_AFTER} to {RETRY_AFTER + 1} s ahead",
        _limited,
        may_be_carried_out=False,
        retry_after=RETRY_AFTER,
    ),
    Upset(
        "gateway",
        "502 with a page of HTML, once the request was carried out",
        lambda _elsewhere, _sent: ProxyAction(response=Response(502, {"content-type": "text/html"}, _HTML)),
    ),
    Upset(
        "slow",
        f"the response comes after {SLOW_SECONDS:g} s",
        lambda _elsewhere, _sent: ProxyAction(delay=SLOW_SECONDS),
        affects_safe=False,
    ),
    Upset(
        "redirect",
        "307 to another host",
        _redirected,
        may_be_carried_out=False,
        once_per_method=True,
    ),
)
"""All upsets, in the order in which they run."""


def named(name: str) -> Upset:
    """The upset with this name.

    Raises:
        KeyError: There is no such upset.
    """
    return {upset.name: upset for upset in UPSETS}[name]


@dataclass
class UpsetInjector:
    """Applies an upset to the first request of each group, except the groups that earlier runs affected.

    Attributes:
        elsewhere: The address of another host, without a path.
        done: The groups that earlier runs affected.
        injected: The groups that this run affected.
    """

    upset: Upset
    validator: RequestValidator
    elsewhere: str
    done: frozenset[str]
    injected: set[str] = field(default_factory=set)

    def __call__(self, sent: SentRequest) -> ProxyAction:
        """Choose the action for a request."""
        operation = self.validator.validate(sent).operation
        group = self.upset.group(operation) if operation else None
        if group is None or group in self.done or group in self.injected:
            return ProxyAction()
        self.injected.add(group)
        return replace(self.upset.action(self.elsewhere, sent), upset=self.upset.name)


def groups(upset: Upset, operations: Iterable[Described]) -> frozenset[str]:
    """The groups that an upset can affect in a client that calls these operations."""
    return frozenset(group for group in map(upset.group, operations) if group is not None)
