"""The document of the catalogue: it is the committed one, and it has all that settles a dispute."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from partially_conformance.cli import main
from partially_conformance.rules.catalogue import Rule, load_catalogue
from partially_conformance.rules.document import NEED_WORDS

COMMITTED = Path(__file__).parents[3] / "docs/rules.md"
CATALOGUE = load_catalogue()


@pytest.fixture
def sections() -> dict[str, str]:
    """The text below each heading of a rule or a choice."""
    parts = re.split(r"^#{2,3} (.+)$", COMMITTED.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_committed_document_is_that_of_the_catalogue(tmp_path: Path) -> None:
    written = tmp_path / "rules.md"
    assert main(["rules", "--markdown", str(written)]) == 0
    again = "`partially-conformance rules --markdown docs/rules.md` writes it anew"
    assert COMMITTED.read_text(encoding="utf-8") == written.read_text(encoding="utf-8"), again


@pytest.mark.parametrize("rule", CATALOGUE.rules, ids=lambda rule: rule.id)
def test_each_rule_has_all_that_settles_a_dispute(rule: Rule, sections: dict[str, str]) -> None:
    section = sections[f"{rule.id}: {rule.title}"]
    for wanted in (rule.statement, f"**{rule.level}**", rule.basis, f"({rule.source})"):
        assert wanted in section
    assert all(NEED_WORDS[need] in section for need in rule.needs)
    assert re.findall(r"\(#([\w-]+)\)", section) == list(rule.choices)
    assert set(rule.choices) <= sections.keys()


def test_each_choice_says_what_is_allowed_and_which_rules_accept_it(sections: dict[str, str]) -> None:
    for choice in CATALOGUE.choices:
        accepting = ", ".join(rule.id for rule in CATALOGUE.rules if choice.id in rule.choices)
        assert f"{choice.title}. {choice.allowed} Accepted by {accepting}." in sections[choice.id]


def test_the_document_holds_all_rules_and_must_be_writable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "SEARCH-6", "--markdown", str(tmp_path / "rules.md")]) == 2
    assert "expected no id beside it" in capsys.readouterr().err
    assert main(["rules", "--markdown", str(tmp_path / "absent" / "rules.md")]) == 2
    assert "cannot be written" in capsys.readouterr().err
