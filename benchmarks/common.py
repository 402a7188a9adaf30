"""Shared code of the benchmarks: interleaved rounds, medians, ratios within a round, tables."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))

_SHOWN_OUTPUT = 2000  # characters of what a failed command printed last


class BenchmarkError(Exception):
    """What is to be measured does not work. The message says why."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one measurement.

    Attributes:
        wall: Elapsed time, in seconds.
        cpu: Processor time in seconds, with that of child processes if there are any.
    """

    wall: float
    cpu: float


Measure = Callable[[], Cost]
"""Does something once, and returns its cost."""


def repeated(action: Callable[[], object], times: int) -> Measure:
    """Measure an action in this process: the mean of several calls in a row."""

    def measure() -> Cost:
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            action()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Cost(wall / times, cpu / times)

    return measure


def finished(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with the programs of this environment on its path.

    Raises:
        BenchmarkError: Its exit code is not 0.
    """
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-_SHOWN_OUTPUT:]
        raise BenchmarkError(f"{' '.join(command)}: exit code {done.returncode}; it printed: {said}")
    return done


def as_process(command: Callable[[], Sequence[str]], folder: Path) -> Measure:
    """Measure a whole command, from its start to its end.

    Args:
        command: Returns the command of each round.
        folder: The folder in which it runs.
    """

    def measure() -> Cost:
        words = command()
        before = _children()
        wall = time.perf_counter()
        finished(words, folder)
        return Cost(time.perf_counter() - wall, _children() - before)

    return measure


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def interleaved(contenders: Mapping[str, Measure], rounds: int) -> dict[str, list[Cost]]:
    """Measure all contenders in each round, so that a busy minute of the machine affects all of them.

    Each round begins with another contender. One round before the first warms up and is not counted.

    Returns:
        For each contender its costs, one for each round.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for measure in contenders.values():
        measure()
    for number in range(rounds):
        for name in rotated(list(contenders), number):
            costs[name].append(contenders[name]())
    return costs


def rotated(names: Sequence[str], by: int) -> list[str]:
    """The names in the same order, from another one on."""
    start = by % len(names)
    return [*names[start:], *names[:start]]


def ratio(costs: Sequence[float], peer: Sequence[float]) -> float:
    """The median of the ratios within each round, in which whatever slows down a whole round cancels out.

    Raises:
        BenchmarkError: The peer took no measurable time.
    """
    if not all(peer):
        raise BenchmarkError("a peer took no measurable time: measure more calls in each round")
    return statistics.median(mine / theirs for mine, theirs in zip(costs, peer, strict=True))


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title; the first column is text, the others are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_text(self) -> str:
        """The table with aligned columns."""
        widths = [max(len(line[column]) for line in self._lines) for column in range(len(self.header))]
        lines = [self.title]
        for first, *others in self._lines:
            cells = [first.ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines) + "\n"

    def as_markdown(self) -> str:
        """The table under a heading."""
        rule = "|---|" + "---:|" * (len(self.header) - 1)
        first, *rest = (f"| {' | '.join(line)} |" for line in self._lines)
        return "\n".join([f"## {self.title}", "", first, rule, *rest]) + "\n"

    @property
    def _lines(self) -> tuple[tuple[str, ...], ...]:
        return (self.header, *self.rows)


def cost_table(title: str, costs: Mapping[str, Sequence[Cost]], peers: Sequence[str]) -> Table:
    """Median times of all contenders, and their ratios to each of the peers."""
    header = ["", "wall", "CPU"]
    for peer in peers:
        header += [f"wall ÷ {peer}", f"CPU ÷ {peer}"]
    rows = []
    for name, own in costs.items():
        walls, cpus = [cost.wall for cost in own], [cost.cpu for cost in own]
        row = [name, duration(statistics.median(walls)), duration(statistics.median(cpus))]
        for peer in peers:
            row.append(f"{ratio(walls, [cost.wall for cost in costs[peer]]):.2f}")
            row.append(f"{ratio(cpus, [cost.cpu for cost in costs[peer]]):.2f}")
        rows.append(tuple(row))
    return Table(title, tuple(header), tuple(rows))


def duration(seconds: float) -> str:
    """A time with three digits, in the largest unit in which it is at least 1."""
    size, unit = next((entry for entry in _UNITS if seconds >= entry[0]), _UNITS[-1])
    return f"{seconds / size:.3g} {unit}" if seconds < 1000 else f"{seconds:.0f} s"


def environment() -> dict[str, str]:
    """The environment of commands: no proxy for loopback, and the programs of this environment first."""
    programs = str(Path(sys.executable).parent)
    return {**os.environ, "NO_PROXY": "127.0.0.1", "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def measured_on(*distributions: str) -> str:
    """One sentence with the machine and the versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in distributions)
    return f"Python {platform.python_version()}, {os.cpu_count()} processors, {versions}."


def published(paragraphs: Sequence[str], tables: Sequence[Table]) -> str:
    """The whole Markdown page; the first paragraph is its heading."""
    return "\n\n".join(paragraphs) + "\n\n" + "\n".join(table.as_markdown() for table in tables)


def whole_number(text: str, least: int = 1) -> int:
    """Read an option that is a whole number.

    Raises:
        argparse.ArgumentTypeError: It is not a whole number, or below the least.
    """
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, got {text!r}")
    return number
