"""A whole run: start the target, open the gate, check the rules, clean up, decide."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from partially_conformance.attempt import Kind
from partially_conformance.bench import Bench, bench_for
from partially_conformance.catalogue import Rule
from partially_conformance.cleanup import clean_up
from partially_conformance.engine import Findings, ProgressLike, run_checks
from partially_conformance.exchange import Exchange
from partially_conformance.exit_codes import EXIT_NO_VERDICT
from partially_conformance.gate import Gate, NoVerdict, preflight
from partially_conformance.journal import FILE_NAME, Journal
from partially_conformance.known_failures import apply
from partially_conformance.launch import StartError, embedded_reference, started
from partially_conformance.options import Profile, RunOptions
from partially_conformance.redaction import Secrets
from partially_conformance.results import Report, RuleResult, Status, Verdict
from partially_conformance.story import record
from partially_conformance.suite import all_checks
from partially_conformance.target import Target
from partially_conformance.verdict import Decision, decide
from partially_spec import load

RECORDING = "exchanges.jsonl"
"""The file in the folder of `--record` that holds every exchange, one a line."""


def rules_in_scope(options: RunOptions) -> tuple[Rule, ...]:
    """The rules that were asked for and that the profile and `--read-only` leave something to check of."""
    checked = {found.rule for found, _ in all_checks() if options.allow(found)}
    return tuple(rule for rule in options.rules if rule.id in checked)


def run(options: RunOptions, progress: ProgressLike) -> Report:
    """Check a target. Whatever goes wrong with it is in the report, not raised.

    Customers that were made are removed at the end, also after a failure and after Ctrl-C. What could
    not be removed is in a journal that the report names.
    """
    begun = time.monotonic()
    rules = rules_in_scope(options)
    with ExitStack() as stack:
        try:
            if options.target is None:
                target = stack.enter_context(embedded_reference())
            else:
                target = options.target
                stack.enter_context(started(target))
        except StartError as error:
            return _without_verdict(options, options.target, rules, str(error), begun)
        except KeyboardInterrupt:
            return _without_verdict(options, options.target, rules, "the run was broken off", begun)
        return _run_on(target, rules, options, progress, begun)


def _run_on(
    target: Target, rules: Sequence[Rule], options: RunOptions, progress: ProgressLike, begun: float
) -> Report:
    hidden = Secrets()
    keeper = _Keeper(options.record, hidden)
    journal = Journal(keeper.folder / FILE_NAME, target.base_url, target.harness_url)
    stateful, writing = options.profile is Profile.FULL, not options.read_only
    findings, gate, stopped, warnings = Findings(), Gate(), None, []
    with bench_for(
        target,
        seed=options.seed,
        effort=options.effort,
        journal=journal,
        on_exchange=keeper.keep if options.record else None,
        hidden=hidden,
    ) as bench:
        try:
            gate = preflight(bench, stateful=stateful, writing=writing and stateful)
            if stateful and writing:
                bench.look_at_harness()
            findings = run_checks(bench, rules, progress, options.allow)
            stopped = findings.gone or ("the run was broken off" if findings.interrupted else None)
        except NoVerdict as reason:
            stopped = str(reason)
        except KeyboardInterrupt:
            stopped = "the run was broken off"
        finally:
            if options.target is not None:
                warnings = _clean(bench, journal, stopped)
            journal.close()
            keeper.close(complete=not warnings)
        missing = gate.missing(bench, rules, stateful=stateful, writing=writing and stateful)
        results = findings.results or [RuleResult(rule, Status.NOT_TESTED, stopped) for rule in rules]
        errors: Sequence[str] = ()
        if options.known_failures is not None:
            results, errors = apply(results, options.known_failures, datetime.now(tz=UTC).date())
        decision = decide(
            results,
            findings.kinds or dict.fromkeys((rule.id for rule in rules), Kind.BLOCKED),
            stopped=stopped,
            harness_faults=bench.harness_faults,
            gate=missing,
            list_errors=errors,
            strict=options.strict,
        )
        return _report(options, target, results, decision, begun, bench, (*errors, *warnings))


def _clean(bench: Bench, journal: Journal, stopped: str | None) -> list[str]:
    """Remove what was made; one line for the user if something is left."""
    apis = {api.key.name: api for api in (bench.api, bench.other) if api is not None}
    cleaned = clean_up(journal, apis, bench.harness)
    if not cleaned.left:
        return []
    why = next(iter(cleaned.left.values()))
    folder = journal.path.parent if journal.path else ""
    return [
        f"{len(cleaned.left)} customers could not be removed ({why}); "
        f"`partially-conformance cleanup {folder}` tries again" + (f" ({stopped})" if stopped else "")
    ]


class _Keeper:
    """The folder of a run: its journal, and a recording if one was asked for."""

    def __init__(self, folder: Path | None, hidden: Secrets) -> None:
        self._hidden = hidden
        self._lock = threading.Lock()
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="partially-conformance-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] | None = (
            None if folder is None else (folder / RECORDING).open("w", encoding="utf-8")
        )

    def keep(self, exchange: Exchange) -> None:
        if self._file is not None:
            with self._lock:
                self._file.write(
                    json.dumps(asdict(record(exchange, self._hidden)), ensure_ascii=False) + "\n"
                )

    def close(self, *, complete: bool) -> None:
        """Finish. A folder that nobody asked for stays only if its journal is still needed."""
        if self._file is not None:
            self._file.close()
        if self._temporary and complete:
            shutil.rmtree(self.folder)


def _without_verdict(
    options: RunOptions, target: Target | None, rules: Sequence[Rule], reason: str, begun: float
) -> Report:
    results = [RuleResult(rule, Status.NOT_TESTED, reason) for rule in rules]
    return _report(options, target, results, Decision(Verdict.NO_VERDICT, EXIT_NO_VERDICT, reason), begun)


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
