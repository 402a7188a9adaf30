"""Trying the stories of faults: does each show its fault again, pasted into a shell and sent by `replay`?"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partially_conformance.bench.bench import bench_for
from partially_conformance.generation.effort import Effort
from partially_conformance.report.to_json import to_data
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.run.options import RunOptions
from partially_conformance.run.replay import replay
from partially_conformance.run.runner import run
from partially_conformance.selftest.cases import Silent
from partially_conformance.selftest.overlays.servers import Overlay, serving
from partially_conformance.stories.comparison import Outcome
from partially_conformance.target.target import Target

_LONGEST_PASTE = 120.0
"""How long the commands of one story may take. In seconds."""

_CURL = """curl() { command curl -w '%{stderr}@@%{http_code}\\n' "$@" 2>> "$STATUSES"; }\n"""
"""Notes the status of each request, in the order in which the requests end."""


@dataclass(frozen=True, slots=True)
class StoryTrial:
    """What came of one story of a fault.

    Attributes:
        fault: The name of the fault.
        rule: The id of the rule that caught it.
        steps: How many requests the story has.
        statuses: The statuses in the story.
        pasted: The statuses when its commands were pasted into a shell, on another server with the fault. If
            requests were sent at the same time, each status counts once: how they meet is up to chance.
        replayed: What `replay` says on another server with the fault.
        on_reference: What `replay` says on the reference server.
    """

    fault: str
    rule: str
    steps: int
    statuses: Sequence[int]
    pasted: Sequence[int]
    replayed: Outcome
    on_reference: Outcome

    @property
    def pastes(self) -> bool:
        """Whether the commands got the statuses of the story."""
        return self.statuses == self.pasted


def try_stories(fault: Overlay, seed: int = 0) -> list[StoryTrial]:
    """Let the rules that must catch a fault tell its stories, and send each again in three ways."""
    rules = load_catalogue().select(fault.about)
    with serving(fault) as target:
        options = RunOptions(target=target, rules=rules, seed=seed, effort=Effort.QUICK, disposable=True)
        report = to_data(run(options, Silent()))
    stories = [(rule["id"], failure) for rule in report["rules"] for failure in rule["failures"]]
    pasted = [_pasted(failure, fault, target) for _, failure in stories]
    with serving(fault) as broken, serving() as reference:
        outcomes = [_replayed(report, server) for server in (broken, reference)]
    return [
        StoryTrial(fault.name, rule, len(failure["exchanges"]), *statuses, *both)
        for (rule, failure), statuses, both in zip(stories, pasted, zip(*outcomes, strict=True), strict=True)
    ]


def _pasted(failure: Mapping[str, Any], fault: Overlay, first: Target) -> tuple[list[int], list[int]]:
    """The statuses of a story, and those that its commands get from another server."""
    with serving(fault) as target, tempfile.TemporaryDirectory() as folder:
        _populate(target)
        script = failure["script"].replace(first.base_url, target.base_url)
        script = script.replace(str(first.harness_url), str(target.harness_url))
        statuses = Path(folder) / "statuses"
        statuses.touch()
        keys = {"API_KEY": target.api_key, "OTHER_API_KEY": target.other_api_key or ""}
        subprocess.run(
            ["bash"],  # noqa: S607 - the shell of the user
            input=_CURL + script,
            env={**os.environ, **keys, "STATUSES": str(statuses), "TMPDIR": folder},
            capture_output=True,
            text=True,
            timeout=_LONGEST_PASTE,
            check=False,
        )
        got = [int(status) for status in re.findall(r"@@(\d+)", statuses.read_text())]
    wanted = [exchange["response"]["status"] for exchange in failure["exchanges"]]
    if any("race" in exchange["again"] for exchange in failure["exchanges"]):
        return sorted(set(wanted)), sorted(set(got))
    return wanted, got


def _replayed(report: Mapping[str, Any], target: Target) -> list[Outcome]:
    _populate(target)
    with bench_for(target) as bench:
        return [one.verdict.outcome for one in replay(report, (), bench)]


def _populate(target: Target) -> None:
    """Create a customer of each merchant: some stories read any customer that there is."""
    with bench_for(target) as bench:
        for api in filter(None, (bench.api, bench.other)):
            api.create(email=bench.data.email())
