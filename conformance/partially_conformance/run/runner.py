"""A whole run: pass the gate, run the checks, clean up, decide on the verdict."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from partially_conformance.bench.run_folder import RunFolder, refuse_leftovers
from partially_conformance.rules.catalogue import CLIENT, Rule
from partially_conformance.rules.results import Report, RuleResult, Status
from partially_conformance.run.attempt import OutcomeKind
from partially_conformance.run.client_subject import ClientSubject
from partially_conformance.run.engine import INTERRUPTED, EngineResult, ProgressLike, run_checks
from partially_conformance.run.gate import NoVerdict
from partially_conformance.run.known_failures import apply
from partially_conformance.run.options import Profile, RunOptions
from partially_conformance.run.subject import Subject
from partially_conformance.run.target_subject import TargetSubject
from partially_conformance.run.verdict import decide
from partially_conformance.suite import all_checks
from partially_conformance.target.configuration import ConfigurationError
from partially_conformance.target.launch import StartError
from partially_conformance.traffic.check_end import CheckEnd
from partially_conformance.traffic.redaction import Secrets
from partially_spec import load

NO_CHECK = "the suite has no check for it"
"""Why a rule without a check is not tested."""


def run(options: RunOptions, progress: ProgressLike) -> Report:
    """Check a target, a client, or both. Trouble with them is in the report, not raised.

    With rules about clients alone no target is started. The customers that the run created are removed at the
    end, also after a failure and after Ctrl-C. If some could not be removed, the report names their journal.

    Args:
        options: The options of the run.
        progress: Shows the progress of the run.

    Raises:
        ConfigurationError: No selected rule can be checked with these options, the folder of the recording
            holds the journal of an earlier run, the client cannot be used, or the mail server of the suite
            cannot listen at its address.
    """
    begun = time.monotonic()
    rules = rules_in_scope(options)
    refuse_leftovers(options.record)
    subjects = _subjects(rules, options)
    with ExitStack() as stack:
        if (trouble := _launch(subjects, stack)) is not None:
            endings = [_unexamined(subject, trouble) for subject in subjects]
        else:
            secrets = Secrets()
            folder = subjects[0].folder(secrets)
            stack.callback(lambda: folder.close(complete=not any(one.warnings for one in endings)))
            endings = []
            for subject in subjects:
                interrupted = any(one.stopped == INTERRUPTED for one in endings)
                endings.append(
                    _unexamined(subject, INTERRUPTED)
                    if interrupted
                    else _examine(subject, folder, secrets, progress)
                )
        return _report(options, subjects, endings, time.monotonic() - begun)


def rules_in_scope(options: RunOptions) -> tuple[Rule, ...]:
    """The selected rules that the profile and `--read-only` allow to check.

    Rules without any check are included: the report says that they are not tested.

    Raises:
        ConfigurationError: No rule is left.
    """
    checks = [found for found, _ in all_checks()]
    possible = {found.rule for found in checks if options.allow(found)}
    impossible = {found.rule for found in checks} - possible
    rules = tuple(rule for rule in options.rules if rule.id not in impossible)
    if not rules:
        limits = ["--profile shape"] * (options.profile is Profile.SHAPE) + [
            "--read-only"
        ] * options.read_only
        raise ConfigurationError(f"no selected rule can be checked with {' and '.join(limits)}")
    return rules


@dataclass(frozen=True, slots=True)
class _Ending:
    """The end of the examination of a subject.

    Attributes:
        results: The results of its rules.
        kinds: The deciding kind of outcome of each rule, by the id of the rule.
        stopped: Why it ended early; None if it did not.
        missing: What the gate misses; None if nothing.
        warnings: Further lines for the user.
    """

    results: Sequence[RuleResult]
    kinds: Mapping[str, OutcomeKind]
    stopped: str | None = None
    missing: str | None = None
    warnings: Sequence[str] = field(default=())


def _subjects(rules: tuple[Rule, ...], options: RunOptions) -> list[Subject]:
    """The subjects that these rules are about: a target, a client, or one after the other."""
    of_clients = [rule for rule in rules if rule.area == CLIENT]
    of_targets = [rule for rule in rules if rule.area != CLIENT]
    subjects: list[Subject] = []
    if of_targets:
        subjects.append(TargetSubject(of_targets, options))
    if of_clients:
        subjects.append(ClientSubject(of_clients, options))
    return subjects


def _launch(subjects: Sequence[Subject], stack: ExitStack) -> str | None:
    """Start the subjects; the stack stops them. Returns why a subject did not start, None if all did."""
    try:
        for subject in subjects:
            stack.enter_context(subject.launched())
    except StartError as error:
        return str(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    return None


def _examine(subject: Subject, folder: RunFolder, secrets: Secrets, progress: ProgressLike) -> _Ending:
    engine_result, stopped, missing = EngineResult(), None, None
    with subject.opened(folder, secrets):
        try:
            subject.pass_gate()
            engine_result = run_checks(subject, progress)
            stopped = engine_result.gone or (INTERRUPTED if engine_result.interrupted else None)
            missing = None if stopped else subject.missing()
        except (NoVerdict, CheckEnd) as reason:
            stopped = str(reason)
        except KeyboardInterrupt:
            stopped = INTERRUPTED
        finally:
            warnings = subject.clean_up()
    return _ending(subject, engine_result, stopped, missing, warnings)


def _unexamined(subject: Subject, reason: str) -> _Ending:
    return _ending(subject, EngineResult(), reason)


def _ending(
    subject: Subject,
    engine_result: EngineResult,
    stopped: str | None,
    missing: str | None = None,
    warnings: Sequence[str] = (),
) -> _Ending:
    """The end of an examination. Rules without a result are not tested."""
    results, kinds = list(engine_result.results), dict(engine_result.kinds)
    checked = {found.rule for found, _ in all_checks()}
    for rule in subject.rules:
        if rule.id not in kinds:
            unchecked = rule.id not in checked
            results.append(RuleResult(rule, Status.NOT_TESTED, NO_CHECK if unchecked else stopped))
            kinds[rule.id] = OutcomeKind.NOT_OBSERVABLE if unchecked else OutcomeKind.BLOCKED
    return _Ending(results, kinds, stopped, missing, warnings)


def _report(
    options: RunOptions, subjects: Sequence[Subject], endings: Sequence[_Ending], seconds: float
) -> Report:
    """Decide on the verdict, and make the report. It has the name of the first subject."""
    results: Sequence[RuleResult] = [result for one in endings for result in one.results]
    errors: Sequence[str] = ()
    if options.known_failures is not None:
        results, errors = apply(results, options.known_failures, datetime.now(tz=UTC).date())
    decision = decide(
        results,
        {rule_id: kind for one in endings for rule_id, kind in one.kinds.items()},
        stopped=next((one.stopped for one in endings if one.stopped), None),
        harness_faults=[fault for one in subjects for fault in one.harness_faults],
        gate=next((one.missing for one in endings if one.missing), None),
        list_errors=errors,
        strict=options.strict,
    )
    order = {rule.id: number for number, rule in enumerate(options.rules)}
    return Report(
        suite_version=importlib.metadata.version("partially-conformance"),
        spec_version=load().version,
        target_name=subjects[0].name,
        base_url=subjects[0].base_url,
        seed=options.seed,
        effort=options.effort,
        seconds=round(seconds, 3),
        requests=sum(one.requests for one in subjects),
        verdict=decision.verdict,
        exit_code=decision.exit_code,
        reason=decision.reason,
        rules=tuple(sorted(results, key=lambda result: order[result.rule.id])),
        choices=tuple(choice for one in subjects for choice in one.choices),
        errors=(*errors, *(warning for one in endings for warning in one.warnings)),
        interrupted=any(one.stopped == INTERRUPTED for one in endings),
    )
