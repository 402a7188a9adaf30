"""The difference of two descriptions: all changes, those of the client, and the next versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from partially_generator.diff.changes.findings import Change, largest_step
from partially_generator.diff.changes.rules import Level, Step
from partially_generator.diff.changes.versions import Suggestion, check_version, larger_step, suggest
from partially_generator.diff.client.changes import client_changes
from partially_generator.diff.client.names import ClientChanges
from partially_generator.diff.comparing.documents import changes_between
from partially_generator.diff.reading.parts import canonical
from partially_generator.reading.config import Config
from partially_generator.reading.errors import GeneratorError
from partially_spec import Document

Outcome = Literal["same", "layout", "changed"]
"""The documents hold the same data; or they describe the same API; or another API."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one description to another.

    Attributes:
        outcome: Whether anything changed.
        changes: The changes, the most severe first.
        client: The changes of the client.
        step: The version step that all changes ask for.
        document_version: The suggestion for the `info.version` of the description.
        client_version: The suggestion for the version in the configuration.
    """

    old: Document
    new: Document
    outcome: Outcome
    changes: tuple[Change, ...]
    client: ClientChanges
    step: Step
    document_version: Suggestion
    client_version: Suggestion

    @property
    def breaks_callers(self) -> bool:
        """Whether anything breaks callers."""
        return bool(self.for_callers or self.client.breaking)

    @property
    def for_callers(self) -> tuple[Change, ...]:
        """The changes that break callers."""
        return tuple(change for change in self.changes if change.rule.callers is Level.BREAKING)

    @property
    def for_servers(self) -> tuple[Change, ...]:
        """The changes that break servers."""
        return tuple(change for change in self.changes if change.rule.servers is Level.BREAKING)


def difference(old: Document, new: Document, config: Config) -> Difference:
    """Compare two valid documents, and the clients that they give.

    Raises:
        GeneratorError: A reference in one of them cannot be followed.
    """
    try:
        changes = changes_between(old, new)
    except RecursionError as error:
        deep = "their schemas are nested too deeply to be compared"
        raise GeneratorError(f"{old.path} and {new.path}: {deep}") from error
    same = canonical(old.raw) == canonical(new.raw)
    client = ClientChanges() if same else client_changes(old, new, config)
    step = largest_step(changes)
    if client.names:
        step = larger_step(step, "major" if client.breaking else "minor")
    return Difference(
        old=old,
        new=new,
        outcome="same" if same else "changed" if changes else "layout",
        changes=changes,
        client=client,
        step=step,
        document_version=check_version(old.version, new.version, largest_step(changes)),
        client_version=suggest(config.version, step),
    )
