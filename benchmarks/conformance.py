"""The conformance suite beside a bare Schemathesis: time, requests, and broken servers caught.

    python benchmarks/conformance.py [--faults N] [--seed S] [--rounds N] [--jobs N] [--json F] [--markdown F]

docs/benchmarks.md says what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import multiprocessing
import os
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers import CRASHED, CUT_OFF, Checker, Ended, Schemathesis, Suite, check, counted_server
from common import BenchmarkError, Table, measured_on, published, ratio, rotated, whole_number

from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.overlays.servers import Overlay

_ONE_FAULT_IN = 10
"""By default, one fault in this many is tried."""

_HOW_TO_READ = (
    "A checker catches a broken server if it has a finding about it that it does not have about the correct"
    " server. Schemathesis has findings about the correct server too. Those of any round with the same seed"
    " do not count. Findings are equal if they have the same operation and the same kind."
)

_HOW_THE_SUITE_IS_TRIED = (
    "The suite runs with `--effort quick`, and with `--effort standard` if that caught nothing."
)


@dataclass(frozen=True, slots=True)
class Round:
    """A run on the correct server.

    Attributes:
        ended: The result of the checker.
        requests: How many requests reached the API of the server.
    """

    ended: Ended
    requests: int


@dataclass(frozen=True, slots=True)
class Trial:
    """The results of the checkers on one broken server.

    Attributes:
        fault: The name of the fault.
        area: The area of the first rule that must catch it.
        ended: The results by the name of the checker. Without `standard` if `quick` caught the fault.
        caught_by: The names of the checkers that caught it.
    """

    fault: str
    area: str
    ended: dict[str, Ended]
    caught_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checkers:
    """The programs that are compared."""

    schemathesis: Schemathesis
    standard: Suite
    quick: Suite

    def all(self) -> tuple[Checker, ...]:
        """All of them, in the order of the tables. The first is the peer."""
        return (self.schemathesis, self.standard, self.quick)


def measure(checkers: Checkers, rounds: int, seed: int) -> dict[str, list[Round]]:
    """Run each checker on a correct server of its own, in every round.

    Raises:
        BenchmarkError: A checker crashed or was cut off.
    """
    found: dict[str, list[Round]] = {checker.name: [] for checker in checkers.all()}
    by_name = {checker.name: checker for checker in checkers.all()}
    for number in range(rounds):
        for name in rotated(list(by_name), number):
            with counted_server() as (target, tally):
                ended = check(by_name[name], target, seed)
            if ended.verdict in {CRASHED, CUT_OFF}:
                raise BenchmarkError(f"{name} on the correct server: {ended.verdict}; {ended.detail}")
            _tell(f"round {number + 1}/{rounds}: {name}: {ended.verdict}, {ended.seconds:.1f} s")
            found[name].append(Round(ended, tally.requests))
    return found


def accusations(rounds: Sequence[Round]) -> frozenset[str]:
    """The findings of a checker about the correct server, in any round."""
    return frozenset[str]().union(*(one.ended.findings for one in rounds))


def is_caught(ended: Ended, known: frozenset[str]) -> bool:
    """Whether a checker has a finding about a broken server that it does not have about the correct one."""
    return bool(ended.findings - known)


@functools.cache
def faults_in_order() -> tuple[Overlay, ...]:
    """All faults. They are found once in each process, since that reads all their source."""
    return all_faults()


def sample(faults: Sequence[Overlay], wanted: int) -> list[Overlay]:
    """As many faults as wanted, evenly spread over all of them."""
    wanted = min(wanted, len(faults))
    return [faults[number * len(faults) // wanted] for number in range(wanted)]


def try_fault(
    name: str, checkers: Checkers, baseline: Mapping[str, frozenset[str]], seed: int, area: str
) -> Trial:
    """Run the checkers on one fault, each on a server of its own."""
    fault = next(one for one in faults_in_order() if one.name == name)
    ended: dict[str, Ended] = {}
    caught_by: set[str] = set()
    for checker in (checkers.schemathesis, checkers.quick, checkers.standard):
        if checker == checkers.standard and checkers.quick.name in caught_by:
            continue
        with counted_server(fault) as (target, _):
            ended[checker.name] = check(checker, target, seed)
        if is_caught(ended[checker.name], baseline[checker.name]):
            caught_by.add(checker.name)
    return Trial(name, area, ended, frozenset(caught_by))


def try_all(
    faults: Sequence[Overlay],
    checkers: Checkers,
    baseline: Mapping[str, frozenset[str]],
    seed: int,
    jobs: int,
) -> Iterator[Trial]:
    """Try the faults in several processes. Each trial is yielded as soon as it is done."""
    context = multiprocessing.get_context("spawn")  # a server that crashes ends only its own process
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        futures: list[Future[Trial]] = [
            pool.submit(try_fault, fault.name, checkers, baseline, seed, area_of(fault)) for fault in faults
        ]
        try:
            for number, future in enumerate(as_completed(futures), 1):
                trial = future.result()
                caught = ", ".join(sorted(trial.caught_by)) or "no checker"
                _tell(f"fault {number}/{len(faults)}: {trial.fault}: caught by {caught}")
                yield trial
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def area_of(fault: Overlay) -> str:
    """The area of the first rule that must catch a fault."""
    return fault.about[0].partition("-")[0]


def time_table(rounds: Mapping[str, Sequence[Round]], peer: str) -> Table:
    """Time, requests and verdict on the correct server."""
    seconds = {name: [one.ended.seconds for one in own] for name, own in rounds.items()}
    rows = []
    for name, own in rounds.items():
        requests = statistics.median(one.requests for one in own)
        verdicts = sorted({f"{one.ended.verdict} (exit {one.ended.exit_code})" for one in own})
        rows.append(
            (
                name,
                f"{statistics.median(seconds[name]):.1f} s",
                f"{ratio(seconds[name], seconds[peer]):.2f}",
                f"{requests:.0f}",
                f"{len(accusations(own))}",
                " or ".join(verdicts),
            )
        )
    header = ("", "wall", f"wall ÷ {peer}", "requests", "accusations", "verdict")
    return Table("On the correct server", header, tuple(rows))


def catch_table(trials: Sequence[Trial], checkers: Checkers) -> Table:
    """How many faults each checker catches, by area."""
    peer, quick, standard = checkers.schemathesis.name, checkers.quick.name, checkers.standard.name
    areas = list(dict.fromkeys(trial.area for trial in trials))
    rows = []
    for area in [*areas, None]:
        own = [trial for trial in trials if area in (None, trial.area)]
        counts = [
            sum(bool(trial.caught_by & names) for trial in own)
            for names in ({peer}, {quick}, {quick, standard})
        ]
        shares = [f"{count} ({count / len(own):.0%})" for count in counts]
        times = f"{counts[2] / counts[0]:.1f}" if counts[0] else "-"
        rows.append((area or "all", f"{len(own)}", *shares, times))
    header = ("area", "faults", peer, quick, "quick or standard", f"suite ÷ {peer}")
    return Table("Broken servers caught", header, tuple(rows))


def undecided(rounds: Mapping[str, Sequence[Round]]) -> list[str]:
    """A line for each checker that did not decide everything on the correct server."""
    details = {name: {one.ended.detail for one in own} - {""} for name, own in rounds.items()}
    return [
        f"Not decided on the correct server by {name}: {' / '.join(sorted(own))}."
        for name, own in details.items()
        if own
    ]


def remarks(trials: Sequence[Trial], checkers: Checkers, total: int) -> list[str]:
    """What the counts do not show: the faults that were missed, and the runs that did not end."""
    by_suite = {checkers.quick.name, checkers.standard.name}
    missed = [trial.fault for trial in trials if not trial.caught_by & by_suite]
    unfinished = [
        f"{name} on {trial.fault} ({ended.verdict})"
        for trial in trials
        for name, ended in trial.ended.items()
        if ended.verdict in {CRASHED, CUT_OFF}
    ]
    lines = [_HOW_TO_READ, f"{_HOW_THE_SUITE_IS_TRIED} {len(trials)} of {total} faults were tried."]
    lines.append(f"Not caught by the suite: {', '.join(missed) or 'none'}.")
    if unfinished:
        lines.append(f"Did not end, and counted as not caught: {', '.join(unfinished)}.")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        _benchmark(options)
    except BenchmarkError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
        return 130
    return 0


def _benchmark(options: argparse.Namespace) -> None:
    checkers = Checkers(
        Schemathesis(options.tiny), Suite("standard", options.tiny), Suite("quick", options.tiny)
    )
    rounds = measure(checkers, options.rounds, options.seed)
    tables = [time_table(rounds, checkers.schemathesis.name)]
    texts = undecided(rounds)
    faults = faults_in_order()
    chosen = sample(faults, options.faults)
    trials: list[Trial] = []
    if chosen:
        order = {fault.name: number for number, fault in enumerate(chosen)}
        baseline = {name: accusations(own) for name, own in rounds.items()}
        trials = sorted(
            try_all(chosen, checkers, baseline, options.seed, options.jobs),
            key=lambda trial: order[trial.fault],
        )
        tables.append(catch_table(trials, checkers))
        texts += remarks(trials, checkers, len(faults))
    machine = measured_on("schemathesis", "partially-conformance")
    lead = f"{machine} Seed {options.seed}; medians of {options.rounds} interleaved rounds."
    if options.tiny:
        lead = f"A trial of the benchmark: these numbers mean nothing. {lead}"
    print("\n".join([lead, "", *(table.as_text() for table in tables), *texts]))
    if options.json:
        options.json.write_text(_as_json(options.seed, rounds, trials), encoding="utf-8")
    if options.markdown:
        page = published(["# The suite beside a bare Schemathesis", lead, *texts], tables)
        options.markdown.write_text(page, encoding="utf-8")


def _as_json(seed: int, rounds: Mapping[str, Sequence[Round]], trials: Sequence[Trial]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, frozenset):
            return sorted(value)
        return dataclasses.asdict(value)

    document = {"seed": seed, "correct_server": rounds, "faults": trials}
    return json.dumps(document, default=plain, indent=2, ensure_ascii=False) + "\n"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    total = len(faults_in_order())
    parser = argparse.ArgumentParser(
        description="Measures the suite of this project and a bare Schemathesis on the same document and"
        " servers: time and requests on the correct server, and how many broken servers each catches.",
        epilog="Progress goes to stderr. Run it on a quiet machine: it measures time.",
    )

    def number_of_faults(text: str) -> int:
        return total if text == "all" else whole_number(text, least=0)

    parser.add_argument(
        "--faults",
        type=number_of_faults,
        default=-(-total // _ONE_FAULT_IN),
        metavar="N",
        help=f"how many of the {total} faults to try, evenly spread, or `all`"
        f" (default: one in {_ONE_FAULT_IN})",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the seed of all runs (default: 0)")
    parser.add_argument(
        "--rounds",
        type=whole_number,
        default=3,
        metavar="N",
        help="how often each checker runs on the correct server (default: 3)",
    )
    parser.add_argument(
        "--jobs",
        type=whole_number,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many broken servers are tried at the same time; this part is not timed"
        " (default: one for each processor)",
    )
    parser.add_argument("--json", type=Path, metavar="F", help="write all results to this file")
    parser.add_argument("--markdown", type=Path, metavar="F", help="write the tables to this file")
    parser.add_argument(
        "--tiny", action="store_true", help="send only a few requests, to try out the benchmark itself"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
