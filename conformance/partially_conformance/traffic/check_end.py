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
        topic: What else than the subject of the check this may be about, such as an operation that does not
            succeed; another rule may be about it.
    """

    def __init__(
        self,
        expected: str,
        observed: str,
        exchanges: Sequence[Exchange] = (),
        *,
        about: Sequence[str] = (),
        topic: str | None = None,
    ) -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed
        self.exchanges = tuple(exchanges)
        self.about = frozenset(about)
        self.topic = topic


class NoAnswer(Violation):
    """A request got no usable response."""


class Blocked(CheckEnd):
    """A step before the checked one did not work; another rule is about that step."""


class NotObservable(CheckEnd):
    """The target offers no way to observe the rule."""


class Inconclusive(CheckEnd):
    """The same steps gave different results, so there is neither a pass nor a failure."""


class HarnessFault(CheckEnd):
    """The harness broke its own contract; that is no fault of the target."""


class TargetGone(CheckEnd):
    """The target has stopped answering."""


class TimeIsUp(BaseException):
    """The time of the whole run is over: no more requests are sent.

    It ends the run, not a check. So it is no `CheckEnd`, and no handler of errors catches it.
    """
