"""The suite against itself: every fault must be caught by its own rules, and no conforming server by any.

A fault is run against the rules that must catch it, and, where one of them does not, against all, to tell who
does. What conforms is run against all rules. `selftest_workers.py` runs several at once.
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
from partially_conformance.selftest.variants.servers.stacks import PROFILES

FAULTS_WANTED = {Level.MUST: 2, Level.SHOULD: 1}
"""How many faults must prove each rule, by its level."""


class Role(StrEnum):
    """What a server, or a client, is made for."""

    FAULT = "fault"
    VARIANT = "variant"
    PROFILE = "profile"
    CLIENT_FAULT = "client fault"
    CLIENT_VARIANT = "client variant"

    @property
    def is_fault(self) -> bool:
        """Whether it is broken on purpose."""
        return self in {Role.FAULT, Role.CLIENT_FAULT}

    @property
    def is_client(self) -> bool:
        """Whether it is a client."""
        return self in {Role.CLIENT_FAULT, Role.CLIENT_VARIANT}


@dataclass(frozen=True, slots=True)
class Case:
    """A server or a client the suite is tried on.

    Attributes:
        about: For a fault, the ids of the rules that must catch it.
        overlays: Names of the overlays it is made of.
    """

    role: Role
    name: str
    says: str
    about: tuple[str, ...]
    overlays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What one run said of a case.

    Attributes:
        caught_by: Ids of all rules that failed.
        open: Rules that neither passed nor failed, with the reason.
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
    """A case and what every seed said of it."""

    case: Case
    trials: tuple[Trial, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the suite, as far as this case shows it."""
        if self.case.role.is_fault:
            found = [self._fault_problem(trial) for trial in self.trials]
        else:
            found = [self._variant_problem(trial) for trial in self.trials]
        problems = list(dict.fromkeys(problem for problem in found if problem))
        if any(found) and not all(found):
            seeds = ", ".join(
                str(trial.seed) for trial, problem in zip(self.trials, found, strict=True) if problem
            )
            problems.append(f"only with seed {seeds}: the verdict hangs on the seed")
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
    """A rule, and the faults that prove that it can fail.

    Attributes:
        faults: Names of the faults that list the rule and that it catches.
        wanted: How many there must be.
    """

    rule: Rule
    faults: tuple[str, ...]
    wanted: int

    @property
    def problem(self) -> str | None:
        """What is missing, None if nothing is."""
        if len(self.faults) >= self.wanted:
            return None
        wanted = f"{self.wanted} fault{'s' if self.wanted > 1 else ''} wanted"
        return (
            f"rule {self.rule.id}: {wanted} that prove a {self.rule.level} rule, there are {len(self.faults)}"
        )


@dataclass(frozen=True, slots=True)
class KillMatrix:
    """What the self-test found out.

    Attributes:
        proofs: One for each rule; none if only some of the servers were tried.
        all_rules: Whether faults were run against all rules.
    """

    seeds: tuple[int, ...]
    examined: tuple[CaseResult, ...]
    proofs: tuple[Proof, ...]
    all_rules: bool = False

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong with the suite."""
        of_subjects = [
            f"{one.case.role} {one.case.name}: {problem}" for one in self.examined for problem in one.problems
        ]
        return (*of_subjects, *(proof.problem for proof in self.proofs if proof.problem))


def cases(pattern: str | None = None) -> tuple[Case, ...]:
    """The servers to try: all, or those whose name matches.

    Args:
        pattern: As for a shell, such as `removal-*`.

    Raises:
        ValueError: No name matches.
    """
    made = [
        *(_of(Role.FAULT, fault) for fault in all_faults()),
        *(_of(Role.VARIANT, variant) for variant in all_variants()),
        *(Case(Role.PROFILE, one.name, one.says, (), one.variants) for one in PROFILES),
        *(_of(Role.CLIENT_FAULT, fault) for fault in all_client_faults()),
        *(_of(Role.CLIENT_VARIANT, variant) for variant in all_client_variants()),
    ]
    chosen = tuple(one for one in made if pattern is None or fnmatchcase(one.name, pattern))
    if not chosen:
        raise ValueError(f"no fault, variant or profile matches {pattern!r}")
    return chosen


def _of(role: Role, overlay: Overlay | ClientOverlay) -> Case:
    return Case(role, overlay.name, overlay.says, overlay.about, (overlay.name,))


def examine(case: Case, seeds: Sequence[int], *, all_rules: bool = False) -> CaseResult:
    """Run the suite on a case, with each seed.

    Args:
        case: The server or client.
        seeds: The seeds to try it with.
        all_rules: Run a fault against all rules about servers, or about clients, and not only against those
            that must catch it.
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
        # Generated checks try few examples with `quick`; a rule must catch its faults with `standard`.
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
    """Shows nothing: several runs go on at once."""

    def start(self, total_rules: int) -> None:
        """A run begins."""

    def rule(self, rule: Rule, index: int) -> None:
        """A rule is being checked."""

    def finished(self, result: RuleResult) -> None:
        """A rule was checked."""

    def stop(self) -> None:
        """The run is over."""


def kill_matrix(
    examined: Sequence[CaseResult], seeds: Sequence[int], *, whole: bool, all_rules: bool = False
) -> KillMatrix:
    """Put together what was found out.

    Args:
        examined: The cases, in any order.
        seeds: The seeds they were tried with.
        whole: Whether these are all cases, so that rules without a fault can be told.
        all_rules: Whether faults were run against all rules.
    """
    order = {case: number for number, case in enumerate(cases())}
    ordered = tuple(sorted(examined, key=lambda one: order[one.case]))
    proofs = tuple(_proof(rule, ordered) for rule in load_catalogue().rules) if whole else ()
    return KillMatrix(tuple(seeds), ordered, proofs, all_rules)


def _proof(rule: Rule, examined: Sequence[CaseResult]) -> Proof:
    proving = [
        one.case.name
        for one in examined
        if rule.id in one.case.about
        and all(rule.id in trial.caught_by for trial in one.trials)
        and one.case.role.is_fault
    ]
    return Proof(rule, tuple(proving), FAULTS_WANTED[rule.level])
