"""The threads that requests are handled in."""

import asyncio
import threading
import time

import pytest

from partially_reference.http.threads import Threads


@pytest.fixture
def threads():
    threads = Threads(most=3)
    yield threads
    threads.close()


def test_what_a_function_gives_and_raises_comes_back(threads):
    async def both():
        assert await threads.run(str.upper, "a") == "A"
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda number: 1 // number, 0)
        assert await threads.run(str.upper, "b") == "B"

    asyncio.run(both())


def test_a_stop_of_an_iteration_does_not_leave_the_caller_waiting(threads):
    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(asyncio.wait_for(threads.run(next, iter(())), 30))


def test_so_many_run_at_once_and_no_more(threads):
    together = threading.Barrier(3)
    running, most = 0, 0
    lock = threading.Lock()

    def count(_):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(timeout=30)
        time.sleep(0.01)
        with lock:
            running -= 1

    async def many():
        await asyncio.gather(*(threads.run(count, None) for _ in range(9)))

    asyncio.run(many())
    assert most == 3


def test_one_after_another_needs_one_thread(threads):
    async def three():
        return {await threads.run(lambda _: threading.current_thread().name, None) for _ in range(3)}

    assert len(asyncio.run(three())) == 1


def test_nobody_waits_for_a_function_that_hangs(threads):
    go_on = threading.Event()

    async def give_up():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(threads.run(lambda _: go_on.wait(30), None), 0.05)

    asyncio.run(give_up())
    go_on.set()


def test_the_threads_end_when_told_to():
    threads = Threads(most=2)
    thread = asyncio.run(threads.run(lambda _: threading.current_thread(), None))
    assert thread.daemon
    threads.close()
    thread.join(timeout=30)
    assert not thread.is_alive()


def test_without_threads_each_function_runs_where_the_event_loop_does():
    async def run():
        return await Threads(most=0).run(lambda _: threading.current_thread(), None)

    assert asyncio.run(run()) is threading.current_thread()
