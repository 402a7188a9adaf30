"""What a run says of itself holds no key, even if the target repeats one in an unusual place."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest

KEY = "sk/live+Zk42-of-the-user"


def outputs(commands: Any, path: Path, folder: Path, *options: str) -> dict[str, str]:
    files = {name: folder / f"out.{name}" for name in ("junit", "html", "markdown")}
    written = [part for name, file in files.items() for part in (f"--{name}", file)]
    ended = commands.run(path, *written, "-v", *options)
    assert ended.code == 3
    texts = {"console": ended.out + ended.err, "json": json.dumps(ended.report)}
    return texts | {name: file.read_text() for name, file in files.items()}


def shows(text: str) -> bool:
    spellings = (
        KEY,
        KEY.upper(),
        json.dumps(KEY)[1:-1].replace("/", "\\/"),
        KEY.replace("/", "%2F").replace("+", "%2B"),
    )
    return any(one in text for one in (*spellings, base64.b64encode(f"Bearer {KEY}".encode()).decode()))


@pytest.mark.parametrize(
    "line",
    [
        f"HTTP/1.1 abc {KEY}",
        f"HTTP/1.1 abc {KEY.upper()}",
        "HTTP/1.1 abc " + base64.b64encode(f"Bearer {KEY}".encode()).decode(),
        "HTTP/1.1 abc " + KEY.replace("/", "%2F").replace("+", "%2B"),
    ],
)
def test_a_reason_holds_no_key(commands: Any, tiny: Any, tmp_path: Path, line: str) -> None:
    def answer(_seen: Any, connection: Any) -> None:
        connection.send(f"{line}\r\n\r\n".encode())
        connection.close()

    path = commands.target_file(base_url=f"{tiny(answer).url}/api", api_key=KEY, name="leaky")
    texts = outputs(commands, path, tmp_path, "--rules", "READ-1")
    assert "$API_KEY" in texts["console"]
    assert [name for name, text in texts.items() if shows(text)] == []


def test_the_last_output_of_a_target_holds_no_key(commands: Any, tmp_path: Path, closed_port: int) -> None:
    program = f"import sys; print('started with', {KEY!r}, file=sys.stderr); sys.exit(1)"
    path = commands.target_file(base_url=f"http://127.0.0.1:{closed_port}/api", api_key=KEY, name="leaky")
    command = json.dumps([sys.executable, "-c", program])
    path.write_text(f"{path.read_text()}\n[start]\ncommand = {command}\n")
    texts = outputs(commands, path, tmp_path, "--rules", "READ-1")
    assert "started with $API_KEY" in texts["console"]
    assert [name for name, text in texts.items() if shows(text)] == []
