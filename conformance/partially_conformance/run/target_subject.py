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
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.redaction import Secrets

REVIVAL_LIMIT = 3.0
"""How long a target that did not answer is given to answer something else. In seconds."""

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
            with started(self._options.target):
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
            tag=self._options.tag,
            effort=self._options.effort,
            journal=folder.journal,
            on_exchange=(lambda exchange: self._record(exchange, folder)) if folder.records else None,
            hidden=secrets,
        ) as self._bench:
            yield

    def _record(self, exchange: Exchange, folder: RunFolder) -> None:
        folder.record(exchange, scope=self.bench.data.scope)

    def allows(self, check: Check) -> bool:
        """Whether the profile and `--read-only` leave room for a check."""
        return self._options.allow(check)

    def pass_gate(self) -> None:
        """See that the target is there and takes the key, and find out what its harness offers."""
        self.bench.data.begin("gate")
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
        self.bench.data.begin("gate at the end")
        return self._gate.missing(self.bench, self.rules, stateful=self._stateful, writing=self._writing)

    def before_attempt(self, scope: str) -> None:
        """Generate the values of this attempt, and let limits on guessing pass that earlier checks reached."""
        with self.bench.data.aside("login limits"):
            self.bench.let_login_limits_pass()
        self.bench.data.begin(scope)

    def doubt(self, violation: Violation, *, exhausting: bool) -> str | None:
        """Whether the target refuses all logins at the moment, or is not there any more."""
        if isinstance(violation, NoAnswer):
            self._see_that_it_lives(violation)
        if not exhausting and self.bench.lockout.is_locked_out(violation.exchanges):
            return _LOCKED_OUT
        return None

    def _see_that_it_lives(self, violation: NoAnswer) -> None:
        """Tell a target that dropped one request from one that is not there any more."""
        end = time.monotonic() + REVIVAL_LIMIT
        while time.monotonic() < end:
            try:
                if self.bench.api.list().exchange.response is not None:
                    return
            except Inconclusive:
                return  # a refusal to answer any more requests is an answer
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
            left = {entry.customer_id: "the removal was broken off" for entry in journal.left()}
        if not left:
            return []
        folder = journal.path.parent if journal.path else ""
        why = next(iter(left.values()))
        tell = f"{len(left)} customers could not be removed ({why})"
        return [f"{tell}; `partially-conformance cleanup {folder}` tries again"]
