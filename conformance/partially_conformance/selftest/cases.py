"""The cases of the self-test, how one is examined, and the kill matrix of all results.

A fault is checked with the rules that must catch it. If one of them does not, it is checked with all rules,
to tell a fault that survives from one that only other rules catch. A variant is checked with all rules and
must conform. `workers.py` examines several cases at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from partially_conformance.clients.choice import ClientChoice
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import Level, Rule, load_catalogue
from partially_conformance.rules.exit_codes import EXIT_CONFORMS
from partially_conformance.rules.results import Report, RuleResult, Status
from partially_conformance.run.engine import ProgressLike
from partially_conformance.run.options import RunOptions
from partially_conformance.run.runner import run
from partially_conformance.selftest.faults.clients import all_client_faults
from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.overlays.clients import ClientOverlay, changed_client
from partially_conformance.selftest.overlays.servers import Overlay, serving
from partially_conformance.selftest.variants.clients import all_client_variants
from partially_conformance.selftest.variants.servers import all_variants
from partially_conformance.selftest.variants.servers.stacks import STACKS

FAULTS_WANTED = {Level.MUST: 2, Level.SHOULD: 1}
"""How many faults must prove each rule, by level."""


class Role(StrEnum):
    """What kind of case it is."""

    FAULT = "fault"
    VARIANT = "variant"
    STACK = "stack"
    CLIENT_FAULT = "client fault"
    CLIENT_VARIANT = "client variant"

    @property
    def is_fault(self) -> bool:
        """Tell whether the server or client is broken on purpose."""
        return self in {Role.FAULT, Role.CLIENT_FAULT}

    @property
    def is_client(self) -> bool:
        """Tell whether the subject is a client."""
        return self in {Role.CLIENT_FAULT, Role.CLIENT_VARIANT}

    @property
    def json_key(self) -> str:
        """The key of the cases with this role in the kill matrix for programs."""
        # The published key is older than the word "stack".
        return "profiles" if self is Role.STACK else f"{self.replace(' ', '_')}s"


@dataclass(frozen=True, slots=True)
class Case:
    """A server or a client on which the suite is tried.

    Attributes:
        role: What kind of case it is.
        name: Its id, in kebab case.
        says: What a fault does wrong, or what a conforming server or client chooses, in one sentence.
        about: For a fault, the ids of the rules that must catch it; for a variant, the ids of its choices.
        overlays: The names of its overlays.
    """

    role: Role
    name: str
    says: str
    about: tuple[str, ...]
    overlays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome of a case with one seed.

    Attributes:
        seed: The seed of the run.
        exit_code: The exit code of the run.
        verdict: The verdict of the run.
        reason: Why the run came to no verdict, if so.
        caught_by: The ids of the rules that failed.
        open: The ids of the rules that neither passed nor failed, each with the reason.
        seconds: How long the run took.
    """

    seed: int
    exit_code: int
    verdict: str
    reason: str | None
    caught_by: tuple[str, ...]
    open: tuple[tuple[str, str], ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case and its outcome with each seed."""

    case: Case
    trials: tuple[Trial, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the suite, as this case shows."""
        problem_of = self._fault_problem if self.case.role.is_fault else self._variant_problem
        by_trial = [problem_of(trial) for trial in self.trials]
        problems = list(dict.fromkeys(problem for problem in by_trial if problem))
        if any(by_trial) and not all(by_trial):
            seeds = ", ".join(
                str(trial.seed) for trial, problem in zip(self.trials, by_trial, strict=True) if problem
            )
            problems.append(f"only with seed {seeds}: the verdict depends on the seed")
        return tuple(problems)

    def _fault_problem(self, trial: Trial) -> str | None:
        missing = [rule_id for rule_id in self.case.about if rule_id not in trial.caught_by]
        if not missing:
            return None
        if not trial.caught_by:
            return f"survives: {', '.join(missing)} should have caught it"
        others = [rule_id for rule_id in trial.caught_by if rule_id not in self.case.about]
        also = f", while {', '.join(others)} did" if others else ""
        return f"{', '.join(missing)} did not catch it{also}"

    def _variant_problem(self, trial: Trial) -> str | None:
        if trial.exit_code == EXIT_CONFORMS:
            return None
        return f"conforms, but the verdict is {trial.verdict}: {trial.reason or ', '.join(trial.caught_by)}"


@dataclass(frozen=True, slots=True)
class Proof:
    """A rule and the faults that prove that it can fail.

    Attributes:
        rule: The rule.
        faults: The names of the faults that the rule must catch and does catch, with each seed.
        wanted: How many of them there must be.
    """

    rule: Rule
    faults: tuple[str, ...]
    wanted: int

    @property
    def problem(self) -> str | None:
        """The problem if there are too few faults, else None."""
        if len(self.faults) >= self.wanted:
            return None
        wanted = f"{self.wanted} fault{'s' if self.wanted > 1 else ''}"
        return f"rule {self.rule.id}: a {self.rule.level} rule needs {wanted}, it catches {len(self.faults)}"


@dataclass(frozen=True, slots=True)
class KillMatrix:
    """The results of all cases that were examined.

    Attributes:
        seeds: The seeds each case was tried with.
        results: The result of each case, in the order of `cases`.
        proofs: One for each rule; empty if only some cases were examined.
        all_rules: Whether faults were checked with all rules.
    """

    seeds: tuple[int, ...]
    results: tuple[CaseResult, ...]
    proofs: tuple[Proof, ...]
    all_rules: bool = False

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong with the suite."""
        of_cases = [
            f"{result.case.role} {result.case.name}: {problem}"
            for result in self.results
            for problem in result.problems
        ]
        return (*of_cases, *(proof.problem for proof in self.proofs if proof.problem))


def cases(pattern: str | None = None) -> tuple[Case, ...]:
    """Return the cases of the self-test: all, or those whose name matches.

    Args:
        pattern: A pattern of a shell, such as `removal-*`; None for all.

    Raises:
        ValueError: No name matches.
    """
    every_case = [
        *(_case_of(Role.FAULT, fault) for fault in all_faults()),
        *(_case_of(Role.VARIANT, variant) for variant in all_variants()),
        *(Case(Role.STACK, stack.name, stack.says, (), stack.variants) for stack in STACKS),
        *(_case_of(Role.CLIENT_FAULT, fault) for fault in all_client_faults()),
        *(_case_of(Role.CLIENT_VARIANT, variant) for variant in all_client_variants()),
    ]
    chosen = tuple(case for case in every_case if pattern is None or fnmatchcase(case.name, pattern))
    if not chosen:
        raise ValueError(f"no fault, variant or stack matches {pattern!r}")
    return chosen


def _case_of(role: Role, overlay: Overlay | ClientOverlay) -> Case:
    return Case(role, overlay.name, overlay.says, overlay.about, (overlay.name,))


def examine(case: Case, seeds: Sequence[int], *, all_rules: bool = False) -> CaseResult:
    """Run the suite on a case with each seed.

    Args:
        case: The server or client.
        seeds: The seeds.
        all_rules: Check a fault with all rules for servers, or for clients, and not only with those that must
            catch it.
    """
    return CaseResult(case, tuple(_try(case, seed, all_rules) for seed in seeds))


def _try(case: Case, seed: int, all_rules: bool) -> Trial:
    catalogue = load_catalogue()
    everything = catalogue.of_clients if case.role.is_client else catalogue.of_servers
    must_catch = catalogue.select(case.about) if case.role.is_fault else ()
    report = _run(case, everything if all_rules else must_catch or everything, seed, Effort.QUICK)
    results = {result.rule.id: result for result in report.rules}

    def missed() -> list[str]:
        return [rule.id for rule in must_catch if results[rule.id].status is not Status.FAILED]

    if missed():
        # With `quick`, generated checks try few examples. A rule must catch its faults with `standard`.
        again = _run(case, catalogue.select(missed()), seed, Effort.STANDARD)
        results |= {result.rule.id: result for result in again.rules}
    if missed() and not all_rules:
        others = tuple(rule for rule in everything if rule not in must_catch)
        results |= {result.rule.id: result for result in _run(case, others, seed, Effort.QUICK).rules}
    return Trial(
        seed,
        report.exit_code,
        report.verdict,
        report.reason,
        tuple(rule_id for rule_id, result in results.items() if result.status is Status.FAILED),
        tuple((rule_id, result.reason or "") for rule_id, result in results.items() if _is_open(result)),
        report.seconds,
    )


def _is_open(result: RuleResult) -> bool:
    return result.status not in {Status.PASSED, Status.FAILED}


def _run(case: Case, rules: tuple[Rule, ...], seed: int, effort: Effort) -> Report:
    if case.role.is_client:
        clients = {overlay.name: overlay for overlay in (*all_client_faults(), *all_client_variants())}
        with changed_client(clients[case.name]) as name:
            options = RunOptions(
                target=None, rules=rules, seed=seed, effort=effort, client=ClientChoice(name)
            )
            return run(options, Silent())
    by_name = {overlay.name: overlay for overlay in (*all_faults(), *all_variants())}
    with serving(*(by_name[name] for name in case.overlays)) as target:
        options = RunOptions(target=target, rules=rules, seed=seed, effort=effort, disposable=True)
        return run(options, Silent())


class Silent(ProgressLike):
    """A progress that shows nothing, because several runs go on at once."""

    def start(self, total_rules: int) -> None:
        """Do nothing when a run begins."""

    def rule(self, rule: Rule, index: int) -> None:
        """Do nothing when the check of a rule begins."""

    def finished(self, result: RuleResult) -> None:
        """Do nothing when a rule was checked."""

    def stop(self) -> None:
        """Do nothing when the run is over."""

    def say(self, line: str) -> None:
        """Do nothing when the user is told something."""


def kill_matrix(
    results: Sequence[CaseResult], seeds: Sequence[int], *, all_cases: bool, all_rules: bool = False
) -> KillMatrix:
    """Put the results of cases into a kill matrix.

    Args:
        results: The results, in any order.
        seeds: The seeds the cases were tried with.
        all_cases: Whether these are the results of all cases; only then can a rule have too few faults.
        all_rules: Whether faults were checked with all rules.
    """
    order = {case: number for number, case in enumerate(cases())}
    ordered = tuple(sorted(results, key=lambda result: order[result.case]))
    proofs = tuple(_proof(rule, ordered) for rule in load_catalogue().rules) if all_cases else ()
    return KillMatrix(tuple(seeds), ordered, proofs, all_rules)


def _proof(rule: Rule, results: Sequence[CaseResult]) -> Proof:
    caught = [
        result.case.name
        for result in results
        if rule.id in result.case.about
        and all(rule.id in trial.caught_by for trial in result.trials)
        and result.case.role.is_fault
    ]
    return Proof(rule, tuple(caught), FAULTS_WANTED[rule.level])
