"""The checkers: Schemathesis with its defaults, and the suite of this project."""

from __future__ import annotations

import atexit
import functools
import json
import logging
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from common import environment
from starlette.types import ASGIApp, Receive, Scope, Send

from partially_conformance.selftest.overlays.servers import Overlay, components_of
from partially_conformance.target.target import Target
from partially_reference.app import API_PATH, HARNESS_PATH, create_app
from partially_reference.serving import running
from partially_reference.settings import Settings
from partially_spec import OPENAPI

CUT_OFF_AFTER = 600.0
"""Seconds after which a run is cut off: ten times what a checker takes on a slow machine."""

CUT_OFF = "cut off"
CRASHED = "crashed"

_STORAGE = "HYPOTHESIS_STORAGE_DIRECTORY"
"""The variable with the folder of Hypothesis, which both checkers use."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The result of one run of a checker.

    Attributes:
        seconds: From the start of the program to its end.
        exit_code: The exit code; None if it was cut off.
        verdict: The verdict in the words of the checker; `CUT_OFF`, or `CRASHED` if it wrote no report.
        findings: Its findings, in a form that is the same in every run.
        detail: Why there is no verdict: the end of its output, or the rules that were not decided.
    """

    seconds: float
    exit_code: int | None
    verdict: str
    findings: frozenset[str] = frozenset()
    detail: str = ""


class Checker(Protocol):
    """A program that checks a server and writes a JSON report."""

    @property
    def name(self) -> str:
        """Its name in the tables."""

    def command(self, target: Target, report: Path, seed: int) -> list[str]:
        """The command line."""

    def read(self, report: Any) -> tuple[str, frozenset[str], str]:
        """The verdict, the findings and the detail of a report, as in `Ended`."""


@dataclass(frozen=True, slots=True)
class Schemathesis:
    """`st run` with its defaults, and with what it cannot know: document, address, key, seed and report file.

    Attributes:
        tiny: Whether to send only a few requests, to try out the benchmark.
        name: Its name in the tables.
    """

    tiny: bool = False
    name: str = "schemathesis"

    def command(self, target: Target, report: Path, seed: int) -> list[str]:
        """The command line."""
        words = [sys.executable, "-m", "schemathesis.cli", "run", str(OPENAPI)]
        words += [f"--url={target.base_url}", f"--header=Authorization: Bearer {target.api_key}"]
        words += [f"--seed={seed}", f"--report-json-path={report}"]
        return [*words, "--max-examples=1", "--phases=examples"] if self.tiny else words

    def read(self, report: Any) -> tuple[str, frozenset[str], str]:
        """The verdict; as findings each kind of failure of each operation."""
        failures = {
            f"{operation}: {failure['type']}"
            for failure in report["failures"]
            for operation in failure["operations"]
        }
        errors = {f"error: {error['title']}" for error in report["errors"]}
        findings = frozenset(failures | errors)
        return "failures" if findings else "no failures", findings, ""


@dataclass(frozen=True, slots=True)
class Suite:
    """`partially-conformance run`.

    Attributes:
        effort: The value of `--effort`.
        tiny: Whether to check only one rule, to try out the benchmark.
    """

    effort: str
    tiny: bool = False

    @property
    def name(self) -> str:
        """Its name in the tables."""
        return f"suite ({self.effort})"

    def command(self, target: Target, report: Path, seed: int) -> list[str]:
        """The command line."""
        words = [sys.executable, "-m", "partially_conformance", "run", f"--effort={self.effort}"]
        words += [f"--base-url={target.base_url}", f"--harness-url={target.harness_url}"]
        words += [f"--api-key={target.api_key}", f"--other-api-key={target.other_api_key}"]
        words += [f"--seed={seed}", f"--json={report}"]
        return [*words, "--rules=AUTH-1"] if self.tiny else words

    def read(self, report: Any) -> tuple[str, frozenset[str], str]:
        """The verdict; as findings the rules that failed; as detail the rules that were not decided."""
        failed = (rule["id"] for rule in report["rules"] if rule["status"] == "failed")
        undecided = (
            f"{rule['id']} {rule['status']}: {rule['reason']}"
            for rule in report["rules"]
            if rule["status"] not in {"passed", "failed"}
        )
        return report["verdict"], frozenset(failed), "; ".join(undecided)


def check(checker: Checker, target: Target, seed: int) -> Ended:
    """Run a checker on a server, in a new folder.

    The folder has only the character tables of Hypothesis, which every user has after the first run.
    """
    with tempfile.TemporaryDirectory() as folder:
        report, storage = Path(folder, "report.json"), Path(folder, "hypothesis")
        shutil.copytree(_tables(), storage)
        begun = time.monotonic()
        try:
            done = subprocess.run(
                checker.command(target, report, seed),
                cwd=folder,
                env={**environment(), _STORAGE: str(storage)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=CUT_OFF_AFTER,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ended(time.monotonic() - begun, None, CUT_OFF)
        seconds = time.monotonic() - begun
        try:
            verdict, findings, detail = checker.read(json.loads(report.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError) as error:
            detail = f"{error}\n{done.stdout[-2000:]}"
            return Ended(seconds, done.returncode, CRASHED, detail=detail)
        return Ended(seconds, done.returncode, verdict, findings, detail)


@functools.cache
def _tables() -> Path:
    """A folder with the character tables that Hypothesis builds once."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    work = "from hypothesis.internal import charmap; charmap.intervals_from_codec('utf-8')"
    subprocess.run([sys.executable, "-c", work], env={**environment(), _STORAGE: folder}, check=True)
    return Path(folder)


class Tally:
    """Counts the requests that reached the API of a server."""

    def __init__(self) -> None:
        self.requests = 0


class _Counting:
    """Counts every request but those to the harness."""

    def __init__(self, app: ASGIApp, tally: Tally) -> None:
        self._app = app
        self._tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(HARNESS_PATH):
            self._tally.requests += 1
        await self._app(scope, receive, send)


@contextmanager
def counted_server(*overlaid: Overlay) -> Iterator[tuple[Target, Tally]]:
    """Run the reference server, with overlays if any, on a free port, and count its requests."""
    # Broken servers, and requests that are not HTTP, would fill the console.
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())
    keys = tuple(secrets.token_urlsafe(24) for _ in range(2))
    tally = Tally()
    app = create_app(Settings(api_keys=keys, harness=True), components_of(*overlaid))
    app.add_middleware(_Counting, tally=tally)
    with running(app) as address:
        target = Target(
            name="-".join(overlay.name for overlay in overlaid) or "reference",
            base_url=address + API_PATH,
            api_key=keys[0],
            other_api_key=keys[1],
            harness_url=address + HARNESS_PATH,
        )
        yield target, tally
