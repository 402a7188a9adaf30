"""Checking a client that is run as a command: run it, check what it sent, decide."""

from __future__ import annotations

import importlib.metadata
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from partially_conformance.bench.run_folder import RunFolder, refuse_leftovers
from partially_conformance.clients.recorded.presentation import Presenter
from partially_conformance.clients.recorded.proxy_action import pass_through
from partially_conformance.clients.recorded.session import BASE_PATH, FinishedRun, Session, session
from partially_conformance.clients.recorded.traffic_checks import (
    NEEDED_UPSETS,
    TRAFFIC_CHECKS,
    Run,
    TrafficResult,
    TrafficViolation,
)
from partially_conformance.clients.recorded.upsets import Upset, groups
from partially_conformance.clients.requests.validation import RequestValidator
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.results import Report, RuleResult, Status
from partially_conformance.run.engine import INTERRUPTED
from partially_conformance.run.known_failures import KnownFailures, apply
from partially_conformance.run.verdict import decide
from partially_conformance.target.launch import StartError
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import CheckEnd, Violation
from partially_conformance.traffic.records import Failure
from partially_conformance.traffic.redaction import Secrets
from partially_conformance.traffic.story import failure_with_story
from partially_spec import load

NEEDS_UPSET = "it needs an upset: give --upset"
"""Why a rule is not tested that only an upset can show."""

ShowProgress = Callable[[str], None]
"""Shows one line that says what is being done."""


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What a check of a client is asked to do. Every value has been validated.

    Attributes:
        command: The program and its arguments, with placeholders.
        rules: Rules that traffic can show, at least one, in the order of the catalogue.
        upsets: The upsets to apply, in runs after the undisturbed one.
        limit: Seconds that one run of the command may take.
        seed: The seed of the generated customers.
        known_failures: The rules that may fail; None if no list was given.
        strict: Whether a failed should rule, or a rule that is not tested, counts as a failed must rule.
        record: A folder to which every exchange is written.
    """

    command: tuple[str, ...]
    rules: tuple[Rule, ...]
    upsets: tuple[Upset, ...]
    limit: float
    seed: int = 0
    known_failures: KnownFailures | None = None
    strict: bool = False
    record: Path | None = None


@dataclass
class _State:
    """The runs of the command so far.

    Attributes:
        base_url: The address of the API that the client was given.
        runs: The finished runs, the undisturbed one first.
        presenter: Turns recorded requests into exchanges; None before the proxy runs.
        stopped: Why there are no further runs; None if all runs took place.
        interrupted: Whether the user interrupted the run.
    """

    base_url: str = ""
    runs: list[Run] = field(default_factory=list)
    presenter: Presenter | None = None
    stopped: str | None = None
    interrupted: bool = False


def check_client(options: ClientOptions, show_progress: ShowProgress) -> Report:
    """Run the command and check what it sent. Trouble with the command is in the report, not raised.

    Raises:
        ConfigurationError: The command cannot be run, or the folder of the recording holds the journal of an
            earlier run that could not remove all its customers.
    """
    begun = time.monotonic()
    refuse_leftovers(options.record)
    hidden = Secrets()
    state = _State()
    with ExitStack() as stack:
        try:
            limit = _run_limit(options.upsets)
            running = stack.enter_context(session(runs=limit, seed=options.seed, hidden=hidden))
            state.base_url = running.address + BASE_PATH
            state.presenter = Presenter(hidden, running.address, running.elsewhere)
            folder = _run_folder(options, hidden, state.base_url)
            stack.callback(lambda: folder.close(complete=True))
            for finished in _runs(running, options, state, show_progress):
                _record(folder, state.presenter, finished)
        except (StartError, CheckEnd) as error:
            state.stopped = str(error)
        except KeyboardInterrupt:
            state.stopped, state.interrupted = INTERRUPTED, True
    return _report(options, state, hidden, time.monotonic() - begun)


def _run_limit(upsets: Sequence[Upset]) -> int:
    """How often the command is run at most: each run affects a group that no run before it affected."""
    operations = RequestValidator(load(), BASE_PATH).operations
    return 1 + sum(len(groups(upset, operations)) for upset in upsets)


def _run_folder(options: ClientOptions, hidden: Secrets, base_url: str) -> RunFolder:
    target = Target(name="client", base_url=base_url, api_key="")
    return RunFolder(options.record, hidden, target, disposable=True)


def _runs(
    running: Session, options: ClientOptions, state: _State, show_progress: ShowProgress
) -> Iterator[FinishedRun]:
    show_progress("undisturbed")
    first = running.run(options.command, options.limit, None, pass_through)
    yield _noted(state, first)
    state.stopped = first.failure or _why_not_enough(first.run)
    if state.stopped is not None:
        return
    for upset in options.upsets:
        show_progress(f"upset {upset.name}: {upset.description}")
        for finished in running.upset_runs(options.command, options.limit, upset, first.run):
            yield _noted(state, finished)
            if finished.failure is not None:
                state.stopped = finished.failure
                return
            if finished.run.ended.aborted:
                state.stopped = f"upset {upset.name}: {finished.run.ended}"
                return


def _noted(state: _State, finished: FinishedRun) -> FinishedRun:
    state.runs.append(finished.run)
    state.interrupted = finished.run.ended.interrupted
    return finished


def _why_not_enough(run: Run) -> str | None:
    """Why the undisturbed run is not enough for a verdict; None if it is."""
    if run.ended.interrupted:
        return INTERRUPTED
    if not run.steps:
        sent = "the client sent no request to the address it was given"
        return sent if run.ended.succeeded else f"{run.ended}; {sent}"
    if not run.ended.succeeded:
        return str(run.ended)
    return None


def _record(folder: RunFolder, presenter: Presenter, finished: FinishedRun) -> None:
    if not folder.records:
        return
    for recorded in finished.recorded:
        upset = finished.run.upset
        folder.record(
            presenter.exchange(recorded, finished.run.key),
            run=upset.name if upset else "undisturbed",
            upset=recorded.upset,
        )


def _report(options: ClientOptions, state: _State, hidden: Secrets, seconds: float) -> Report:
    results: Sequence[RuleResult] = [_result(rule, options, state, hidden) for rule in options.rules]
    errors: Sequence[str] = ()
    if options.known_failures is not None:
        results, errors = apply(results, options.known_failures, datetime.now(tz=UTC).date())
    decision = decide(
        results,
        {},
        stopped=state.stopped,
        gate=_missing(state.runs),
        list_errors=errors,
        strict=options.strict,
    )
    return Report(
        suite_version=importlib.metadata.version("partially-conformance"),
        spec_version=load().version,
        target_name=_name(options.command),
        base_url=state.base_url,
        seed=options.seed,
        effort=Effort.STANDARD,
        seconds=round(seconds, 3),
        requests=sum(len(run.steps) for run in state.runs),
        verdict=decision.verdict,
        exit_code=decision.exit_code,
        reason=decision.reason,
        rules=tuple(results),
        errors=tuple(errors),
        interrupted=state.interrupted,
        coverage=_coverage(state.runs),
    )


def _result(rule: Rule, options: ClientOptions, state: _State, hidden: Secrets) -> RuleResult:
    shows = NEEDED_UPSETS.get(rule.id)
    if shows is not None and not any(map(shows, options.upsets)):
        return RuleResult(rule, Status.NOT_TESTED, NEEDS_UPSET)
    result = TRAFFIC_CHECKS[rule.id](state.runs) if state.runs else TrafficResult()
    if result.violations:
        assert state.presenter is not None
        failures = tuple(_failure(violation, state.presenter, hidden) for violation in result.violations)
        reason = f"expected {failures[0].expected}; observed {failures[0].observed}"
        return RuleResult(rule, Status.FAILED, reason, result.seen, failures)
    if not result.seen:
        return RuleResult(rule, Status.NOT_TESTED, state.stopped or result.why_unseen)
    return RuleResult(rule, Status.PASSED, None, result.seen)


def _failure(violation: TrafficViolation, presenter: Presenter, hidden: Secrets) -> Failure:
    exchanges = [presenter.exchange(recorded, key) for recorded, key in violation.shown]
    return failure_with_story(Violation(violation.expected, violation.observed, exchanges), exchanges, hidden)


def _name(command: Sequence[str]) -> str:
    """The name of a client in the report: its program and its script. Other arguments may be secret."""
    files = [word for word in command[1:2] if Path(word).is_file()]
    return " ".join(Path(word).name for word in (command[0], *files))


def _missing(runs: Sequence[Run]) -> str | None:
    """What the gate misses: a request that got a 2xx response. None if there was one."""
    for run in runs[:1]:
        for step in run.steps:
            response = step.recorded.response
            if step.operation is not None and response is not None and 200 <= response.status < 300:
                return None
    return "no request of the client got a 2xx response"


def _coverage(runs: Sequence[Run]) -> dict[str, int]:
    """How many requests were sent for each operation of the document."""
    counts = Counter(step.operation.id for run in runs for step in run.steps if step.operation is not None)
    return {operation.id: counts[operation.id] for operation in RequestValidator(load()).operations}
