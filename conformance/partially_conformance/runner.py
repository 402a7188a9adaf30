"""A whole run: start the target, open the gate, check the rules, clean up, decide."""

from __future__ import annotations

import importlib.metadata
import inspect
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from partially_conformance.attempt import Kind
from partially_conformance.bench import Bench, bench_for
from partially_conformance.catalogue import CLIENT, Need, Rule
from partially_conformance.cleanup import clean_up
from partially_conformance.clients.bench import examine_client
from partially_conformance.clients.driver import BASE_URL, KEY
from partially_conformance.clients.package import ClientPackage, load_client
from partially_conformance.configuration import ConfigurationError
from partially_conformance.engine import Findings, ProgressLike, run_checks
from partially_conformance.exchange import Key
from partially_conformance.exit_codes import EXIT_NO_VERDICT
from partially_conformance.gate import NoVerdict, preflight
from partially_conformance.journal import Journal
from partially_conformance.keeper import Keeper, refuse_leftovers
from partially_conformance.known_failures import apply
from partially_conformance.launch import StartError, embedded_reference, started
from partially_conformance.options import ClientChoice, Profile, RunOptions
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

_MANY_RULES = 40
"""With so many rules, checking the others takes longer than making up requests."""


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
    """Check a target, a client, or both. Whatever goes wrong with them is in the report, not raised.

    Rules about clients alone need no target, and none is started. Customers that were made are removed at
    the end, also after a failure and after Ctrl-C. What could not be removed is in a journal that the report
    names.

    Raises:
        ConfigurationError: Nothing is left to check, the folder of the recording is still needed, the
            client cannot be used, or the suite's mail server cannot listen where it was told to.
    """
    begun = time.monotonic()
    rules = rules_in_scope(options)
    refuse_leftovers(options.record)
    of_client = tuple(rule for rule in rules if rule.area == CLIENT)
    client = _client_part(of_client, options, progress)
    if client is not None and of_client == rules:
        return _run_client(client, options, begun)
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
        of_server = [rule for rule in rules if rule.area != CLIENT]
        return _run_on(target, of_server, options, progress, begun, client)


def _run_on(
    target: Target,
    rules: Sequence[Rule],
    options: RunOptions,
    progress: ProgressLike,
    begun: float,
    client: _ClientPart | None,
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
                if bench.offered & {Need.PASSWORD, Need.EMAILS}:  # else no login can be right
                    bench.stranger.look()
            if _makes_up_meanwhile(rules, options):
                bench.made_up.begin()
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
        ended = _Ended(
            *_with_the_rest(findings, rules, stopped), stopped, missing, bench.recorder.api_requests
        )
        if client is not None:
            hidden.add_key(Key(KEY, "API_KEY"))
            ended = ended.joined(client.examine(keeper) if stopped != _BROKEN_OFF else client.broken_off())
        decision, results, errors = _decided(ended, options, bench.harness_faults)
        report = _report(options, target, results, decision, begun, bench, (*errors, *warnings))
        return replace(report, interrupted=ended.stopped == _BROKEN_OFF, requests=ended.requests)


def _makes_up_meanwhile(rules: Sequence[Rule], options: RunOptions) -> bool:
    """Whether requests are to be made up, and there are enough other checks meanwhile."""
    wanted = {rule.id for rule in rules}
    return len(wanted) >= _MANY_RULES and any(
        found.rule in wanted and options.allow(found) and "made_up" in inspect.signature(function).parameters
        for found, function in all_checks()
    )


def _decided(
    ended: _Ended, options: RunOptions, harness_faults: Sequence[str] = ()
) -> tuple[Decision, Sequence[RuleResult], Sequence[str]]:
    """The decision, the results with what the list of known failures forgives, and what is wrong in it."""
    results: Sequence[RuleResult] = ended.results
    errors: Sequence[str] = ()
    if options.known_failures is not None:
        results, errors = apply(results, options.known_failures, datetime.now(tz=UTC).date())
    decision = decide(
        results,
        ended.kinds,
        stopped=ended.stopped,
        harness_faults=harness_faults,
        gate=ended.missing,
        list_errors=errors,
        strict=options.strict,
    )
    return decision, results, errors


@dataclass(frozen=True, slots=True)
class _Ended:
    """How the checks of a server, of a client, or of both ended."""

    results: Sequence[RuleResult]
    kinds: Mapping[str, Kind]
    stopped: str | None
    missing: str | None
    requests: int

    def joined(self, other: _Ended) -> _Ended:
        return _Ended(
            (*self.results, *other.results),
            {**self.kinds, **other.kinds},
            self.stopped or other.stopped,
            self.missing or other.missing,
            self.requests + other.requests,
        )


@dataclass(frozen=True, slots=True)
class _ClientPart:
    """The part of a run that is about a client."""

    package: ClientPackage
    rules: tuple[Rule, ...]
    options: RunOptions
    progress: ProgressLike

    def examine(self, keeper: Keeper) -> _Ended:
        try:
            found = examine_client(
                self.package,
                self.rules,
                self.progress,
                seed=self.options.seed,
                effort=self.options.effort,
                on_exchange=keeper.keep if keeper.records else None,
            )
        except KeyboardInterrupt:
            return self.broken_off()
        stopped = _BROKEN_OFF if found.findings.interrupted else None
        results, kinds = _with_the_rest(found.findings, self.rules, stopped)
        return _Ended(results, kinds, stopped, found.missing, found.requests)

    def broken_off(self) -> _Ended:
        return _Ended(*_with_the_rest(Findings(), self.rules, _BROKEN_OFF), _BROKEN_OFF, None, 0)


def _client_part(rules: tuple[Rule, ...], options: RunOptions, progress: ProgressLike) -> _ClientPart | None:
    if not rules:
        return None
    chosen = options.client or ClientChoice()
    return _ClientPart(load_client(chosen.package, chosen.spec), rules, options, progress)


def _run_client(client: _ClientPart, options: RunOptions, begun: float) -> Report:
    """Check a client, and no server: it is answered by the suite itself, at an address that is not there."""
    target = Target(name=client.package.name, base_url=BASE_URL, api_key=KEY)
    hidden = Secrets()
    hidden.add_key(Key(KEY, "API_KEY"))
    keeper = Keeper(options.record, hidden, target, disposable=True)
    try:
        ended = client.examine(keeper)
    finally:
        keeper.close(complete=True)
    decision, results, errors = _decided(ended, options)
    report = _report(options, target, results, decision, begun, errors=errors)
    return replace(report, interrupted=ended.stopped == _BROKEN_OFF, requests=ended.requests)


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
        left = {entry.customer_id: "the removal was broken off" for entry in journal.left()}
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
