"""How the kill matrix is written: as JSON for programs, as Markdown for readers, as text for the console."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from partially_conformance.selftest.cases import CaseResult, KillMatrix, Role

SCHEMA_VERSION = 1


def as_json(matrix: KillMatrix) -> str:
    """Return the matrix as JSON, for programs."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "suite_version": version("partially-conformance"),
        "seeds": list(matrix.seeds),
        "all_rules": matrix.all_rules,
        "problems": list(matrix.problems),
        "rules": [
            {
                "id": proof.rule.id,
                "level": proof.rule.level,
                "wanted": proof.wanted,
                "faults": list(proof.faults),
            }
            for proof in matrix.proofs
        ],
        **{
            role.json_key: [_entry(result) for result in matrix.results if result.case.role is role]
            for role in Role
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _entry(result: CaseResult) -> dict[str, Any]:
    return {
        "name": result.case.name,
        "says": result.case.says,
        "about": list(result.case.about),
        "problems": list(result.problems),
        "trials": [
            {
                "seed": trial.seed,
                "verdict": trial.verdict,
                "reason": trial.reason,
                "caught_by": list(trial.caught_by),
                "open": dict(trial.open),
                "seconds": trial.seconds,
            }
            for trial in result.trials
        ],
    }


def as_markdown(matrix: KillMatrix) -> str:
    """Return the matrix as a page of Markdown, for readers."""
    lines = ["# The kill matrix", "", _summary(matrix), ""]
    if matrix.problems:
        lines += ["## Problems", "", *(f"- {_cell(problem)}" for problem in matrix.problems), ""]
    if matrix.proofs:
        lines += [
            "## Rules",
            "",
            "| rule | level | what it says | faults that prove it |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {proof.rule.id} | {proof.rule.level} | {_cell(proof.rule.title)} | {_names(proof.faults)} |"
            for proof in matrix.proofs
        ]
        lines.append("")
    faults = [result for result in matrix.results if result.case.role.is_fault]
    if faults:
        checked_with = "all rules" if matrix.all_rules else "the rules that must catch it"
        lines += [
            "## Faults",
            "",
            f"Each fault was checked with {checked_with}. A rule in bold did not catch it, but must.",
            "",
            "| fault | what it does wrong | must be caught by | also caught by |",
            "|---|---|---|---|",
        ]
        lines += [_fault_line(result) for result in faults]
        lines.append("")
    others = [result for result in matrix.results if not result.case.role.is_fault]
    if others:
        lines += [
            "## Variants and stacks",
            "",
            "| variant or stack | what it chooses | verdict | should rules it breaks |",
        ]
        lines += ["|---|---|---|---|", *(_other_line(result) for result in others), ""]
    return "\n".join(lines)


def _summary(matrix: KillMatrix) -> str:
    faults = [result for result in matrix.results if result.case.role.is_fault]
    caught = sum(not result.problems for result in faults)
    others = [result for result in matrix.results if not result.case.role.is_fault]
    passed = sum(not result.problems for result in others)
    return (
        f"{caught} of {len(faults)} faults are caught by every rule that must catch them; "
        f"{passed} of {len(others)} variants and stacks conform."
    )


def _fault_line(result: CaseResult) -> str:
    always = set.intersection(*(set(trial.caught_by) for trial in result.trials))
    ever = dict.fromkeys(rule_id for trial in result.trials for rule_id in trial.caught_by)
    about = [rule_id if rule_id in always else f"**not {rule_id}**" for rule_id in result.case.about]
    also = [rule_id for rule_id in ever if rule_id not in result.case.about]
    return f"| {result.case.name} | {_cell(result.case.says)} | {', '.join(about)} | {', '.join(also)} |"


def _other_line(result: CaseResult) -> str:
    verdicts = ", ".join(dict.fromkeys(trial.verdict for trial in result.trials))
    broken = ", ".join(dict.fromkeys(rule_id for trial in result.trials for rule_id in trial.caught_by))
    return f"| {result.case.name} | {_cell(result.case.says)} | {verdicts} | {broken} |"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) if names else "**none**"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def as_text(matrix: KillMatrix) -> str:
    """Return the problems and the summary, for the console."""
    return "\n".join((*matrix.problems, _summary(matrix))) + "\n"
