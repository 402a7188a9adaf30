"""Whether what a check relies on is broken: then another rule is about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from partially_conformance.rules.catalogue import Catalogue, Rule

Failures = Mapping[str | None, str]
"""How a rule fails, by the topics of its failures."""


class Preconditions:
    """Knows which topics are broken on this target, and finds out where that is not known yet.

    A topic is something that checks rely on: an operation that succeeds, or the shape of a part of a
    response. The catalogue names the one rule that is about it (`relied_on`). When a check of another rule
    meets a broken topic, the checks of that rule are run at once, unless they have been. So the result does
    not depend on the order of the rules.

    Attributes:
        examine: Runs the checks of a rule and returns how they fail. Until it is set, nothing is known to be
            broken.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.examine: Callable[[Rule], Failures] = lambda _rule: {}
        self._catalogue = catalogue
        self._under_check: list[str] = []

    @contextmanager
    def checking(self, rule: Rule) -> Iterator[None]:
        """Within the block a check of this rule runs."""
        self._under_check.append(rule.id)
        try:
            yield
        finally:
            self._under_check.pop()

    def tolerates(self, topic: str) -> bool:
        """Whether a check may read on although a response has a wrong shape.

        It may where another rule fails for it, and where the check itself looks at that very property.
        """
        about = self._catalogue.about(topic)
        if about is not None and self._under_check and about[0].id == self._under_check[-1]:
            return "." in about[1]
        return self.broken(topic) is not None

    def broken(self, topic: str | None) -> str | None:
        """Why another rule than the one under check fails for a topic; None if none does."""
        about = None if topic is None else self._catalogue.about(topic)
        if about is None or not self._under_check or about[0].id in self._under_check:
            return None
        rule, name = about
        failure = self.examine(rule).get(name)
        return None if failure is None else f"because {rule.id} fails: {failure}"
