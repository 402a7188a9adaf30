"""The exceptions by which a check ends if it does not pass."""

from __future__ import annotations

from collections.abc import Sequence

from partially_conformance.traffic.exchange import Exchange


class CheckEnd(Exception):  # noqa: N818 - not every end is an error
    """Base class of the exceptions that end a check.

    * Violation: the target broke the rule.
    * Blocked: a step before the checked one did not work, so the rule could not be observed.
    * NotObservable: this target offers no way to observe the rule, and does not have to.
    * Inconclusive: the same steps gave different results.
    * ConnectionLost: a connection was closed between two requests; the attempt says nothing.
    * HarnessFault: the harness broke its own contract.
    * TargetGone: the target stopped answering; the run ends.
    """


class Violation(CheckEnd):
    """The target broke the rule that is being checked.

    Args:
        expected: What the rule demands.
        observed: What the target did.
        exchanges: The exchanges that show it, newest last; the story ends with them.
        about: Ids of the customers and plans concerned. The requests that created and changed them become
            part of the story, as do those for customers and plans that `exchanges` mention.

    Attributes:
        sent_again: The exchange that ended differently when the same steps were sent again, if one did.
    """

    def __init__(
        self, expected: str, observed: str, exchanges: Sequence[Exchange] = (), *, about: Sequence[str] = ()
    ) -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed
        self.exchanges = tuple(exchanges)
        self.about = frozenset(about)
        self.sent_again: Exchange | None = None


class NoAnswer(Violation):
    """A request got no usable response."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__("a response", exchange.outcome, [exchange])


class Blocked(CheckEnd):
    """A step before the checked one did not work; another rule is about that step."""


class NotObservable(CheckEnd):
    """The target offers no way to observe the rule."""


class Inconclusive(CheckEnd):
    """The same steps gave different results, so there is neither a pass nor a failure.

    Args:
        reason: What was seen.
        exchanges: The exchanges that show it, in order; the report shows them.
    """

    def __init__(self, reason: str, exchanges: Sequence[Exchange] = ()) -> None:
        super().__init__(reason)
        self.exchanges = tuple(exchanges)


class ConnectionLost(Inconclusive):
    """A connection was closed before the response to a request that may not be sent twice.

    A target may close a connection at any time between two requests (RFC 9112, 9.6), so this says nothing
    about the target. The attempt is repeated with new connections only.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(f"{exchange.error}, twice in a row", [exchange])


class HarnessFault(CheckEnd):
    """The harness broke its own contract; that is no fault of the target."""


class TargetGone(CheckEnd):
    """The target has stopped answering.

    Args:
        reason: What was seen of that.
        silent: The requests in a row that got no response, oldest first. The first may be the reason why.
    """

    def __init__(self, reason: str, silent: Sequence[Exchange] = ()) -> None:
        super().__init__(reason)
        self.silent = tuple(silent)
