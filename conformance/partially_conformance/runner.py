"""A whole run: start the target, open the gate, check the rules, clean up, decide."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from partially_conformance.attempt import Kind
from partially_conformance.bench import Bench, bench_for
from partially_conformance.catalogue import Rule
from partially_conformance.cleanup import clean_up
from partially_conformance.configuration import ConfigurationError
from partially_conformance.engine import Findings, ProgressLike, run_checks
from partially_conformance.exit_codes import EXIT_NO_VERDICT
from partially_conformance.gate import NoVerdict, preflight
from partially_conformance.journal import Journal
from partially_conformance.keeper import Keeper, refuse_leftovers
from partially_conformance.known_failures import apply
from partially_conformance.launch import StartError, embedded_reference, started
from partially_conformance.options import Profile, RunOptions
from partially_conformance.outcome import CheckEnd
from partially_conformance.redaction import Secrets
from partially_conformance.results import Report, RuleResult, Status, Verdict
from partially_conformance.suite import all_checks
from partially_conformance.target import Target
from partially_conformance.verdict import Decision, decide
from partially_spec import load

NO_CHECK = "there is no check for it"
"""Why a rule that the suite does not check at all is not tested."""

_BROKEN_OFF = "the run was broken off"


def rules_in_scope(options: RunOptions) -> tuple[Rule, ...]:
    """The rules that were asked for and that the profile and `--read-only` leave something to check of.

    Those that have no check at all are among them: that they are not tested is for the report to say.

    Raises:
        ConfigurationError: None is left.
    """
    checks = [found for found, _ in all_checks()]
    possible = {found.rule for found in checks if options.allow(found)}
    impossible = {found.rule for found in checks} - possible
    rules = tuple(rule for rule in options.rules if rule.id not in impossible)
    if not rules:
        limits = ["--profile shape"] * (options.profile is Profile.SHAPE) + [
            "--read-only"
        ] * options.read_only
        raise ConfigurationError(
            f"the selection matches no rule that {' and '.join(limits)}"
            f" leave{'s' if len(limits) == 1 else ''} something to check of"
        )
    return rules


def run(options: RunOptions, progress: ProgressLike) -> Report:
    """Check a target. Whatever goes wrong with it is in the report, not raised.

    Customers that were made are removed at the end, also after a failure and after Ctrl-C. What could
    not be removed is in a journal that the report names.

    Raises:
        ConfigurationError: Nothing is left to check, the folder of the recording is still needed, or the
            suite's mail server cannot listen where it was told to.
    """
    begun = time.monotonic()
    rules = rules_in_scope(options)
    refuse_leftovers(options.record)
    with ExitStack() as stack:
        try:
            if options.target is None:
                target = stack.enter_context(embedded_reference())
            else:
                target = options.target
                stack.enter_context(started(target))
        except StartError as error:
            return _without_verdict(options, rules, str(error), begun)
        except KeyboardInterrupt:
            return replace(_without_verdict(options, rules, _BROKEN_OFF, begun), interrupted=True)
        return _run_on(target, rules, options, progress, begun)


def _run_on(
    target: Target, rules: Sequence[Rule], options: RunOptions, progress: ProgressLike, begun: float
) -> Report:
    hidden = Secrets()
    disposable = options.disposable or options.target is None
    keeper = Keeper(options.record, hidden, target, disposable=disposable)
    stateful = options.profile is Profile.FULL
    writing = stateful and not options.read_only
    findings, stopped, missing, warnings = Findings(), None, None, list[str]()
    with ExitStack() as stack:
        stack.callback(lambda: keeper.close(complete=not warnings))
        bench = stack.enter_context(
            bench_for(
                target,
                seed=options.seed,
                effort=options.effort,
                journal=keeper.journal,
                on_exchange=keeper.keep if keeper.records else None,
                hidden=hidden,
            )
        )
        try:
            gate = preflight(bench, stateful=stateful, writing=writing)
            if writing:
                bench.look_at_harness()
            findings = run_checks(bench, rules, progress, options.allow)
            stopped = findings.gone or (_BROKEN_OFF if findings.interrupted else None)
            missing = None if stopped else gate.missing(bench, rules, stateful=stateful, writing=writing)
        except (NoVerdict, CheckEnd) as reason:
            stopped = str(reason)
        except KeyboardInterrupt:
            stopped = _BROKEN_OFF
        finally:
            if not disposable:
                warnings += _clean(bench, keeper.journal)
        results, kinds = _with_the_rest(findings, rules, stopped)
        errors: Sequence[str] = ()
        if options.known_failures is not None:
            results, errors = apply(results, options.known_failures, datetime.now(tz=UTC).date())
        decision = decide(
            results,
            kinds,
            stopped=stopped,
            harness_faults=bench.harness_faults,
            gate=missing,
            list_errors=errors,
            strict=options.strict,
        )
        report = _report(options, target, results, decision, begun, bench, (*errors, *warnings))
        return replace(report, interrupted=stopped == _BROKEN_OFF)


def _with_the_rest(
    findings: Findings, rules: Sequence[Rule], stopped: str | None
) -> tuple[Sequence[RuleResult], dict[str, Kind]]:
    """What was found, and for the rules of which nothing was, why."""
    results, kinds = list(findings.results), dict(findings.kinds)
    checked = {found.rule for found, _ in all_checks()}
    for rule in rules:
        if rule.id not in kinds:
            unchecked = rule.id not in checked
            results.append(RuleResult(rule, Status.NOT_TESTED, NO_CHECK if unchecked else stopped))
            kinds[rule.id] = Kind.NOT_OBSERVABLE if unchecked else Kind.BLOCKED
    return results, kinds


def _clean(bench: Bench, journal: Journal) -> list[str]:
    """Remove what was made; one line for the user if something is left."""
    apis = {api.key.name: api for api in (bench.api, bench.other) if api is not None}
    try:
        left = clean_up(journal, apis, bench.harness).left
    except KeyboardInterrupt:
        left = {customer_id: "the removal was broken off" for customer_id, _, _ in journal.left()}
    if not left:
        return []
    folder = journal.path.parent if journal.path else ""
    why = next(iter(left.values()))
    tell = f"{len(left)} customers could not be removed ({why})"
    return [f"{tell}; `partially-conformance cleanup {folder}` tries again"]


def _without_verdict(options: RunOptions, rules: Sequence[Rule], reason: str, begun: float) -> Report:
    results = [RuleResult(rule, Status.NOT_TESTED, reason) for rule in rules]
    decision = Decision(Verdict.NO_VERDICT, EXIT_NO_VERDICT, reason)
    return _report(options, options.target, results, decision, begun)


def _report(
    options: RunOptions,
    target: Target | None,
    results: Sequence[RuleResult],
    decision: Decision,
    begun: float,
    bench: Bench | None = None,
    errors: Sequence[str] = (),
) -> Report:
    order = {rule.id: number for number, rule in enumerate(options.rules)}
    return Report(
        suite_version=importlib.metadata.version("partially-conformance"),
        spec_version=load().version,
        target_name=target.name if target else "reference",
        base_url=target.base_url if target else "",
        seed=options.seed,
        effort=options.effort,
        seconds=round(time.monotonic() - begun, 3),
        requests=bench.recorder.api_requests if bench else 0,
        verdict=decision.verdict,
        exit_code=decision.exit_code,
        reason=decision.reason,
        rules=tuple(sorted(results, key=lambda result: order[result.rule.id])),
        choices=bench.choices.observed() if bench else (),
        errors=tuple(errors),
    )
