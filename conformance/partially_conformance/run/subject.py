"""The subject of a run: a target or a client."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from partially_conformance.bench.run_folder import RunFolder
from partially_conformance.rules.catalogue import Need, Rule
from partially_conformance.rules.check import Check
from partially_conformance.rules.results import ObservedChoice
from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.recorder import Recorder
from partially_conformance.traffic.redaction import Secrets


class BenchLike(Protocol):
    """What the run uses of a bench. A check also takes attributes from it, by the names of its parameters."""

    recorder: Recorder
    secrets: Secrets
    offered: frozenset[Need]


class Subject(ABC):
    """A target or a client, with everything in which their examinations differ.

    The order of calls is `launched`, within it `opened`, and within that: `pass_gate`; the checks, with
    `before_attempt` before each and `doubt` after a failure; `missing`; and `clean_up` in any case.

    Args:
        rules: The rules it is checked by.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)

    @property
    @abstractmethod
    def name(self) -> str:
        """The name that the report gives it."""

    @property
    @abstractmethod
    def base_url(self) -> str:
        """The address of the API; empty if the subject was not started."""

    @property
    @abstractmethod
    def bench(self) -> BenchLike:
        """What the checks use. It exists within `opened`."""

    @property
    @abstractmethod
    def requests(self) -> int:
        """How many requests were sent to the target, or by the client."""

    @property
    def choices(self) -> tuple[ObservedChoice, ...]:
        """The choices that were observed."""
        return ()

    @property
    def harness_faults(self) -> Sequence[str]:
        """Why capabilities that the harness offers are not used, one line for each."""
        return ()

    @abstractmethod
    def launched(self) -> AbstractContextManager[None]:
        """Start the subject if necessary, and stop it at the end.

        Raises:
            StartError: It does not start.
        """

    @abstractmethod
    def folder(self, secrets: Secrets) -> RunFolder:
        """The folder of a run that examines this subject first."""

    @abstractmethod
    def opened(self, folder: RunFolder, secrets: Secrets) -> AbstractContextManager[None]:
        """Set up the bench, and close its connections at the end.

        Args:
            folder: The run folder, which gets the journal, and the exchanges if they are recorded.
            secrets: Collects the secrets of the run.
        """

    @abstractmethod
    def allows(self, check: Check) -> bool:
        """Whether a check may run."""

    @abstractmethod
    def pass_gate(self) -> None:
        """See whether a verdict is possible at all, before anything is checked.

        Raises:
            NoVerdict: It is not.
        """

    @abstractmethod
    def missing(self) -> str | None:
        """What the gate misses: what was not seen although a verdict needs it. None if nothing is missing."""

    @abstractmethod
    def before_attempt(self) -> None:
        """Undo the effects of earlier checks."""

    def doubt(self, violation: Violation, *, exhausting: bool) -> str | None:
        """Why a violation may have another cause than a broken rule; None if there is no doubt.

        Args:
            violation: The violation that the check raised.
            exhausting: Whether the check itself exhausts a limit of the subject.

        Raises:
            TargetGone: The target does not respond any more.
        """
        del violation, exhausting
        return None

    def clean_up(self) -> list[str]:
        """Remove what the run created. Returns warnings about what could not be removed."""
        return []
