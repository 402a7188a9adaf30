"""The subject of a run: a target or a client."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Review:
    """What a violation is worth once the subject has been looked at again.

    Attributes:
        violation: The violation to believe: the one that the check saw, or what has caused it.
        doubt: Why it may have another cause than the rule; None if there is no doubt.
        stopped: Why nothing more can be checked; None if the subject still answers.
        rule: Id of the rule that is broken if that is another than the one that is checked, which then can
            not be observed.
    """

    violation: Violation
    doubt: str | None = None
    stopped: str | None = None
    rule: str | None = None


class Subject(ABC):
    """A target or a client, with everything in which their examinations differ.

    The order of calls is: `launched`, then `opened` within it; within that `pass_gate`, the checks with
    `before_attempt` and `stopped_by` or `look_again` around each, `missing`, and `clean_up` at the end,
    whatever happened.

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

    def new_connections(self) -> AbstractContextManager[None]:
        """Use no connection twice while the block runs."""
        return nullcontext()

    def look_again(self, violation: Violation, *, exhausting: bool) -> Review:
        """Find out whether a violation has another cause than the rule.

        Args:
            violation: The violation that the check raised.
            exhausting: Whether the check itself exhausts a limit of the subject.

        Raises:
            TargetGone: It answers nothing any more, and this check is not the reason.
        """
        del exhausting
        return Review(violation)

    def stopped_by(self) -> Review | None:
        """The violation of an attempt after which the subject does not answer; None if it answers.

        Raises:
            TargetGone: It answers nothing any more, and the attempt is not the reason.
        """
        return None

    def remarks(self) -> list[str]:
        """What the user has to know about the run beside the results, one line each."""
        return []

    def clean_up(self) -> list[str]:
        """Remove what the run created. Returns warnings about what could not be removed."""
        return []
