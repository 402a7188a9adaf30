"""The kill matrix: which fault is caught by which rule, for programs and for people."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from partially_conformance.selftest.cases import CaseResult, KillMatrix, Role

SCHEMA_VERSION = 1


def as_json(matrix: KillMatrix) -> str:
    """The matrix for programs."""
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
            f"{role.replace(' ', '_')}s": [_entry(one) for one in matrix.examined if one.case.role is role]
            for role in Role
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _entry(one: CaseResult) -> dict[str, Any]:
    return {
        "name": one.case.name,
        "says": one.case.says,
        "about": list(one.case.about),
        "problems": list(one.problems),
        "trials": [
            {
                "seed": trial.seed,
                "verdict": trial.verdict,
                "reason": trial.reason,
                "caught_by": list(trial.caught_by),
                "open": dict(trial.open),
                "seconds": trial.seconds,
            }
            for trial in one.trials
        ],
    }


def as_markdown(matrix: KillMatrix) -> str:
    """The matrix for people."""
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
    faults = [one for one in matrix.examined if one.case.role.is_fault]
    if faults:
        against = "all rules" if matrix.all_rules else "the rules that must catch it"
        lines += [
            "## Faults",
            "",
            f"Each was run against {against}; a rule that did not is marked.",
            "",
            "| fault | what is wrong | must be caught by | also caught by |",
            "|---|---|---|---|",
        ]
        lines += [_fault_line(one) for one in faults]
        lines.append("")
    others = [one for one in matrix.examined if not one.case.role.is_fault]
    if others:
        lines += [
            "## Conforming servers and clients",
            "",
            "| server or client | what it chooses | verdict | should rules it breaks |",
        ]
        lines += ["|---|---|---|---|", *(_other_line(one) for one in others), ""]
    return "\n".join(lines)


def _summary(matrix: KillMatrix) -> str:
    faults = [one for one in matrix.examined if one.case.role.is_fault]
    caught = sum(not one.problems for one in faults)
    others = [one for one in matrix.examined if not one.case.role.is_fault]
    passed = sum(not one.problems for one in others)
    return (
        f"{caught} of {len(faults)} faults are caught by every rule that must catch them; "
        f"{passed} of {len(others)} conforming servers and clients conform."
    )


def _fault_line(one: CaseResult) -> str:
    always = set.intersection(*(set(trial.caught_by) for trial in one.trials))
    ever = dict.fromkeys(rule_id for trial in one.trials for rule_id in trial.caught_by)
    about = [rule_id if rule_id in always else f"**not {rule_id}**" for rule_id in one.case.about]
    also = [rule_id for rule_id in ever if rule_id not in one.case.about]
    return f"| {one.case.name} | {_cell(one.case.says)} | {', '.join(about)} | {', '.join(also)} |"


def _other_line(one: CaseResult) -> str:
    verdicts = ", ".join(dict.fromkeys(trial.verdict for trial in one.trials))
    broken = ", ".join(dict.fromkeys(rule_id for trial in one.trials for rule_id in trial.caught_by))
    return f"| {one.case.name} | {_cell(one.case.says)} | {verdicts} | {broken} |"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) if names else "**none**"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def as_text(matrix: KillMatrix) -> str:
    """What came of it, for the console."""
    return "\n".join((*matrix.problems, _summary(matrix))) + "\n"
