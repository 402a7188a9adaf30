"""What the tests of several packages share."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture
def ctrl_c_works() -> Iterator[None]:
    """Let the processes that a test starts receive Ctrl-C.

    A process inherits an ignored SIGINT, which scripts and CI runners ignore for background processes.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
