"""`[start]`: the suite judges only what it has started."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

KEY = "key-one-of-the-test"

FEW = ("--rules", "LIST-1", "CREATE-1")

FAILS = """
import sys
for number in range(50):
    print("line", number, file=sys.stderr)
print("key {key} secret-value")
sys.exit(7)
"""

LISTENS = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
"""


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return int(holder.getsockname()[1])


@pytest.fixture
def start_file(commands: Any) -> Any:
    def write(url: str, *command: str, **env: str) -> Path:
        path: Path = commands.target_file(base_url=f"{url}/api", api_key=KEY)
        table = f"[start]\ncommand = {json.dumps(command)}\n"
        table += "env = {" + ", ".join(f"{name} = {json.dumps(value)}" for name, value in env.items()) + "}\n"
        path.write_text(path.read_text() + table)
        return path

    return write


def python(text: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text, *arguments)


def reason(ended: Any) -> str:
    return next(line for line in ended.out.splitlines() if line.startswith(("reason: ", "no  ")))


def test_nothing_is_started_where_something_answers_already(
    commands: Any, reference: Any, start_file: Any, tmp_path: Path
) -> None:
    """Also if it is a conforming server: it is not the one that is to be checked."""
    url = reference().base_url.removesuffix("/api")
    path = start_file(url, "touch", str(tmp_path / "started"))
    for ended in (commands.run(path, *FEW), commands("doctor", path)):
        assert ended.code == 3
        assert f"something answers at {url}/api already, before the target was started" in reason(ended)
    assert not (tmp_path / "started").exists()


def test_a_command_that_ends_is_shown_with_its_last_lines(
    commands: Any, start_file: Any, free_port: int
) -> None:
    text = FAILS.format(key=KEY)
    path = start_file(f"http://127.0.0.1:{free_port}", *python(text), PASSWORD="secret-value", PORT="8080")
    ended = commands.run(path, *FEW)
    assert ended.code == 3
    told = reason(ended)
    assert "the target did not start: its process has ended with exit code 7; it printed: " in told
    assert "line 49" in told
    assert "line 30 " not in told
    assert KEY not in told
    assert "key $API_KEY $PASSWORD" in told
    assert {rule["status"] for rule in ended.report["rules"]} == {"not_tested"}


def test_a_command_that_a_signal_ends_is_told(commands: Any, start_file: Any, free_port: int) -> None:
    text = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    ended = commands.run(start_file(f"http://127.0.0.1:{free_port}", *python(text)), *FEW)
    assert (ended.code, "its process has ended by SIGKILL" in reason(ended)) == (3, True)


def test_a_command_that_never_listens_is_told(
    commands: Any, start_file: Any, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partially_conformance.target.launch.START_LIMIT", 1.0)
    path = start_file(
        f"http://127.0.0.1:{free_port}",
    )
    path = start_file(
        f"http://127.0.0.1:{free_port}", *python("import time; print('hello', flush=True); time.sleep(60)")
    )
    ended = commands.run(path, *FEW)
    assert ended.code == 3
    assert f"the target did not answer at http://127.0.0.1:{free_port}/api within 1 s" in reason(ended)
    assert "it printed: hello" in reason(ended)


def test_a_command_that_leaves_a_server_behind_is_not_what_answers(
    commands: Any, start_file: Any, free_port: int
) -> None:
    text = LISTENS + "if os.fork() == 0:\n    server.serve_forever()\n"
    ended = commands.run(start_file(f"http://127.0.0.1:{free_port}", *python(text, str(free_port))), *FEW)
    assert ended.code == 3
    assert "its process has ended with exit code 0" in reason(ended)


@pytest.mark.parametrize("command", ["/no/such/program", "no-such-program-anywhere", "/"])
@pytest.mark.parametrize("subcommand", ["run", "doctor"])
def test_a_command_that_cannot_be_run_is_wrong_configuration(
    commands: Any, start_file: Any, free_port: int, command: str, subcommand: str
) -> None:
    ended = commands(subcommand, start_file(f"http://127.0.0.1:{free_port}", command))
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert f"[start].command: {command}: cannot be run: " in ended.err
