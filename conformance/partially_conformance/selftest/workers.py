"""Examining many servers at once, each in a process that takes nothing with it when it goes down."""

from __future__ import annotations

import logging
import multiprocessing
import queue
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from partially_conformance.rules.exit_codes import EXIT_NO_VERDICT
from partially_conformance.selftest.cases import Case, CaseResult, Trial, examine

_RUNS_OF_A_WORKER = 8
"""What pytest and Hypothesis remember of each run adds up to hundreds of megabytes."""


Work = Callable[[Case, Sequence[int]], CaseResult]


class _Worker:
    """One process at a time, replaced after some runs.

    `ProcessPoolExecutor` can do the same by `max_tasks_per_child`, but before Python 3.12 it may wait for
    ever for a process that it has not started (https://github.com/python/cpython/issues/115634).
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._runs = 0
        self._pool = self._fresh()

    def _fresh(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # its server must not share threads with us
        return ProcessPoolExecutor(1, mp_context=context, initializer=_prepare)

    def examine(self, case: Case, seeds: Sequence[int]) -> CaseResult:
        """What the process says; if it dies, that no seed came to a verdict."""
        if self._runs == _RUNS_OF_A_WORKER:
            self._replace()
        self._runs += 1
        try:
            return self._pool.submit(self._work, case, seeds).result()
        except BrokenProcessPool:
            self._replace()
            died = "the process in which it ran died"
            return CaseResult(
                case,
                tuple(Trial(seed, EXIT_NO_VERDICT, "no_verdict", died, (), (), 0.0) for seed in seeds),
            )

    def _replace(self) -> None:
        self.stop()
        self._runs, self._pool = 0, self._fresh()

    def stop(self) -> None:
        """End the process once it has finished what it does."""
        self._pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the workers
    logging.disable()  # faulty servers log what goes wrong in them, which is what they are for


def examine_all(
    chosen: Sequence[Case], seeds: Sequence[int], jobs: int, work: Work = examine
) -> Iterator[CaseResult]:
    """Examine cases in several processes, and give each as soon as it is done.

    Args:
        chosen: The cases.
        seeds: The seeds to try each with.
        jobs: How many processes work at the same time.
        work: What is done with each case, a function of a module.
    """
    idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    workers = [_Worker(work) for _ in range(min(jobs, len(chosen)))]
    for worker in workers:
        idle.put(worker)

    def examined(case: Case) -> CaseResult:
        worker = idle.get()
        try:
            return worker.examine(case, seeds)
        finally:
            idle.put(worker)

    with ThreadPoolExecutor(len(workers)) as threads:
        futures: list[Future[CaseResult]] = [threads.submit(examined, case) for case in chosen]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.stop()
