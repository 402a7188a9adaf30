"""Examine several cases at once in processes of their own, so that a crash affects one case only."""

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

_CASES_OF_A_PROCESS = 8
"""How many cases a process examines before it is replaced.

What pytest and Hypothesis keep of each run adds up to hundreds of megabytes.
"""

Work = Callable[[Case, Sequence[int]], CaseResult]


class _Worker:
    """Examines cases in one process, which it replaces after some cases.

    `ProcessPoolExecutor` can do this with `max_tasks_per_child`, but before Python 3.12 it may wait forever
    for a process that it has not started (https://github.com/python/cpython/issues/115634).
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._examined = 0
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # a fork would copy the threads of this process
        return ProcessPoolExecutor(1, mp_context=context, initializer=_prepare)

    def examine(self, case: Case, seeds: Sequence[int]) -> CaseResult:
        """Examine a case; if the process dies, no seed has a verdict."""
        if self._examined == _CASES_OF_A_PROCESS:
            self._replace()
        self._examined += 1
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
        self._examined, self._pool = 0, self._new_pool()

    def stop(self) -> None:
        """End the process after its present case."""
        self._pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends this one
    logging.disable()  # faults log their own errors, which are expected


def examine_all(
    chosen: Sequence[Case], seeds: Sequence[int], jobs: int, work: Work = examine
) -> Iterator[CaseResult]:
    """Examine cases in several processes, and yield each result as soon as it is there.

    Args:
        chosen: The cases.
        seeds: The seeds to try each case with.
        jobs: The number of processes that work at the same time.
        work: The function that examines a case; a function of a module, so that processes can import it.
    """
    idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    workers = [_Worker(work) for _ in range(min(jobs, len(chosen)))]
    for worker in workers:
        idle.put(worker)

    def examine_when_idle(case: Case) -> CaseResult:
        worker = idle.get()
        try:
            return worker.examine(case, seeds)
        finally:
            idle.put(worker)

    with ThreadPoolExecutor(len(workers)) as threads:
        futures: list[Future[CaseResult]] = [threads.submit(examine_when_idle, case) for case in chosen]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.stop()
