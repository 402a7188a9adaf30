"""Threads beside the event loop: in them requests may wait for the database, and for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")

_Task = tuple[Callable[[Any], Any], Any, asyncio.AbstractEventLoop, asyncio.Future[Any]]


class Threads:
    """Runs functions for one event loop, so many at once, each in a thread of its own.

    Much like `asyncio.to_thread` or anyio's, at half of what those cost: nothing is wrapped, and there
    is no second future in between. A function that hangs does not keep the process from ending.

    Args:
        most: How many functions run at once. Others wait for their turn. With 0 there are no threads, and
            each function runs at once while the event loop waits.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._under_way = 0
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()

    async def run(self, function: Callable[[Argument], Result], argument: Argument) -> Result:
        """What a function gives, or raises."""
        if not self._most:
            return function(argument)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[tuple[Result, BaseException | None]] = loop.create_future()
        self._under_way += 1
        if self._started < min(self._under_way, self._most):
            self._started += 1
            Thread(target=self._work, name=f"requests {self._started}", daemon=True).start()
        self._tasks.put((function, argument, loop, done))
        result, error = await done
        if error is None:
            return result
        try:
            raise error
        finally:
            del error  # which knows this frame, and would keep all that is in it until the next collection

    def close(self) -> None:
        """Let the threads end, once they have done what they were given."""
        for _ in range(self._started):
            self._tasks.put(None)
        self._started = 0

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            function, argument, loop, done = task
            result = error = None
            try:
                result = function(argument)
            except BaseException as caught:
                error = caught
            with suppress(RuntimeError):  # the loop was closed, so nobody waits any longer
                loop.call_soon_threadsafe(self._finish, done, (result, error))
            # Nothing of a request is kept while the next one is waited for.
            del task, function, argument, loop, done, result, error

    def _finish(self, done: asyncio.Future[Any], outcome: tuple[Any, BaseException | None]) -> None:
        self._under_way -= 1
        if not done.done():  # it was cancelled otherwise
            done.set_result(outcome)
