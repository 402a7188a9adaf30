"""What a run examines: a subject, which is a target or a client."""

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
    """What every bench has. A check takes more from it, by the names of its parameters."""

    recorder: Recorder
    secrets: Secrets
    offered: frozenset[Need]


class Subject(ABC):
    """A target or a client, and all that is particular about examining it.

    The order of calls is: `launched`, then `opened` within it; within that `pass_gate`, the checks with
    `before_attempt` and `doubt` around each, `missing`, and `clean_up` at the end, whatever happened.

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
        """Where the API is; empty if it was not started."""

    @property
    @abstractmethod
    def bench(self) -> BenchLike:
        """What the checks use. It exists from `opened` on."""

    @property
    @abstractmethod
    def requests(self) -> int:
        """How many requests were sent by it or to it."""

    @property
    def choices(self) -> tuple[ObservedChoice, ...]:
        """The forms that it gives to what the text leaves open."""
        return ()

    @property
    def harness_faults(self) -> Sequence[str]:
        """Why a capability that its harness claims is not believed."""
        return ()

    @abstractmethod
    def launched(self) -> AbstractContextManager[None]:
        """Start what has to be started, and stop it at the end.

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
            folder: Takes in the journal, and the exchanges if they are recorded.
            secrets: Takes in the secrets of the run.
        """

    @abstractmethod
    def allows(self, check: Check) -> bool:
        """Whether a check may run."""

    @abstractmethod
    def pass_gate(self) -> None:
        """See whether it can be judged at all, before anything is checked.

        Raises:
            NoVerdict: It cannot.
        """

    @abstractmethod
    def missing(self) -> str | None:
        """What has not been seen although a verdict rests on it; None if nothing is missing."""

    @abstractmethod
    def before_attempt(self, scope: str) -> None:
        """Undo what earlier checks may have left behind, and begin the generated values of an attempt.

        Args:
            scope: The name of the attempt: rule, check and number.
        """

    def doubt(self, violation: Violation, *, exhausting: bool) -> str | None:
        """Why a violation may have another cause than the rule; None if there is no doubt.

        Args:
            violation: What the check saw.
            exhausting: Whether the check itself uses up what the subject allows.

        Raises:
            TargetGone: It answers nothing any more.
        """
        del violation, exhausting
        return None

    def clean_up(self) -> list[str]:
        """Remove what was made. Gives one line for the user for each thing that is left."""
        return []
