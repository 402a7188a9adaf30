"""What docs/clients.md says of the environment, the upsets and the rules is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from partially_conformance.clients.recorded.traffic_checks import NEEDED_UPSETS, TRAFFIC_CHECKS
from partially_conformance.clients.recorded.upsets import UPSETS
from partially_conformance.clients.recorded.variables import PREFIX, VARIABLES

WHOLE = (Path(__file__).parents[3] / "docs/clients.md").read_text(encoding="utf-8")
TEXT = WHOLE.partition("## Any client, in any language\n")[2]


def rows(columns: int) -> list[list[str]]:
    """The rows of all tables with so many columns."""
    lines = (line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| "))
    return [[cell.strip("`") for cell in cells] for cells in lines if len(cells) == columns]


def test_the_environment_is_described() -> None:
    described = [row for row in rows(3) if row[0].startswith(PREFIX)]
    assert described == [[PREFIX + name.upper(), f"{{{name}}}", text] for name, text in VARIABLES.items()]


def test_the_upsets_are_described() -> None:
    names = [upset.name for upset in UPSETS]
    described = [row for row in rows(2) if row[0] in names]
    assert [row[0] for row in described] == names


def test_the_rules_are_named_with_the_upsets_that_show_them() -> None:
    described = {row[0].split()[0].rstrip(":"): row[1] for row in rows(2) if row[0].startswith("CLIENT-")}
    assert list(described) == list(TRAFFIC_CHECKS)
    for rule, shows in NEEDED_UPSETS.items():
        named = re.findall(r"`(\w+)`?", described[rule] + "`")
        assert named == [upset.name for upset in UPSETS if shows(upset)], rule
