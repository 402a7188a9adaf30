"""Several reports side by side: where targets fail, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from partially_conformance.rules.catalogue import Choice, Rule
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_NO_VERDICT, EXIT_VIOLATES
from partially_conformance.rules.results import Report, Status


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The status of a rule on each target, in the order of the targets; None if a report does not have it."""

    rule: Rule
    statuses: tuple[Status | None, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it passed on all targets, or was tested on none, so that only `verbose` shows it."""
        return set(self.statuses) in ({Status.PASSED}, {Status.NOT_TESTED})


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """The form of a choice on each target, in the order of the targets; None if it was not observed."""

    choice: Choice
    observed: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        """Whether two targets have different forms."""
        return len({form for form in self.observed if form is not None}) > 1


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Several reports.

    Attributes:
        names: The names of the targets, all different.
        reports: Their reports, in the same order.
    """

    names: tuple[str, ...]
    reports: tuple[Report, ...]

    @property
    def exit_code(self) -> int:
        """The worst of all: violates, then no verdict, then conforms."""
        codes = {report.exit_code for report in self.reports}
        return next(
            code
            for code in (EXIT_VIOLATES, EXIT_NO_VERDICT, EXIT_CONFORMS)
            if code in codes | {EXIT_CONFORMS}
        )

    def rules(self) -> list[RuleRow]:
        """A row for each rule that any report has, in the order of the reports."""
        tables = [{result.rule: result.status for result in report.rules} for report in self.reports]
        rules = dict.fromkeys(rule for table in tables for rule in table)
        return [RuleRow(rule, tuple(table.get(rule) for table in tables)) for rule in rules]

    def choices(self) -> list[ChoiceRow]:
        """A row for each choice that was observed on any target."""
        tables = [{seen.choice: seen.observed for seen in report.choices} for report in self.reports]
        choices = dict.fromkeys(choice for table in tables for choice in table)
        return [ChoiceRow(choice, tuple(table.get(choice) for table in tables)) for choice in choices]


def side_by_side(reports: Sequence[Report]) -> SideBySide:
    """Put reports side by side. Targets with the same name get a number."""
    names: list[str] = []
    for report in reports:
        name, number = report.target_name, 1
        while name in names:
            number += 1
            name = f"{report.target_name} {number}"
        names.append(name)
    return SideBySide(tuple(names), tuple(reports))
