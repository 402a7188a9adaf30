"""Several reports side by side, as text, Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from partially_conformance.report.markdown import escaped, table
from partially_conformance.report.side_by_side import RuleRow, SideBySide
from partially_conformance.report.text import STATUS_WORDS, VERDICT_WORDS, one_line
from partially_conformance.report.to_json import SCHEMA_VERSION, to_data

_ABSENT = "-"


def as_text(matrix: SideBySide, *, verbose: bool = False) -> str:
    """The table for a console.

    Args:
        matrix: The reports.
        verbose: Whether to show all rules and choices, not only those that fail or differ.
    """
    head = ["rule", "level", *map(one_line, matrix.names)]
    rows = [head, *_rule_cells(matrix, verbose=verbose), *_sums(matrix)]
    lines = list(_aligned(rows))
    choices = [row for row in matrix.choices() if verbose or row.differs]
    if choices:
        lines += ["", "choices" + ("" if verbose else " that differ") + ":"]
        cells = [["", *head[2:]], *([one_line(row.choice.title), *_forms(row.observed)] for row in choices)]
        lines += [f"  {line}" for line in _aligned(cells)]
    for name, report in zip(matrix.names, matrix.reports, strict=True):
        lines += [f"{one_line(name)}: {one_line(note)}" for note in (report.reason, *report.errors) if note]
    return "\n".join(lines) + "\n"


def as_markdown(matrix: SideBySide) -> str:
    """The table for the summary page of a CI run: rules that differ or fail, and choices that differ."""
    names = [escaped(name) for name in matrix.names]
    rows = [[escaped(cell) for cell in cells] for cells in _rule_cells(matrix, verbose=False)]
    sums = [[f"**{cells[0]}**", *map(escaped, cells[1:])] for cells in _sums(matrix)]
    blocks = ["## " + ", ".join(names), table(("rule", "level", *names), [*rows, *sums])]
    choices = [row for row in matrix.choices() if row.differs]
    if choices:
        cells = [[escaped(row.choice.title), *map(escaped, _forms(row.observed))] for row in choices]
        blocks += ["### Choices that differ", table(("point", *names), cells)]
    for name, report in zip(names, matrix.reports, strict=True):
        blocks += [f"{name}: {escaped(note)}" for note in (report.reason, *report.errors) if note]
    return "\n\n".join(blocks) + "\n"


def as_json(matrix: SideBySide) -> str:
    """All rows and all reports as JSON text. `docs/report.md` describes it."""
    return json.dumps(_data(matrix), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _data(matrix: SideBySide) -> dict[str, Any]:
    def named(values: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(matrix.names, values, strict=True))

    return {
        "schema_version": SCHEMA_VERSION,
        "targets": [
            {"name": name, "verdict": report.verdict.value, "exit_code": report.exit_code}
            for name, report in zip(matrix.names, matrix.reports, strict=True)
        ],
        "rules": [
            {"id": row.rule.id, "level": row.rule.level.value, "title": row.rule.title}
            | {"statuses": named(row.statuses)}
            for row in matrix.rules()
        ],
        "choices": [
            {"id": row.choice.id, "title": row.choice.title, "observed": named(row.observed)}
            for row in matrix.choices()
        ],
        "reports": [to_data(report) for report in matrix.reports],
    }


def _rule_cells(matrix: SideBySide, *, verbose: bool) -> list[list[str]]:
    return [
        [row.rule.id, row.rule.level.value, *_words(row)]
        for row in matrix.rules()
        if verbose or not row.is_plain
    ]


def _words(row: RuleRow) -> list[str]:
    return [_ABSENT if status is None else STATUS_WORDS[status] for status in row.statuses]


def _sums(matrix: SideBySide) -> Iterator[list[str]]:
    for status, word in STATUS_WORDS.items():
        counts = [report.count(status) for report in matrix.reports]
        if any(counts):
            yield [word, "", *map(str, counts)]
    yield ["verdict", "", *(VERDICT_WORDS[report.verdict] for report in matrix.reports)]


def _forms(observed: Sequence[str | None]) -> list[str]:
    return [_ABSENT if form is None else one_line(form) for form in observed]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
