"""Running the checks with pytest: which ones, how often, and what becomes of each."""

from __future__ import annotations

import importlib.util
import os
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import pytest

from partially_conformance.api import Api
from partially_conformance.bench import Bench
from partially_conformance.catalogue import Rule
from partially_conformance.check import Check, check_of
from partially_conformance.choices import Choices
from partially_conformance.contract import Contract
from partially_conformance.data import Data
from partially_conformance.fuzz import Fuzz
from partially_conformance.given import Given
from partially_conformance.harness import Harness
from partially_conformance.outcome import (
    Blocked,
    CheckEnd,
    HarnessFault,
    NoAnswer,
    NotObservable,
    TargetGone,
    Violation,
)
from partially_conformance.results import Failure, RuleResult, Status
from partially_conformance.story import tell
from partially_conformance.suite import MODULES

ATTEMPTS = 3
"""How often a check runs, on fresh data, before its failure is believed."""

REVIVAL_LIMIT = 3.0
"""How long a target that did not answer is given to answer something else. In seconds."""


class ProgressLike(Protocol):
    """What is told how far a run is."""

    def start(self, total_rules: int) -> None: ...
    def rule(self, rule: Rule, index: int) -> None: ...
    def finished(self, result: RuleResult) -> None: ...
    def stop(self) -> None: ...


class Kind(StrEnum):
    """What became of one check, in the order in which it decides about its rule."""

    FAILED = "failed"
    SUITE_FAULT = "suite_fault"
    UNSTEADY = "unsteady"
    HARNESS_FAULT = "harness_fault"
    BLOCKED = "blocked"
    NOT_OBSERVABLE = "not_observable"
    PASSED = "passed"


_STATUS = {
    Kind.FAILED: Status.FAILED,
    Kind.SUITE_FAULT: Status.INCONCLUSIVE,
    Kind.UNSTEADY: Status.INCONCLUSIVE,
    Kind.HARNESS_FAULT: Status.NOT_TESTED,
    Kind.BLOCKED: Status.NOT_TESTED,
    Kind.NOT_OBSERVABLE: Status.NOT_TESTED,
    Kind.PASSED: Status.PASSED,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check."""

    kind: Kind
    reason: str | None = None
    failure: Failure | None = None
    exchanges: int = 0


@dataclass
class Findings:
    """What became of all checks.

    Attributes:
        gone: Why the target counts as gone, if it does.
        interrupted: Whether the run was broken off by the user.
    """

    results: list[RuleResult] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    gone: str | None = None
    interrupted: bool = False


class Engine:
    """A pytest plugin that runs the checks of some rules on a bench."""

    def __init__(self, bench: Bench, rules: Sequence[Rule], progress: ProgressLike) -> None:
        self._bench = bench
        self._rules = {rule.id: rule for rule in rules}
        self._progress = progress
        self._outcomes: dict[str, list[Outcome]] = {}
        self._pending: dict[str, int] = {}
        self.findings = Findings()

    # -- what a check may ask for, by the name of its parameter ------------------

    @pytest.fixture(scope="session")
    def api(self) -> Api:
        return self._bench.api

    @pytest.fixture(scope="session")
    def other(self) -> Api | None:
        return self._bench.other

    @pytest.fixture(scope="session")
    def given(self) -> Given:
        return self._bench.given

    @pytest.fixture(scope="session")
    def harness(self) -> Harness | None:
        return self._bench.harness

    @pytest.fixture(scope="session")
    def data(self) -> Data:
        return self._bench.data

    @pytest.fixture(scope="session")
    def choices(self) -> Choices:
        return self._bench.choices

    @pytest.fixture(scope="session")
    def fuzz(self) -> Fuzz:
        return self._bench.fuzz

    @pytest.fixture(scope="session")
    def contract(self) -> Contract:
        return self._bench.api.contract

    @pytest.fixture(scope="session")
    def bench(self) -> Bench:
        return self._bench

    # -- pytest's hooks ------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Module | pytest.Class, name: str, obj: object) -> Any:
        """Collect the functions that are checks, whatever they are called."""
        found = check_of(obj)
        if found is None or getattr(obj, "__module__", None) != collector.obj.__name__:
            return []
        return pytest.Function.from_parent(collector, name=name)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the checks of the rules that were asked for, in the order of the catalogue."""
        order = {rule_id: place for place, rule_id in enumerate(self._rules)}
        items[:] = sorted((item for item in items if _check(item).rule in order), key=lambda i: order[_check(i).rule])
        for item in items:
            self._pending[_check(item).rule] = self._pending.get(_check(item).rule, 0) + 1
        self._progress.start(len(self._pending))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run one check as often as it takes, and note what became of it."""
        rule = self._rules[_check(pyfuncitem).rule]
        if rule.id not in self._outcomes:
            self._progress.rule(rule, len(self._outcomes) + 1)
        arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}  # noqa: SLF001
        before = self._bench.recorder.total
        try:
            outcome = self._outcome(rule, pyfuncitem.obj, arguments)
        except TargetGone as gone:
            self.findings.gone = str(gone)
            pyfuncitem.session.shouldstop = str(gone)
            return True
        counted = Outcome(outcome.kind, outcome.reason, outcome.failure, self._bench.recorder.total - before)
        self._outcomes.setdefault(rule.id, []).append(counted)
        self._pending[rule.id] -= 1
        if not self._pending[rule.id]:
            self._close(rule)
        return True

    # -- deciding --------------------------------------------------------------------

    def _outcome(self, rule: Rule, function: Any, arguments: dict[str, Any]) -> Outcome:
        if lacking := rule.needs - self._bench.offered:
            return Outcome(Kind.NOT_OBSERVABLE, f"needs {', '.join(sorted(lacking))}")
        outcomes: list[Outcome] = []
        while len(outcomes) < ATTEMPTS:
            outcome = self._attempt(function, arguments)
            outcomes.append(outcome)
            if outcome.kind is not Kind.FAILED:
                break
        if len(outcomes) > 1 and outcomes[-1].kind is not Kind.FAILED:
            first, last = outcomes[0], outcomes[-1]
            seen = f"expected {first.failure.expected}; observed {first.failure.observed}" if first.failure else ""
            return Outcome(Kind.UNSTEADY, f"failed {len(outcomes) - 1} times, then {last.kind}: {seen}", first.failure)
        return outcomes[-1]

    def _attempt(self, function: Any, arguments: dict[str, Any]) -> Outcome:
        self._bench.recorder.new_scene()
        try:
            function(**arguments)
        except Violation as violation:
            failure = tell(violation, self._bench.recorder.scene(), self._bench.secrets)
            if isinstance(violation, NoAnswer):
                self._see_that_it_lives(violation)
            return Outcome(Kind.FAILED, None, failure)
        except TargetGone:
            raise
        except CheckEnd as end:
            return Outcome(_kind_of(end), self._bench.secrets.hide(str(end)))
        except Exception as error:  # a fault of a check must not be taken for one of the target
            if os.environ.get("PARTIALLY_DEBUG"):
                traceback.print_exc()
            place = traceback.extract_tb(error.__traceback__)[-1]
            text = f"fault of the suite: {type(error).__name__}: {error} ({place.name}, line {place.lineno})"
            return Outcome(Kind.SUITE_FAULT, self._bench.secrets.hide(text))
        return Outcome(Kind.PASSED)

    def _see_that_it_lives(self, violation: NoAnswer) -> None:
        """Tell a target that dropped one request from one that is not there any more."""
        end = time.monotonic() + REVIVAL_LIMIT
        while time.monotonic() < end:
            if self._bench.api.list().exchange.response is not None:
                return
            time.sleep(REVIVAL_LIMIT / 10)
        raise TargetGone(f"the target stopped answering: {violation.observed}")

    def _close(self, rule: Rule) -> None:
        outcomes = self._outcomes[rule.id]
        kind = min((outcome.kind for outcome in outcomes), key=list(Kind).index)
        reasons = dict.fromkeys(outcome.reason for outcome in outcomes if outcome.kind is kind and outcome.reason)
        failures = tuple(outcome.failure for outcome in outcomes if outcome.kind is kind and outcome.failure)
        reason = "; ".join(reasons) or None
        if kind is Kind.FAILED:
            reason = f"expected {failures[0].expected}; observed {failures[0].observed}"
        result = RuleResult(rule, _STATUS[kind], reason, sum(outcome.exchanges for outcome in outcomes), failures)
        self.findings.results.append(result)
        self.findings.kinds[rule.id] = kind
        self._progress.finished(result)

    def close_open_rules(self, reason: str) -> None:
        """Give every rule that was not reached the status `not_tested`."""
        done = {result.rule.id for result in self.findings.results}
        for rule_id in self._pending:
            if rule_id not in done:
                result = RuleResult(self._rules[rule_id], Status.NOT_TESTED, reason)
                self.findings.results.append(result)
                self.findings.kinds[rule_id] = Kind.BLOCKED


def _check(item: pytest.Item) -> Check:
    found = check_of(getattr(item, "obj", None))
    assert found is not None, item.name
    return found


def _kind_of(end: CheckEnd) -> Kind:
    match end:
        case NotObservable():
            return Kind.NOT_OBSERVABLE
        case Blocked():
            return Kind.BLOCKED
        case HarnessFault():
            return Kind.HARNESS_FAULT
        case _:
            return Kind.UNSTEADY


def run_checks(bench: Bench, rules: Sequence[Rule], progress: ProgressLike) -> Findings:
    """Run the checks of these rules.

    Raises:
        RuntimeError: pytest could not collect the suite: a fault of the suite.
    """
    engine = Engine(bench, rules, progress)
    files = [spec.origin for spec in map(importlib.util.find_spec, MODULES) if spec is not None and spec.origin]
    with _pytest_alone():
        status = pytest.main([*_PYTEST_OPTIONS, *files], plugins=[engine])
    progress.stop()
    findings = engine.findings
    findings.interrupted = status == pytest.ExitCode.INTERRUPTED and findings.gone is None
    if findings.gone is not None:
        engine.close_open_rules(findings.gone)
    elif findings.interrupted:
        engine.close_open_rules("the run was broken off")
    elif status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"pytest ended with {status!r}")
    return findings


_PYTEST_OPTIONS = (
    "--config-file", os.devnull,
    "--rootdir", os.path.dirname(__file__),  # noqa: PTH120 - pytest takes a string
    "--import-mode", "importlib",
    "--assert", "plain",
    "--capture", "no",
    "--noconftest",
    "--override-ini", "python_files=",
    *(word for name in ("cacheprovider", "terminal", "doctest", "junitxml", "logging", "warnings", "faulthandler",
                        "unraisableexception", "threadexception") for word in ("-p", f"no:{name}")),
)  # fmt: skip


@contextmanager
def _pytest_alone() -> Iterator[None]:
    """Keep the settings and plugins that a user has for pytest out of the suite's own run."""
    ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    theirs = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in theirs.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
