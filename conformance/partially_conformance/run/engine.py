"""Running the checks with pytest, and putting together what became of each rule."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest

from partially_conformance.rules.catalogue import Rule
from partially_conformance.rules.check import check_of
from partially_conformance.rules.results import RuleResult, Status
from partially_conformance.run.attempt import Kind, Outcome, run_check
from partially_conformance.run.subject import Subject
from partially_conformance.suite import MODULES
from partially_conformance.traffic.check_end import TargetGone

BROKEN_OFF = "the run was broken off"
"""Why a run that the user broke off has no verdict."""


class ProgressLike(Protocol):
    """What is told how far a run is."""

    def start(self, total_rules: int) -> None:
        """The run begins."""

    def rule(self, rule: Rule, index: int) -> None:
        """The first check of a rule begins. `index` counts from 1."""

    def finished(self, result: RuleResult) -> None:
        """The last check of a rule is over."""

    def stop(self) -> None:
        """The run is over."""


@dataclass
class Findings:
    """What became of all rules.

    Attributes:
        kinds: How the checks of each rule ended, by the id of the rule.
        gone: Why the target counts as gone, if it does.
        interrupted: Whether the run was broken off by the user.
    """

    results: list[RuleResult] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    gone: str | None = None
    interrupted: bool = False


class CheckItem(pytest.Item):
    """A check as pytest collects and runs it."""

    def __init__(self, *, function: Callable[..., None], engine: Engine, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.function = function
        self._engine = engine
        found = check_of(function)
        assert found is not None, self.name
        self.check = found

    def runtest(self) -> None:
        """Run the check. What became of it is for the engine to note; only a fault of pytest fails here."""
        self._engine.run(self)


class Engine:
    """A pytest plugin that runs the checks of a subject."""

    def __init__(
        self,
        subject: Subject,
        progress: ProgressLike,
    ) -> None:
        self._subject = subject
        self._rules = {rule.id: rule for rule in subject.rules}
        self._progress = progress
        self._outcomes: dict[str, list[Outcome]] = {}
        self._pending: dict[str, int] = {}
        self.findings = Findings()

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Module, name: str, obj: object) -> Any:
        """Collect the functions that are checks, whatever they are called."""
        if check_of(obj) is None or getattr(obj, "__module__", None) != collector.obj.__name__:
            return []
        return CheckItem.from_parent(collector, name=name, function=obj, engine=self)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the checks of the rules that were asked for, in the order of the catalogue.

        Those that need many customers come after the others, which create them. Those that may use up what
        the server allows come last: they must not stand in the way of others.
        """
        order = {rule_id: place for place, rule_id in enumerate(self._rules)}
        found = [item for item in items if isinstance(item, CheckItem)]
        checks = [item for item in found if item.check.rule in order and self._subject.allows(item.check)]
        checks.sort(key=lambda item: (item.check.exhausting, item.check.late, order[item.check.rule]))
        items[:] = checks
        for item in checks:
            self._pending[item.check.rule] = self._pending.get(item.check.rule, 0) + 1
        self._progress.start(len(self._pending))

    def run(self, item: CheckItem) -> None:
        """Run one check and note what became of it."""
        rule = self._rules[item.check.rule]
        if rule.id not in self._outcomes:
            self._progress.rule(rule, len(self._outcomes) + 1)
        try:
            outcome = run_check(self._subject, rule, item.function)
        except TargetGone as gone:
            self.findings.gone = str(gone)
            item.session.shouldstop = str(gone)
            return
        self._outcomes.setdefault(rule.id, []).append(outcome)
        self._pending[rule.id] -= 1
        if not self._pending[rule.id]:
            self._close(rule)

    def _close(self, rule: Rule) -> None:
        outcomes = self._outcomes[rule.id]
        kind = min((outcome.kind for outcome in outcomes), key=list(Kind).index)
        deciding = [outcome for outcome in outcomes if outcome.kind is kind]
        failures = tuple(outcome.failure for outcome in deciding if outcome.failure is not None)
        reasons = dict.fromkeys(outcome.reason for outcome in deciding if outcome.reason is not None)
        if kind is Kind.FAILED:
            reasons = {f"expected {failures[0].expected}; observed {failures[0].observed}": None}
        exchanges = sum(outcome.exchanges for outcome in outcomes)
        self._note(RuleResult(rule, kind.status, "; ".join(reasons) or None, exchanges, failures), kind)

    def _note(self, result: RuleResult, kind: Kind) -> None:
        self.findings.results.append(result)
        self.findings.kinds[result.rule.id] = kind
        self._progress.finished(result)

    def close_open_rules(self, reason: str) -> None:
        """Give every rule that was not reached, or not to its end, the status `not_tested`.

        A failure that was seen before the end stays one.
        """
        for rule_id in self._pending:
            if rule_id in self.findings.kinds:
                continue
            rule = self._rules[rule_id]
            if any(outcome.kind is Kind.FAILED for outcome in self._outcomes.get(rule_id, ())):
                self._close(rule)
            else:
                self._note(RuleResult(rule, Status.NOT_TESTED, reason), Kind.BLOCKED)


def run_checks(subject: Subject, progress: ProgressLike) -> Findings:
    """Run the checks of the rules of a subject, those that it allows.

    Raises:
        RuntimeError: pytest could not collect the suite: a fault of the suite.
    """
    engine = Engine(subject, progress)
    files = [
        spec.origin for spec in map(importlib.util.find_spec, MODULES) if spec is not None and spec.origin
    ]
    with _pytest_alone():
        status = pytest.main([*_PYTEST_OPTIONS, *files], plugins=[engine])
    findings = engine.findings
    findings.interrupted = status == pytest.ExitCode.INTERRUPTED and findings.gone is None
    if findings.gone is not None:
        engine.close_open_rules(findings.gone)
    elif findings.interrupted:
        engine.close_open_rules(BROKEN_OFF)
    elif status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"pytest ended with {status!r}")
    progress.stop()
    return findings


_LEFT_OUT = (
    "cacheprovider", "doctest", "faulthandler", "junitxml", "logging", "terminal", "threadexception",
    "unraisableexception", "warnings",
)  # fmt: skip
"""Parts of pytest that would print, write files or change how Python behaves."""

_PYTEST_OPTIONS = (
    "--config-file", os.devnull,
    "--rootdir", os.path.dirname(__file__),  # noqa: PTH120 - pytest takes a string
    "--import-mode", "importlib",
    "--assert", "plain",
    "--capture", "no",
    "--noconftest",
    "--override-ini", "python_files=",
    *(word for name in _LEFT_OUT for word in ("-p", f"no:{name}")),
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
