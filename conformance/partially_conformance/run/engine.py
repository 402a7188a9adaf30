"""Running the checks with pytest, and the status of each rule."""

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
from partially_conformance.run.attempt import CheckOutcome, OutcomeKind, run_check
from partially_conformance.run.subject import Subject
from partially_conformance.suite import MODULES
from partially_conformance.traffic.check_end import TargetGone

INTERRUPTED = "the run was interrupted"
"""Why a run that the user interrupted has no verdict."""


class ProgressLike(Protocol):
    """Shows the progress of a run."""

    def start(self, total_rules: int) -> None:
        """Show that the run begins.

        Args:
            total_rules: How many rules are checked.
        """

    def rule(self, rule: Rule, index: int) -> None:
        """Show that the first check of a rule begins.

        Args:
            rule: The rule.
            index: Its place among all rules, counted from 1.
        """

    def finished(self, result: RuleResult) -> None:
        """Show that all checks of a rule are done."""

    def stop(self) -> None:
        """Show that the run is over."""


@dataclass
class EngineResult:
    """The results of all rules.

    Attributes:
        results: The result of each rule, in the order in which they were finished.
        kinds: The deciding kind of outcome of each rule, by the id of the rule.
        gone: Why the target counts as gone; None if it does not.
        interrupted: Whether the user interrupted the run.
    """

    results: list[RuleResult] = field(default_factory=list)
    kinds: dict[str, OutcomeKind] = field(default_factory=dict)
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
        """Run the check. The engine keeps its outcome, so that pytest never sees a failure."""
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
        self._outcomes: dict[str, list[CheckOutcome]] = {}
        self._pending: dict[str, int] = {}
        self.result = EngineResult()

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Module, name: str, obj: object) -> Any:
        """Collect the functions that are checks, whatever their names are."""
        if check_of(obj) is None or getattr(obj, "__module__", None) != collector.obj.__name__:
            return []
        return CheckItem.from_parent(collector, name=name, function=obj, engine=self)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the checks of the selected rules, in the order of the catalogue.

        Checks that may exhaust a limit of the server come last, so that they do not disturb others.
        """
        order = {rule_id: place for place, rule_id in enumerate(self._rules)}
        found = [item for item in items if isinstance(item, CheckItem)]
        checks = [item for item in found if item.check.rule in order and self._subject.allows(item.check)]
        checks.sort(key=lambda item: (item.check.exhausting, order[item.check.rule]))
        items[:] = checks
        for item in checks:
            self._pending[item.check.rule] = self._pending.get(item.check.rule, 0) + 1
        self._progress.start(len(self._pending))

    def run(self, item: CheckItem) -> None:
        """Run one check and keep its outcome."""
        rule = self._rules[item.check.rule]
        if rule.id not in self._outcomes:
            self._progress.rule(rule, len(self._outcomes) + 1)
        try:
            outcome = run_check(self._subject, rule, item.function)
        except TargetGone as gone:
            self.result.gone = str(gone)
            item.session.shouldstop = str(gone)
            return
        self._outcomes.setdefault(rule.id, []).append(outcome)
        self._pending[rule.id] -= 1
        if not self._pending[rule.id]:
            self._close(rule)

    def _close(self, rule: Rule) -> None:
        outcomes = self._outcomes[rule.id]
        kind = min((outcome.kind for outcome in outcomes), key=list(OutcomeKind).index)
        deciding = [outcome for outcome in outcomes if outcome.kind is kind]
        failures = tuple(outcome.failure for outcome in deciding if outcome.failure is not None)
        reasons = dict.fromkeys(outcome.reason for outcome in deciding if outcome.reason is not None)
        if kind is OutcomeKind.FAILED:
            reasons = {f"expected {failures[0].expected}; observed {failures[0].observed}": None}
        exchanges = sum(outcome.exchanges for outcome in outcomes)
        self._note(RuleResult(rule, kind.status, "; ".join(reasons) or None, exchanges, failures), kind)

    def _note(self, result: RuleResult, kind: OutcomeKind) -> None:
        self.result.results.append(result)
        self.result.kinds[result.rule.id] = kind
        self._progress.finished(result)

    def close_open_rules(self, reason: str) -> None:
        """Give every rule whose checks did not all run the status `not_tested`.

        A rule that has failed before stays failed.
        """
        for rule_id in self._pending:
            if rule_id in self.result.kinds:
                continue
            rule = self._rules[rule_id]
            if any(outcome.kind is OutcomeKind.FAILED for outcome in self._outcomes.get(rule_id, ())):
                self._close(rule)
            else:
                self._note(RuleResult(rule, Status.NOT_TESTED, reason), OutcomeKind.BLOCKED)


def run_checks(subject: Subject, progress: ProgressLike) -> EngineResult:
    """Run the checks of the rules of a subject that it allows.

    Raises:
        RuntimeError: pytest could not collect the suite, which is an error in the suite.
    """
    engine = Engine(subject, progress)
    files = [
        spec.origin for spec in map(importlib.util.find_spec, MODULES) if spec is not None and spec.origin
    ]
    with _pytest_alone():
        status = pytest.main([*_PYTEST_OPTIONS, *files], plugins=[engine])
    engine_result = engine.result
    engine_result.interrupted = status == pytest.ExitCode.INTERRUPTED and engine_result.gone is None
    if engine_result.gone is not None:
        engine.close_open_rules(engine_result.gone)
    elif engine_result.interrupted:
        engine.close_open_rules(INTERRUPTED)
    elif status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"pytest ended with {status!r}")
    progress.stop()
    return engine_result


_LEFT_OUT = (
    "cacheprovider", "doctest", "faulthandler", "junitxml", "logging", "terminal", "threadexception",
    "unraisableexception", "warnings",
)  # fmt: skip
"""Plugins of pytest that would print, write files or change the behaviour of Python."""

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
    """Keep the pytest settings and plugins of the user out of the run."""
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
