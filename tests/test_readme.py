"""What the README promises is what the machines run."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

README = (ROOT / "README.md").read_text(encoding="utf-8")


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
