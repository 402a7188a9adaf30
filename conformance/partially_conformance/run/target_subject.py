"""A target as the subject of a run."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from partially_conformance.bench.bench import Bench, bench_for
from partially_conformance.bench.cleanup import clean_up
from partially_conformance.bench.run_folder import RunFolder
from partially_conformance.rules.catalogue import Need, Rule
from partially_conformance.rules.check import Check
from partially_conformance.rules.results import ObservedChoice
from partially_conformance.run.gate import Gate, preflight
from partially_conformance.run.options import Profile, RunOptions
from partially_conformance.run.subject import Subject
from partially_conformance.suite import all_checks
from partially_conformance.target.launch import embedded_reference, started
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import Inconclusive, NoAnswer, TargetGone, Violation
from partially_conformance.traffic.redaction import Secrets

REVIVAL_LIMIT = 3.0
"""Seconds that a target which did not respond has to respond to another request."""

_MANY_RULES = 40
"""With this many rules, checking the others takes longer than generating requests."""

_LOCKED_OUT = (
    "the target now refuses logins in another way than at first: it may have a lockout after too many wrong"
    " logins (with a harness that moves the clock, the suite waits until it is over)"
)


class TargetSubject(Subject):
    """A target: started if necessary, checked through its API and its harness, and cleaned up.

    Args:
        rules: The rules it is checked by.
        options: The options of the run.
    """

    def __init__(self, rules: Sequence[Rule], options: RunOptions) -> None:
        super().__init__(rules)
        self._options = options
        self._target = options.target
        self._disposable = options.disposable or options.target is None
        self._stateful = options.profile is Profile.FULL
        self._writing = self._stateful and not options.read_only
        self._bench: Bench | None = None
        self._gate = Gate()

    @property
    def name(self) -> str:
        """The name in the target file, or `reference`."""
        return "reference" if self._target is None else self._target.name

    @property
    def base_url(self) -> str:
        """The address of the API; empty if the embedded reference server did not start."""
        return "" if self._target is None else self._target.base_url

    @property
    def target(self) -> Target:
        """The target, once it has been launched."""
        assert self._target is not None
        return self._target

    @property
    def bench(self) -> Bench:
        """What the checks use."""
        assert self._bench is not None
        return self._bench

    @property
    def requests(self) -> int:
        """How many requests were sent to its API; those to its harness do not count."""
        return 0 if self._bench is None else self._bench.recorder.api_requests

    @property
    def choices(self) -> tuple[ObservedChoice, ...]:
        """The choices that were observed."""
        return () if self._bench is None else self._bench.choices.observed()

    @property
    def harness_faults(self) -> Sequence[str]:
        """Why capabilities that the harness offers are not used, one line for each."""
        return () if self._bench is None else self._bench.harness_faults

    @contextmanager
    def launched(self) -> Iterator[None]:
        """Start the target, or the embedded reference server if there is none."""
        if self._options.target is None:
            with embedded_reference() as self._target:
                yield
        else:
            with started(self._options.target):
                yield

    def folder(self, secrets: Secrets) -> RunFolder:
        """The folder of the run, with a journal unless the target ends with the run."""
        return RunFolder(self._options.record, secrets, self.target, disposable=self._disposable)

    @contextmanager
    def opened(self, folder: RunFolder, secrets: Secrets) -> Iterator[None]:
        """Set up the bench, with the mail server of the suite if the target sends its emails to it.

        Raises:
            SmtpError: The mail server cannot listen at its address.
        """
        with bench_for(
            self.target,
            seed=self._options.seed,
            effort=self._options.effort,
            journal=folder.journal,
            on_exchange=folder.record if folder.records else None,
            hidden=secrets,
        ) as self._bench:
            yield

    def allows(self, check: Check) -> bool:
        """Whether the profile and `--read-only` allow a check."""
        return self._options.allow(check)

    def pass_gate(self) -> None:
        """See that the target responds and accepts the key, and find out what its harness offers."""
        self._gate = preflight(self.bench, stateful=self._stateful, writing=self._writing)
        if self._writing:
            self.bench.inspect_harness()
            if self.bench.offered & {Need.PASSWORD, Need.EMAILS}:  # without them no login can succeed
                self.bench.lockout.note_first_refusals()
        if self._wants_generated_requests() and len(self.rules) >= _MANY_RULES:
            self.bench.generated.start()  # while other checks run

    def _wants_generated_requests(self) -> bool:
        wanted = {rule.id for rule in self.rules}
        return any(
            found.rule in wanted
            and self.allows(found)
            and "generated" in inspect.signature(function).parameters
            for found, function in all_checks()
        )

    def missing(self) -> str | None:
        """What the gate misses."""
        return self._gate.missing(self.bench, self.rules, stateful=self._stateful, writing=self._writing)

    def before_attempt(self) -> None:
        """Let a lockout after wrong logins of earlier checks end."""
        self.bench.let_login_limits_pass()

    def doubt(self, violation: Violation, *, exhausting: bool) -> str | None:
        """Whether the target is in a lockout, or does not respond any more."""
        if isinstance(violation, NoAnswer):
            self._require_response(violation)
        if not exhausting and self.bench.lockout.is_locked_out(violation.exchanges):
            return _LOCKED_OUT
        return None

    def _require_response(self, violation: NoAnswer) -> None:
        """Raise `TargetGone` if the target does not respond to other requests either."""
        end = time.monotonic() + REVIVAL_LIMIT
        while time.monotonic() < end:
            try:
                if self.bench.api.list().exchange.response is not None:
                    return
            except Inconclusive:
                return  # a refusal because of too many requests is a response
            time.sleep(REVIVAL_LIMIT / 10)
        raise TargetGone(f"the target stopped answering: {violation.observed}")

    def clean_up(self) -> list[str]:
        """Remove the customers that were created, unless the target ends with the run."""
        if self._disposable:
            return []
        journal = self.bench.journal
        apis = {api.key.name: api for api in (self.bench.api, self.bench.other) if api is not None}
        try:
            left = clean_up(journal, apis, self.bench.harness).left
        except KeyboardInterrupt:
            left = {entry.customer_id: "the removal was interrupted" for entry in journal.left()}
        if not left:
            return []
        folder = journal.path.parent if journal.path else ""
        why = next(iter(left.values()))
        customers = "1 customer" if len(left) == 1 else f"{len(left)} customers"
        return [
            f"{customers} could not be removed ({why}); `partially-conformance cleanup {folder}` tries again"
        ]
