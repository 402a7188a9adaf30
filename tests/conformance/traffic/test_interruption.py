"""Ctrl-C, SIGTERM and SIGHUP in the middle of a run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from partially_conformance.traffic.interruption import interruptible, uninterrupted

TIMEOUT = 60.0
"""Longest wait for anything here, in seconds."""

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def begin(stack: Any, ctrl_c_works: None) -> Begin:
    """Starts a command in a process of its own, with its progress on standard error."""

    def start(*arguments: str | Path, ignoring: signal.Signals | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "partially_conformance", *map(str, arguments)]
        before = None if ignoring is None else signal.signal(ignoring, signal.SIG_IGN)
        try:
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
                env={**os.environ, "NO_COLOR": "1"},
            )
        finally:
            if ignoring is not None:
                signal.signal(ignoring, before)
        stack.enter_context(process)  # closes its pipes, also after a failure
        stack.callback(process.kill)
        return process

    return start


def seen_until(process: subprocess.Popen[str], text: str) -> str:
    """The errors of a process until a line contains a text."""
    assert process.stderr is not None
    seen = ""
    for line in process.stderr:
        seen += line
        if text in line:
            break
    return seen


def interrupt(process: subprocess.Popen[str], sign: signal.Signals, after: str) -> tuple[int, str, str]:
    """Send a signal once the progress contains `after`; returns exit code, output and errors."""
    seen = seen_until(process, after)
    process.send_signal(sign)
    out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, seen + err


def session(leader: int) -> list[int]:
    """The processes of a session that are still running."""
    command = ["ps", "-o", "pid=,stat=", "-s", str(leader)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    states = [line.split() for line in found.stdout.splitlines()]
    return [int(pid) for pid, state in states if not state.startswith("Z")]


@pytest.mark.parametrize("sign", ENDING)
def test_an_interrupted_run_cleans_up_and_reports(
    begin: Begin, commands: Any, reference: Any, tmp_path: Path, sign: signal.Signals
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


@pytest.mark.parametrize("sign", ENDING)
def test_the_embedded_server_ends_with_the_run(begin: Begin, tmp_path: Path, sign: signal.Signals) -> None:
    report = tmp_path / "out.json"
    process = begin("run", "--json", report)
    code, out, err = interrupt(process, sign, after="AUTH-3 ")
    assert (code, "Traceback" in out + err) == (3, False)
    address = json.loads(report.read_text())["target"]["base_url"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api", address)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address)


def test_a_started_target_and_its_child_processes_end_with_the_suite(
    begin: Begin, commands: Any, tmp_path: Path, closed_port: int
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


def test_a_run_that_inherits_an_ignored_ctrl_c_says_how_to_stop_it(
    begin: Begin, commands: Any, reference: Any, tmp_path: Path
) -> None:
    target, report = reference(), tmp_path / "out.json"
    process = begin("run", commands.target_file(target), "--json", report, ignoring=signal.SIGINT)
    seen = seen_until(process, "AUTH-1 ")
    told = f"Ctrl-C is ignored here: `kill {process.pid}` stops this run, which then cleans up\n"
    assert seen.startswith(told)
    process.send_signal(signal.SIGINT)
    code, out, err = interrupt(process, signal.SIGTERM, after="AUTH-4 ")
    assert "AUTH-4 passed" in err
    assert (code, "could not be removed" in out) == (3, False)
    assert "reason: the run was interrupted" in out


def test_a_hangup_that_is_ignored_stays_ignored(begin: Begin, commands: Any, reference: Any) -> None:
    """As with `nohup`."""
    process = begin("run", commands.target_file(reference()), "--rules", "AUTH-*", ignoring=signal.SIGHUP)
    seen_until(process, "AUTH-1 ")
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=TIMEOUT)
    assert "interrupted" not in out
    assert process.returncode == 0


def test_a_run_that_is_killed_has_said_how_to_clean_up(begin: Begin, commands: Any, reference: Any) -> None:
    target = reference()
    path = commands.target_file(target)
    process = begin("run", path)
    seen = seen_until(process, "AUTH-6 ")
    process.kill()
    process.wait(TIMEOUT)
    found = re.search(r"if the run is killed, `partially-conformance cleanup (\S+)` removes them\n", seen)
    assert found is not None
    ended = commands("cleanup", found[1], path)
    assert ended.code == 0
    assert re.fullmatch(r"[1-9]\d* customers removed, 0 left\n", ended.out)
    with httpx2.Client(headers={"Authorization": f"Bearer {target.api_key}"}) as client:
        page = client.get(f"{target.base_url}/customer", params={"per_page": 100}).json()
    assert not [one for one in page["customers"] if "@example.com" in str(one["email"])]


def test_a_target_that_ends_with_the_run_needs_no_journal(begin: Begin) -> None:
    process = begin("run", "--rules", "LIST-1")
    _, err = process.communicate(timeout=TIMEOUT)
    assert "cleanup" not in err


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.usefixtures("ctrl_c_works")
def test_a_signal_is_delayed_and_then_ends_the_block(sign: signal.Signals) -> None:
    steps = []

    def block() -> None:
        with interruptible():
            with uninterrupted():
                signal.raise_signal(sign)
                steps.append("finished")
            steps.append("not reached")

    with pytest.raises(KeyboardInterrupt):
        block()
    assert steps == ["finished"]


def test_an_ignored_signal_is_not_delayed() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(), uninterrupted():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
