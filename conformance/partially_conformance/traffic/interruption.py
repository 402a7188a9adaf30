"""Handling Ctrl-C, SIGTERM and SIGHUP, so that a run cleans up before it ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a process: asked for, and because its terminal was closed."""


def how_to_stop() -> str | None:
    """How to stop this process if Ctrl-C does nothing, as in the background of a script; None if it does."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        return None
    return f"Ctrl-C is ignored here: `kill {os.getpid()}` stops this run, which then cleans up"


@contextmanager
def interruptible() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP as Ctrl-C while the block runs, so that the suite cleans up after each.

    A signal that is ignored stays ignored: `nohup` asks for that. Only the main thread receives signals; in
    another thread this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {sign: signal.signal(sign, interrupt) for sign in _not_ignored(_ENDING)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C, SIGTERM and SIGHUP until the block has ended.

    For steps that must not stop halfway, such as starting a process and noting that it must be stopped.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    before = {
        sign: signal.signal(sign, lambda number, _frame: received.append(number))
        for sign in _not_ignored((signal.SIGINT, *_ENDING))
    }
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
        if received:
            signal.raise_signal(received[0])


def _not_ignored(signs: tuple[signal.Signals, ...]) -> list[signal.Signals]:
    return [sign for sign in signs if signal.getsignal(sign) is not signal.SIG_IGN]
