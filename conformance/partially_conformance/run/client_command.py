"""A whole check of a command: run it, judge what it sent, decide."""

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
from partially_conformance.clients.recorded.judgements import CHECKS, UPSET_RULES, Broken, Judgement, Run
from partially_conformance.clients.recorded.presentation import Showing
from partially_conformance.clients.recorded.session import BASE_PATH, Finished, Session, session
from partially_conformance.clients.recorded.treatment import undisturbed
from partially_conformance.clients.recorded.upsets import Upset, places
from partially_conformance.clients.requests.validation import RequestValidator
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.results import Report, RuleResult, Status
from partially_conformance.run.engine import BROKEN_OFF
from partially_conformance.run.known_failures import KnownFailures, apply
from partially_conformance.run.verdict import decide
from partially_conformance.stories.story import failure_with_story
from partially_conformance.target.launch import StartError
from partially_conformance.target.target import Target
from partially_conformance.traffic.check_end import CheckEnd, Violation
from partially_conformance.traffic.records import Failure
from partially_conformance.traffic.redaction import Secrets
from partially_spec import load

NEEDS_UPSET = "only an upset shows it: see --upset"
"""Why a rule is not tested that the undisturbed run cannot show."""

Tell = Callable[[str], None]
"""Is told, in one line, how far things are."""


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What a check of a client is asked to do. Every value has been found sound.

    Attributes:
        command: With its placeholders.
        rules: Rules that traffic can show, at least one, in the order of the catalogue.
        upsets: What is to go wrong after the undisturbed run.
        limit: How long one run of the command may take. In seconds.
        seed: What the made-up customers follow from.
        known_failures: The failures that are forgiven, if a list was given.
        strict: A broken should rule, or a rule not tested, counts as a broken must rule.
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
class _Course:
    """How things went so far.

    Attributes:
        base_url: Where the API was for the client.
        stopped: Why nothing more was tried.
    """

    base_url: str = ""
    runs: list[Run] = field(default_factory=list)
    showing: Showing | None = None
    stopped: str | None = None
    interrupted: bool = False


def check_client(options: ClientOptions, progress: Tell) -> Report:
    """Run the command and judge what it sent. Whatever goes wrong with it is in the report, not raised.

    Raises:
        ConfigurationError: The command cannot be run, or the folder of the recording is still needed.
    """
    begun = time.monotonic()
    refuse_leftovers(options.record)
    hidden = Secrets()
    course = _Course()
    with ExitStack() as stack:
        try:
            most = _most_runs(options.upsets)
            running = stack.enter_context(session(runs=most, seed=options.seed, hidden=hidden))
            course.base_url = running.address + BASE_PATH
            course.showing = Showing(hidden, running.address, running.elsewhere)
            folder = _run_folder(options, hidden, course.base_url)
            stack.callback(lambda: folder.close(complete=True))
            for finished in _runs(running, options, course, progress):
                _keep(folder, course.showing, finished)
        except (StartError, CheckEnd) as error:
            course.stopped = str(error)
        except KeyboardInterrupt:
            course.stopped, course.interrupted = BROKEN_OFF, True
    return _report(options, course, hidden, time.monotonic() - begun)


def _most_runs(upsets: Sequence[Upset]) -> int:
    """How often the command is run at most: each run upsets something that no run before did."""
    operations = RequestValidator(load(), BASE_PATH).operations
    return 1 + sum(len(places(upset, operations)) for upset in upsets)


def _run_folder(options: ClientOptions, hidden: Secrets, base_url: str) -> RunFolder:
    target = Target(name="client", base_url=base_url, api_key="")
    return RunFolder(options.record, hidden, target, disposable=True)


def _runs(running: Session, options: ClientOptions, course: _Course, progress: Tell) -> Iterator[Finished]:
    progress("undisturbed")
    first = running.run(options.command, options.limit, None, undisturbed)
    yield _taken(course, first)
    course.stopped = first.failure or _trouble_at_first(first.run)
    if course.stopped is not None:
        return
    for upset in options.upsets:
        progress(f"upset {upset.name}: {upset.says}")
        for finished in running.upset_runs(options.command, options.limit, upset, first.run):
            yield _taken(course, finished)
            if finished.failure is not None:
                course.stopped = finished.failure
                return
            if finished.run.ended.broken_off:
                course.stopped = f"upset {upset.name}: {finished.run.ended}"
                return


def _taken(course: _Course, finished: Finished) -> Finished:
    course.runs.append(finished.run)
    course.interrupted = finished.run.ended.interrupted
    return finished


def _trouble_at_first(run: Run) -> str | None:
    """Why the undisturbed run says too little, if it does."""
    if run.ended.interrupted:
        return BROKEN_OFF
    if not run.steps:
        sent = "the client sent nothing to the address it was given"
        return sent if run.ended.well else f"{run.ended}; {sent}"
    if not run.ended.well:
        return str(run.ended)
    return None


def _keep(folder: RunFolder, showing: Showing, finished: Finished) -> None:
    if not folder.records:
        return
    for recorded in finished.recorded:
        upset = finished.run.upset
        folder.record(
            showing.exchange(recorded, finished.run.key),
            run=upset.name if upset else "undisturbed",
            upset=recorded.upset,
        )


def _report(options: ClientOptions, course: _Course, hidden: Secrets, seconds: float) -> Report:
    results: Sequence[RuleResult] = [_result(rule, options, course, hidden) for rule in options.rules]
    errors: Sequence[str] = ()
    if options.known_failures is not None:
        results, errors = apply(results, options.known_failures, datetime.now(tz=UTC).date())
    decision = decide(
        results,
        {},
        stopped=course.stopped,
        gate=_missing(course.runs),
        list_errors=errors,
        strict=options.strict,
    )
    return Report(
        suite_version=importlib.metadata.version("partially-conformance"),
        spec_version=load().version,
        target_name=_name(options.command),
        base_url=course.base_url,
        seed=options.seed,
        effort=Effort.STANDARD,
        seconds=round(seconds, 3),
        requests=sum(len(run.steps) for run in course.runs),
        verdict=decision.verdict,
        exit_code=decision.exit_code,
        reason=decision.reason,
        rules=tuple(results),
        errors=tuple(errors),
        interrupted=course.interrupted,
        coverage=_coverage(course.runs),
    )


def _result(rule: Rule, options: ClientOptions, course: _Course, hidden: Secrets) -> RuleResult:
    shows = UPSET_RULES.get(rule.id)
    if shows is not None and not any(map(shows, options.upsets)):
        return RuleResult(rule, Status.NOT_TESTED, NEEDS_UPSET)
    judgement = CHECKS[rule.id](course.runs) if course.runs else Judgement()
    if judgement.broken:
        assert course.showing is not None
        failures = tuple(_told(broken, course.showing, hidden) for broken in judgement.broken)
        reason = f"expected {failures[0].expected}; observed {failures[0].observed}"
        return RuleResult(rule, Status.FAILED, reason, judgement.seen, failures)
    if not judgement.seen:
        return RuleResult(rule, Status.NOT_TESTED, course.stopped or judgement.unseen)
    return RuleResult(rule, Status.PASSED, None, judgement.seen)


def _told(broken: Broken, showing: Showing, hidden: Secrets) -> Failure:
    exchanges = [showing.exchange(recorded, key) for recorded, key in broken.shown]
    return failure_with_story(Violation(broken.expected, broken.observed, exchanges), exchanges, hidden)


def _name(command: Sequence[str]) -> str:
    """What to call a client: its program and script. Further arguments may be secret."""
    files = [word for word in command[1:2] if Path(word).is_file()]
    return " ".join(Path(word).name for word in (command[0], *files))


def _missing(runs: Sequence[Run]) -> str | None:
    """What must have been seen before a client may conform: a request that had success."""
    for run in runs[:1]:
        for step in run.steps:
            response = step.recorded.response
            if step.operation is not None and response is not None and 200 <= response.status < 300:
                return None
    return "no request of the client was answered with a success"


def _coverage(runs: Sequence[Run]) -> dict[str, int]:
    """How many requests asked for each operation of the document."""
    counts = Counter(step.operation.id for run in runs for step in run.steps if step.operation is not None)
    return {operation.id: counts[operation.id] for operation in RequestValidator(load()).operations}
