"""What the README promises is what the machines run."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from partially_conformance.cli import main
from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.overlays.servers import serving

ROOT = Path(__file__).parents[1]

README = (ROOT / "README.md").read_text(encoding="utf-8")

FAULT = "unknown-is-removed"
"""The fault of the server whose verdict the README shows."""

VARYING = {
    r"http://127\.0\.0\.1:\d+": "http://127.0.0.1:8080",
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}": "<id>",
    r"\d+ requests, \d+\.\d s,": "<requests, seconds>,",
}
"""What differs from run to run, and what stands for it in a comparison."""


def steady(text: str) -> str:
    """A text without what differs from run to run."""
    for pattern, replacement in VARYING.items():
        text = re.sub(pattern, replacement, text)
    return text


def test_the_verdict_in_the_readme_is_what_the_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```(?:shell)?\n(.*?)```", README, re.DOTALL)
    command, shown = blocks[:2]
    fault = next(fault for fault in all_faults() if fault.name == FAULT)
    with serving(fault) as target:
        monkeypatch.setenv("ACME_KEY", target.api_key)
        address = target.base_url.removesuffix("/api")
        program, *words = shlex.split(command.replace("\\\n", " ").replace("http://127.0.0.1:8080", address))
        assert program == "partially-conformance"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            assert main(words) == 1
    assert steady(printed.getvalue()) == steady(shown)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [
        line
        for block in re.findall(r"```shell\n(.*?)```", README, re.DOTALL)
        for line in block.splitlines()
        if "tox" in line and not line.startswith("#")
    ]
    assert len(commands) == 1
    assert commands[0] in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    "document", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name
)
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert not [link for link in local if not (document.parent / link).exists()]


def test_every_dependency_is_explained() -> None:
    declared = re.findall(
        r'^    "([A-Za-z0-9_-]+)[\[>=]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    explained = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower()
    own = {"partially-conformance"}
    assert declared
    assert not {name for name in declared if name.lower() not in explained} - own
