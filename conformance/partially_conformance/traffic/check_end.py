"""How a check ends, other than by passing."""

from __future__ import annotations

from collections.abc import Sequence

from partially_conformance.traffic.exchange import Exchange


class CheckEnd(Exception):  # noqa: N818 - a check may end so without an error
    """Base of all of them.

    * Violation: the target broke the rule.
    * Blocked: what the check builds on did not work, so the rule could not be observed.
    * NotObservable: this target offers no way to observe the rule, and need not.
    * Inconclusive: it came and went.
    * HarnessFault: the harness did not keep its own promises.
    * TargetGone: the target stopped answering; the run ends.
    """


class Violation(CheckEnd):
    """The target broke the rule that is being checked.

    Args:
        expected: What the rule wants.
        observed: What came.
        exchanges: Those that show it, newest last; the story is built back from them.
        about: Ids of the customers and plans it is about. What made and changed them joins the story, as
            does what made and changed those that the exchanges mention.
    """

    def __init__(
        self, expected: str, observed: str, exchanges: Sequence[Exchange] = (), *, about: Sequence[str] = ()
    ) -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed
        self.exchanges = tuple(exchanges)
        self.about = frozenset(about)


class NoAnswer(Violation):
    """A request was not answered at all."""


class Blocked(CheckEnd):
    """Something the check builds on did not work; another rule is about that."""


class NotObservable(CheckEnd):
    """The target offers no way to see the rule."""


class Inconclusive(CheckEnd):
    """The same thing was seen both ways."""


class HarnessFault(CheckEnd):
    """The harness broke its own contract; the target is not to blame."""


class TargetGone(CheckEnd):
    """The target has stopped answering."""
