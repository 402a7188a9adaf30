"""Running the checks with pytest, and the status of each rule."""

from __future__ import annotations

import importlib.util
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import pytest

from partially_conformance.rules.catalogue import Rule, load_catalogue
from partially_conformance.rules.check import check_of
from partially_conformance.rules.results import RuleResult, Status
from partially_conformance.run.attempt import CheckOutcome, OutcomeKind, run_check
from partially_conformance.run.limits import Limits
from partially_conformance.run.subject import Subject
from partially_conformance.suite import MODULES, all_checks
from partially_conformance.traffic.check_end import TargetGone, TimeIsUp
from partially_conformance.traffic.records import Failure

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
        limit: The limit at which the run ended early; None if it reached none.
        interrupted: Whether the user interrupted the run.
    """

    results: list[RuleResult] = field(default_factory=list)
    kinds: dict[str, OutcomeKind] = field(default_factory=dict)
    gone: str | None = None
    limit: str | None = None
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
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._subject = subject
        self._rules = {rule.id: rule for rule in subject.rules}
        self._progress = progress
        self._outcomes: dict[str, list[CheckOutcome]] = {}
        self._pending: dict[str, int] = {}
        self._examined: dict[Callable[..., None], CheckOutcome] = {}
        self._attributed: dict[str, list[CheckOutcome]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._catalogue = load_catalogue()
        self.result = EngineResult()
        subject.examine_with(self._failures_of)

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
        if (limit := self._limits.reached(self.result.results)) is not None:
            self._end_at(limit, item)
            return
        rule = self._rules[item.check.rule]
        if rule.id not in self._outcomes:
            self._progress.rule(rule, len(self._outcomes) + 1)
        try:
            outcome = self._attribute(rule, self._outcome(rule, item.function))
        except TargetGone as gone:
            self.result.gone = str(gone)
            item.session.shouldstop = str(gone)
            return
        except TimeIsUp:
            self._end_at(self._limits.time_is_up, item)
            return
        self._outcomes.setdefault(rule.id, []).append(outcome)
        self._pending[rule.id] -= 1
        if not self._pending[rule.id]:
            self._close(rule)

    def _end_at(self, limit: str, item: CheckItem) -> None:
        self.result.limit = limit
        item.session.shouldstop = limit

    def _outcome(self, rule: Rule, function: Callable[..., None]) -> CheckOutcome:
        """What becomes of a check; it is run only if that is not known yet."""
        if function not in self._examined:
            begun, before = time.monotonic(), sum(self._seconds.values())
            self._examined[function] = run_check(self._subject, rule, function)
            within = sum(self._seconds.values()) - before  # checks of other rules that it relies on
            self._seconds[rule.id] += time.monotonic() - begun - within
        return self._examined[function]

    def _failures_of(self, rule: Rule) -> dict[str | None, str]:
        """How the checks of a rule fail, by topic. They may run in the middle of a check of another rule."""
        recorder = self._subject.bench.recorder
        before = recorder.exchanges()
        outcomes = [*self._attributed.get(rule.id, ())]
        for found, function in all_checks():
            if found.rule == rule.id and self._subject.allows(found):
                outcomes.append(self._outcome(rule, function))
                if any(self._owner(one) not in (None, rule.id) for one in outcomes[-1].failures):
                    del self._examined[function]  # its own run may find that other rule examined
        recorder.restore(before)
        failed = [outcome for outcome in outcomes if outcome.kind is OutcomeKind.FAILED]
        return {self._topic(one): one.summary for outcome in failed for one in outcome.failures}

    def _owner(self, failure: Failure) -> str | None:
        """The rule that is about the topic of a failure."""
        about = self._catalogue.about(failure.topic) if failure.topic is not None else None
        return None if about is None else about[0].id

    def _topic(self, failure: Failure) -> str | None:
        about = self._catalogue.about(failure.topic) if failure.topic is not None else None
        return failure.topic if about is None else about[1]

    def _attribute(self, rule: Rule, outcome: CheckOutcome) -> CheckOutcome:
        """Give a wrong shape that only this check has seen to the rule that is about shapes.

        Returns:
            What that leaves of the outcome for the rule itself.
        """
        if outcome.kind is not OutcomeKind.FAILED:
            return outcome
        others = [one for one in outcome.failures if self._is_shape_of_another_rule(rule, one)]
        if not others:
            return outcome
        for failure in others:
            owner = self._owner(failure)
            assert owner is not None
            moved = CheckOutcome(OutcomeKind.FAILED, failure=failure, exchanges=outcome.exchanges)
            self._attributed.setdefault(owner, []).append(moved)
            if owner in self.result.kinds:
                self._close(self._rules[owner])
        own = {number: one for number, one in outcome.cases.items() if one not in others}
        if own:
            return replace(outcome, failure=next(iter(own.values())), cases=own)
        why = f"because {self._owner(others[0])} fails: {others[0].summary}"
        return CheckOutcome(OutcomeKind.BLOCKED, why, exchanges=outcome.exchanges)

    def _is_shape_of_another_rule(self, rule: Rule, failure: Failure) -> bool:
        owner = self._owner(failure)
        is_shape = failure.topic is not None and failure.topic[0].isupper()
        return is_shape and owner not in (None, rule.id) and owner in self._rules

    def _close(self, rule: Rule) -> None:
        outcomes = [*self._outcomes[rule.id], *self._attributed.get(rule.id, ())]
        kind = min((outcome.kind for outcome in outcomes), key=list(OutcomeKind).index)
        deciding = [outcome for outcome in outcomes if outcome.kind is kind]
        failures = tuple(failure for outcome in deciding for failure in outcome.failures)
        reasons = dict.fromkeys(outcome.reason for outcome in deciding if outcome.reason is not None)
        if kind is OutcomeKind.FAILED:
            reasons = {failures[0].summary: None}
        exchanges = sum(outcome.exchanges for outcome in outcomes)
        result = RuleResult(
            rule, kind.status, "; ".join(reasons) or None, exchanges, failures, self._seconds[rule.id]
        )
        self._note(result, kind)

    def _note(self, result: RuleResult, kind: OutcomeKind) -> None:
        self.result.results[:] = [one for one in self.result.results if one.rule != result.rule]
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


def run_checks(subject: Subject, progress: ProgressLike, limits: Limits) -> EngineResult:
    """Run the checks of the rules of a subject that it allows, up to the limits of the run.

    Raises:
        RuntimeError: pytest could not collect the suite, which is an error in the suite.
    """
    engine = Engine(subject, progress, limits)
    files = [
        spec.origin for spec in map(importlib.util.find_spec, MODULES) if spec is not None and spec.origin
    ]
    with _pytest_alone():
        status = pytest.main([*_PYTEST_OPTIONS, *files], plugins=[engine])
    engine_result = engine.result
    ended = engine_result.gone or engine_result.limit
    engine_result.interrupted = status == pytest.ExitCode.INTERRUPTED and ended is None
    if ended is not None:
        engine.close_open_rules(ended)
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
