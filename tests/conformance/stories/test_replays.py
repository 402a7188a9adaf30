"""The stories of a sample of faults show the faults again, pasted into a shell and sent by `replay`."""

from __future__ import annotations

import shutil

import pytest

from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.overlays.servers import Overlay
from partially_conformance.selftest.replays import try_stories
from partially_conformance.stories.comparison import Outcome

EVERY = 27
"""One of so many faults is tried here; benchmarks/stories.py tries all."""


@pytest.mark.parametrize("fault", all_faults()[::EVERY], ids=lambda fault: fault.name)
def test_the_stories_of_a_fault_show_it_again(fault: Overlay) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("bash or curl is not installed: the commands of stories are NOT checked")
    trials = try_stories(fault)
    assert trials, "no rule caught the fault"
    assert [(one.rule, one.statuses, one.pasted) for one in trials if not one.pastes] == []
    assert {one.replayed for one in trials} == {Outcome.STILL_FAILS}
    assert {one.on_reference for one in trials} == {Outcome.NO_LONGER_FAILS}
