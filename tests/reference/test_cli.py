"""The command, started as a process."""

import queue
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager

import httpx2
import pytest

COMMAND = [sys.executable, "-m", "partially_reference", "serve"]
TIMEOUT = 30


@contextmanager
def started(*arguments):
    """The running command, and the lines that it prints until it is ready."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    printed = queue.Queue()
    reader = threading.Thread(target=lambda: [printed.put(line.decode()) for line in process.stdout])
    reader.start()
    try:
        lines = []
        while not lines or "serving" not in lines[-1]:
            lines.append(printed.get(timeout=TIMEOUT).rstrip("\n"))
        yield process, lines
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=TIMEOUT)
        reader.join()
        process.stdout.close()
        process.stderr.close()


def refused(*arguments):
    done = subprocess.run([*COMMAND, *arguments], check=False, capture_output=True, timeout=TIMEOUT)
    assert done.stdout == b""
    return done.returncode, done.stderr.decode()


def base_of(lines):
    return re.search(r"http://127\.0\.0\.1:\d+/api", lines[-1])[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_stops_on_a_signal(number):
    with started("--harness", "--api-key", "K1", "--api-key", "K2") as (process, lines):
        (line,) = lines
        base = base_of(lines)
        assert line == f"partially-reference: serving {base} (harness {base.removesuffix('/api')}/harness)"
        with httpx2.Client() as client:
            for key in ("K1", "K2"):
                answer = client.get(f"{base}/customer", headers={"Authorization": f"Bearer {key}"})
                assert answer.json()["total_entries"] == 0
            process.send_signal(number)
            assert process.wait(timeout=TIMEOUT) == 0
        assert process.stderr.read() == b""


def test_without_a_key_it_generates_one_and_without_the_option_it_serves_no_harness():
    with started() as (process, lines):
        key = re.fullmatch(r"partially-reference: API key (\S{32})", lines[0])[1]
        assert (
            httpx2.get(f"{base_of(lines)}/customer", headers={"Authorization": f"Bearer {key}"}).status_code
            == 200
        )
        assert httpx2.get(f"{base_of(lines).removesuffix('/api')}/harness/").status_code == 404
        process.terminate()
        assert process.wait(timeout=TIMEOUT) == 0


def test_a_database_file_keeps_customers_and_keys_of_earlier_runs_are_refused(tmp_path):
    url = f"sqlite:///{tmp_path}/customers.sqlite"
    headers = {"Authorization": "Bearer K1"}
    with started("--database", url, "--api-key", "K1") as (_, lines):
        created = httpx2.post(f"{base_of(lines)}/customer", headers=headers, json={"email": "a@b.co"}).json()
    with started("--database", url, "--api-key", "K2") as (_, lines):
        assert httpx2.get(f"{base_of(lines)}/customer", headers=headers).status_code == 401
    with started("--database", url, "--api-key", "K1") as (_, lines):
        assert httpx2.get(f"{base_of(lines)}/customer", headers=headers).json()["customers"] == [created]


def test_a_port_in_use_is_one_line_of_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, error = refused("--port", port)
    assert status == 2
    assert error == f"partially-reference: cannot listen on 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--database", "mysql://x@y/z"], "expected sqlite:///PATH"),
        (["--database", "customers.sqlite"], "expected sqlite:///PATH"),
        (["--database", "sqlite:///x.sqlite?timeout=abc"], "without options"),
        (["--database", "postgresql://nobody:secret@127.0.0.1"], "names no database"),
        (["--database", "postgresql://postgres@127.0.0.1:1/x?bogus=1"], 'invalid connection option "bogus"'),
        (["--database", "sqlite:////no/such/folder/x.sqlite"], "unable to open database file"),
        (["--database", "postgresql://nobody:secret@127.0.0.1:1/x"], "Connection refused"),
        (["--database", "postgresql://nobody:secret@127.0.0.1:x/x"], "expected sqlite:///PATH"),
        (["--api-key", "with blank"], "visible ASCII"),
        (["--api-key", ""], "visible ASCII"),
        (["--api-key", "K\u00e9"], "visible ASCII"),
        (["--api-key", "K1", "--api-key", "K1"], "given twice"),
        (["--smtp", "localhost:25"], "expected smtp://HOST:PORT"),
        (["--smtp", "smtp://localhost:99999"], "expected smtp://HOST:PORT"),
        (["--host", "no.such.host.invalid"], "cannot listen on no.such.host.invalid"),
    ],
    ids=str,
)
def test_an_unusable_option_is_one_line_of_error(arguments, said):
    status, error = refused("--port", "0", *arguments)
    assert status == 2
    assert error.startswith("partially-reference: ")
    assert error.count("\n") == 1
    assert said in error
    assert "secret" not in error


@pytest.mark.parametrize("port", ["-1", "65536", "x", "\u0661"])
def test_a_port_is_a_number(port):
    status, error = refused(f"--port={port}")
    assert (status, "expected a port, 0 to 65535" in error) == (2, True)


def test_an_error_names_a_table_that_lacks_columns(tmp_path):
    with sqlite3.connect(tmp_path / "old.sqlite") as old:
        old.execute("CREATE TABLE merchants (id TEXT PRIMARY KEY)")
    old.close()
    status, error = refused("--port", "0", "--database", f"sqlite:///{tmp_path}/old.sqlite")
    assert (status, "the table 'merchants' lacks the column(s) key_digest" in error) == (2, True)


def test_it_warns_when_others_can_reach_the_harness():
    with started("--harness", "--host", "0.0.0.0") as (process, _):
        process.terminate()
        assert process.wait(timeout=TIMEOUT) == 0
        assert b"the harness takes no authentication" in process.stderr.read()


def test_help_explains_every_option():
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, timeout=TIMEOUT, check=True)
    text = done.stdout.decode()
    for option in ("--host", "--port", "--database", "--api-key", "--harness", "--smtp", "--log-level"):
        assert option in text
    assert "forgotten when the server stops" in " ".join(text.split())
