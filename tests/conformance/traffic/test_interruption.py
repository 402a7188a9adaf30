"""Ctrl-C and SIGTERM in the middle of a run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

TIMEOUT = 60.0
"""Longest wait for anything here, in seconds."""


def begin(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start a command in a process of its own; its progress is on standard error."""
    return subprocess.Popen(
        [sys.executable, "-m", "partially_conformance", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def interrupt(process: subprocess.Popen[str], sign: signal.Signals, after: str) -> tuple[int, str, str]:
    """Send a signal once the progress contains `after`; returns exit code, output and errors."""
    assert process.stderr is not None
    seen = ""
    for line in process.stderr:
        seen += line
        if after in line:
            process.send_signal(sign)
            break
    out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, seen + err


def session(leader: int) -> list[int]:
    """The processes of a session that are still running."""
    command = ["ps", "-o", "pid=,stat=", "-s", str(leader)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    states = [line.split() for line in found.stdout.splitlines()]
    return [int(pid) for pid, state in states if not state.startswith("Z")]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up_and_reports(
    commands: Any, reference: Any, tmp_path: Path, sign: signal.Signals
) -> None:
    target, report = reference(), tmp_path / "out.json"
    process = begin("run", commands.target_file(target), "--json", report, "--record", tmp_path / "kept")
    code, out, err = interrupt(process, sign, after="SEARCH-2 ")
    assert code == 3
    assert "Traceback" not in out + err
    assert "reason: the run was interrupted" in out
    rules = {rule["id"]: rule for rule in json.loads(report.read_text())["rules"]}
    assert rules["AUTH-1"]["status"] == "passed"
    assert rules["HTTP-1"]["status"] == "not_tested"
    assert rules["HTTP-1"]["reason"] == "the run was interrupted"
    assert session(process.pid) == []
    assert not (tmp_path / "kept" / "journal.jsonl").exists()
    for key in (target.api_key, target.other_api_key):
        with httpx2.Client(headers={"Authorization": f"Bearer {key}"}) as client:
            page = client.get(f"{target.base_url}/customer", params={"per_page": 100}).json()
        assert not [one for one in page["customers"] if "@example.com" in str(one["email"])]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_embedded_server_ends_with_the_run(tmp_path: Path, sign: signal.Signals) -> None:
    report = tmp_path / "out.json"
    process = begin("run", "--json", report)
    code, out, err = interrupt(process, sign, after="AUTH-3 ")
    assert (code, "Traceback" in out + err) == (3, False)
    address = json.loads(report.read_text())["target"]["base_url"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api", address)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address)


def test_a_started_target_and_its_child_processes_end_with_the_suite(
    commands: Any, tmp_path: Path, closed_port: int
) -> None:
    pids = tmp_path / "pids"
    path = commands.target_file(base_url=f"http://127.0.0.1:{closed_port}/api")
    script = f"echo $$ > {pids}; sleep 300 & echo $! >> {pids}; trap '' TERM; echo up; wait; wait"
    path.write_text(path.read_text() + f"[start]\ncommand = {json.dumps(['sh', '-c', script])}\n")
    process = begin("doctor", path)
    while not pids.exists() or len(pids.read_text().split()) < 2:
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert (out, err) == ("", "partially-conformance doctor: interrupted\n")
    assert session(int(pids.read_text().split()[0])) == []
