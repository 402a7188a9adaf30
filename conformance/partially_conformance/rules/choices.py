"""Recording which choices a target makes where the text leaves them open."""

from __future__ import annotations

from partially_conformance.rules.catalogue import Catalogue
from partially_conformance.rules.results import ObservedChoice


class Choices:
    """The choices observed so far."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._seen: dict[str, dict[str, None]] = {}

    def saw(self, choice_id: str, form: str | int) -> None:
        """Record what was observed for a choice. Different observations are all kept, in order.

        Args:
            choice_id: The id in the catalogue.
            form: What the target does, in a word or a status.

        Raises:
            KeyError: The catalogue has no choice with this id.
        """
        self._catalogue.choice(choice_id)
        self._seen.setdefault(choice_id, {})[str(form)] = None

    def observed(self) -> tuple[ObservedChoice, ...]:
        """The choices observed so far, in the order of the catalogue."""
        return tuple(
            ObservedChoice(choice, ", ".join(self._seen[choice.id]))
            for choice in self._catalogue.choices
            if choice.id in self._seen
        )
