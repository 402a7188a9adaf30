"""A target as the subject of a run."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from partially_conformance.bench.bench import Bench, bench_for
from partially_conformance.bench.cleanup import clean_up
from partially_conformance.bench.lockout import LIMIT_RULES
from partially_conformance.bench.run_folder import RunFolder
from partially_conformance.rules.catalogue import Need, Rule
from partially_conformance.rules.check import Check
from partially_conformance.rules.results import ObservedChoice
from partially_conformance.run.gate import Gate, preflight
from partially_conformance.run.liveness import Liveness
from partially_conformance.run.options import Profile, RunOptions
from partially_conformance.run.subject import Finding, Subject
from partially_conformance.suite import all_checks
from partially_conformance.target.launch import StartedTarget, embedded_reference, started
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import Violation
from partially_conformance.traffic.redaction import Secrets

_MANY_RULES = 40
"""With so many rules, checking the others takes longer than generating requests."""

_LOCKED_OUT = (
    "the target refuses logins in another way than at first, as if there were too many;"
    " where a harness moves the clock, limits are let pass"
)


class TargetSubject(Subject):
    """A target: it is started if need be, checked through its API and its harness, and cleaned up.

    Args:
        rules: The rules it is checked by.
        options: What the run is asked to do.
    """

    def __init__(self, rules: Sequence[Rule], options: RunOptions) -> None:
        super().__init__(rules)
        self._options = options
        self._target = options.target
        self._disposable = options.disposable or options.target is None
        self._stateful = options.profile is Profile.FULL
        self._writing = self._stateful and not options.read_only
        self._bench: Bench | None = None
        self._server: StartedTarget | None = None
        self._liveness: Liveness | None = None
        self._gate = Gate()

    @property
    def name(self) -> str:
        """The name in the target file."""
        return "reference" if self._target is None else self._target.name

    @property
    def base_url(self) -> str:
        """Where the API is; empty if the embedded reference server did not start."""
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
    def liveness(self) -> Liveness:
        """Whether the target still answers."""
        assert self._liveness is not None
        return self._liveness

    @property
    def requests(self) -> int:
        """How many requests were sent to its API; those to its harness do not count."""
        return 0 if self._bench is None else self._bench.recorder.api_requests

    @property
    def choices(self) -> tuple[ObservedChoice, ...]:
        """The forms that it gives to what the text leaves open."""
        return () if self._bench is None else self._bench.choices.observed()

    @property
    def harness_faults(self) -> Sequence[str]:
        """Why a capability that its harness claims is not believed."""
        return () if self._bench is None else self._bench.harness_faults

    @contextmanager
    def launched(self) -> Iterator[None]:
        """Start the target, or the embedded reference server if there is none."""
        if self._options.target is None:
            with embedded_reference() as self._target:
                yield
        else:
            with started(self._options.target) as self._server:
                yield

    def folder(self, secrets: Secrets) -> RunFolder:
        """The folder of the run, with a journal unless the target ends with the run."""
        return RunFolder(self._options.record, secrets, self.target, disposable=self._disposable)

    @contextmanager
    def opened(self, folder: RunFolder, secrets: Secrets) -> Iterator[None]:
        """Set up the bench, with the suite's own mail server if the target sends emails to it.

        Raises:
            SmtpError: The mail server cannot listen where the target file says.
        """
        with bench_for(
            self.target,
            seed=self._options.seed,
            effort=self._options.effort,
            journal=folder.journal,
            on_exchange=folder.record if folder.records else None,
            hidden=secrets,
        ) as self._bench:
            self._liveness = Liveness(self._bench, self._server)
            yield

    def allows(self, check: Check) -> bool:
        """Whether the profile and `--read-only` leave room for a check."""
        return self._options.allow(check)

    def pass_gate(self) -> None:
        """See that the target is there and takes the key, and find out what its harness offers."""
        with self.new_connections():
            self._gate = preflight(self.bench, stateful=self._stateful, writing=self._writing)
        if self._writing:
            self.bench.inspect_harness()
            if self.bench.offered & {Need.PASSWORD, Need.EMAILS}:  # else no login can be right
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
        """What the liveness gate misses."""
        with self.new_connections():
            return self._gate.missing(self.bench, self.rules, stateful=self._stateful, writing=self._writing)

    def before_attempt(self) -> None:
        """See that a started target runs, and let limits on guessing pass.

        What earlier checks guessed is not held against the next one.
        """
        self.liveness.start_again_if_it_has_ended()
        self.bench.let_login_limits_pass()

    def new_connections(self) -> AbstractContextManager[None]:
        """Send each request of the block over a connection of its own."""
        return self.bench.transport.new_connections()

    def look_again(self, violation: Violation, *, exhausting: bool) -> Finding:
        """See whether the target still answers, and whether it refuses all logins at the moment."""
        if (stopped := self.stopped_by()) is not None:
            return stopped
        if (answered := self.liveness.answered_when_sent_again(violation)) is not None:
            return Finding(violation, answered)
        locked = None if exhausting else self.bench.lockout.locked_operation(violation.exchanges)
        if locked is None:
            return Finding(violation)
        others = self.bench.lockout.shuts_out_others(locked)
        if others is None:
            return Finding(violation, _LOCKED_OUT)
        return Finding(others, rule=LIMIT_RULES[locked])

    def stopped_by(self) -> Finding | None:
        """The violation of an attempt that has stopped the target."""
        return self.liveness.stopped_by_attempt()

    def remarks(self) -> list[str]:
        """What the user has to know of the time that the target took, and of its ends."""
        if self._bench is None:
            return []
        late = self.bench.transport.availability.late_requests()
        return [*([] if late is None else [late]), *self.liveness.remarks()]

    def clean_up(self) -> list[str]:
        """Remove the customers that were created, unless the target ends with the run."""
        if self._disposable:
            return []
        self.bench.transport.begin_anew()
        journal = self.bench.journal
        apis = {api.key.name: api for api in (self.bench.api, self.bench.other) if api is not None}
        try:
            left = clean_up(journal, apis, self.bench.harness).left
        except KeyboardInterrupt:
            left = {entry.customer_id: "the removal was broken off" for entry in journal.left()}
        if not left:
            return []
        folder = journal.path.parent if journal.path else ""
        why = next(iter(left.values()))
        tell = f"{len(left)} customers could not be removed ({why})"
        return [f"{tell}; `partially-conformance cleanup {folder}` tries again"]
