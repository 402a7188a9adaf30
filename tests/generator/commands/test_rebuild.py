"""Building over an earlier client, and building whenever something changes."""

from __future__ import annotations

import copy
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import partially_spec
from partially_generator.cli import main
from partially_generator.commands import kept_description

Json = dict[str, Any]

PATIENCE = 60.0
"""Seconds for a line to come; a build takes one or two, and many tests may share the machine."""


def spec(path: Path, *edits: Callable[[Json], object]) -> Path:
    document = copy.deepcopy(partially_spec.read_yaml(partially_spec.OPENAPI))
    for edit in edits:
        edit(document)
    write(path, yaml.safe_dump(document))
    return path


def write(path: Path, text: str) -> None:
    """As editors do: the file is never half there."""
    beside = path.with_suffix(".tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def require_email(document: Json) -> None:
    schema = document["components"]["schemas"]["TokenLogin"]
    schema["required"] = ["token", "email"]
    schema["properties"]["email"] = {"type": "string"}


def other_words(document: Json) -> None:
    document["info"]["description"] = "In other words."


BROKEN = "  callers: POST /customer/login_token: `email` is new and must be sent."


def test_building_over_a_client_of_another_description_says_what_breaks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["build", "--output", str(out), "--spec"]
    assert main([*arguments, str(spec(tmp_path / "a.yaml"))]) == 0
    assert "Since" not in capsys.readouterr().out
    assert main([*arguments, str(spec(tmp_path / "b.yaml", require_email))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == [
        f"Since {out / kept_description.FILE_NAME}:",
        "1 change: 1 breaks callers, 1 asks servers to change, 0 neither.",
        BROKEN,
    ]
    assert main([*arguments, str(tmp_path / "b.yaml")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_building_against_a_description_of_choice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = spec(tmp_path / "b.yaml", require_email)
    old = ["--against", str(spec(tmp_path / "a.yaml"))]
    arguments = ["build", "--output", str(tmp_path / "out"), "--spec", str(new)]
    assert main([*arguments, *old]) == 0
    assert BROKEN in capsys.readouterr().out.splitlines()
    assert main([*arguments, "--against", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml: cannot be read" in capsys.readouterr().err


def test_a_kept_description_that_is_damaged_does_not_stop_a_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["build", "--output", str(out)]) == 0
    (out / kept_description.FILE_NAME).write_text("{")
    capsys.readouterr()
    assert main(["build", "--output", str(out)]) == 0
    assert "The changes are unknown" in capsys.readouterr().out
    assert main(["check", "--output", str(out)]) == 0


def test_the_kept_description_is_the_document_and_not_installed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["build", "--output", str(out)]) == 0
    kept = kept_description.read(out)
    assert kept is not None
    assert kept.raw == partially_spec.read_yaml(partially_spec.OPENAPI)
    assert not list((out / "src").rglob(kept_description.FILE_NAME))


class Watched:
    """A running `build --watch`, line by line."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "partially_generator.cli", "build", "--watch", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONDEVMODE": ""},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def until(self, start: str) -> list[str]:
        """The lines up to one that starts so."""
        deadline = time.monotonic() + PATIENCE
        seen: list[str] = []
        while True:
            try:
                seen.append(self._lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"no line starts with {start!r} in {seen}") from None
            if seen[-1].startswith(start):
                return seen

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    running: list[Watched] = []

    def start(*arguments: str) -> Watched:
        running.append(
            Watched("--spec", str(tmp_path / "a.yaml"), "--output", str(tmp_path / "out"), *arguments)
        )
        return running[-1]

    yield start
    for one in running:
        one.close()


def test_watching_tells_what_changed_and_outlives_a_broken_description(
    tmp_path: Path, watched: Callable[..., Watched]
) -> None:
    path = spec(tmp_path / "a.yaml")
    process = watched()
    assert process.until("Watching")[0].startswith("Wrote the client")

    spec(path, require_email)
    told = process.until("Watching")
    assert BROKEN in told

    write(path, "openapi: [")
    told = process.until("Watching")
    assert [line for line in told if line.startswith("partially-generate: ") and "a.yaml" in line]

    spec(path, require_email, other_words)
    told = process.until("Watching")
    assert "1 change: 0 break callers, 0 ask servers to change, 1 neither." in told
    assert main(["check", "--spec", str(path), "--output", str(tmp_path / "out")]) == 0

    path.touch()
    path.unlink()
    assert "cannot be read" in "\n".join(process.until("Watching"))
    assert process.stop(signal.SIGTERM) == 0
    assert process.until("Stopped")


@pytest.mark.usefixtures("ctrl_c_works")
def test_watching_sees_the_configuration_and_ends_with_ctrl_c(
    tmp_path: Path, watched: Callable[..., Watched]
) -> None:
    path = spec(tmp_path / "a.yaml")
    config = tmp_path / "acme.toml"
    assert main(["init", str(config), "--spec", str(path)]) == 0
    process = watched("--config", str(config))
    process.until("Watching")
    write(config, config.read_text().replace('version = "0.1.0"', 'version = "0.2.0"'))
    process.until("Watching")
    assert 'version = "0.2.0"' in (tmp_path / "out" / "pyproject.toml").read_text()
    assert process.stop(signal.SIGINT) == 130
    shown = process.until("Stopped")
    assert not [line for line in shown if "Traceback" in line]
