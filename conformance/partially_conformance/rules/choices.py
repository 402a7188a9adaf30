"""Recording which form a target gives to what the text leaves open."""

from __future__ import annotations

from partially_conformance.rules.catalogue import Catalogue
from partially_conformance.rules.results import ObservedChoice


class Choices:
    """The forms seen so far."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._seen: dict[str, dict[str, None]] = {}

    def saw(self, choice_id: str, form: str | int) -> None:
        """Record a form. Different forms of one choice are all kept, in the order seen.

        Raises:
            KeyError: The catalogue has no such choice.
        """
        self._catalogue.choice(choice_id)
        self._seen.setdefault(choice_id, {})[str(form)] = None

    def observed(self) -> tuple[ObservedChoice, ...]:
        """What was seen, in the order of the catalogue."""
        return tuple(
            ObservedChoice(choice, ", ".join(self._seen[choice.id]))
            for choice in self._catalogue.choices
            if choice.id in self._seen
        )
