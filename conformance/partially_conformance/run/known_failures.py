"""Known failures: rules that may fail for now, each with a reason."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from partially_conformance.rules.catalogue import Catalogue
from partially_conformance.rules.results import RuleResult, Status
from partially_conformance.target.configuration import ConfigurationError, Table, nearest, read_toml

_KEYS = ("rule", "reason", "link", "until")


class KnownFailuresError(ConfigurationError):
    """The list of known failures cannot be used."""


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One entry of the list.

    Attributes:
        rule: The id of the rule that may fail. Patterns are not allowed.
        reason: Why it may fail.
        link: The address of a page about it; None if there is none.
        until: The last day on which it may fail; None if there is none.
        place: The file and line of the entry, for messages.
    """

    rule: str
    reason: str
    link: str | None
    until: dt.date | None
    place: str

    @property
    def why(self) -> str:
        """The reason, with the link."""
        return f"{self.reason} ({self.link})" if self.link else self.reason

    def remove(self, because: str) -> str:
        """The message that asks the user to remove this entry."""
        return f'{self.place}: {self.rule} {because}; remove the entry with the line: rule = "{self.rule}"'


@dataclass(frozen=True, slots=True)
class KnownFailures:
    """The known failures, in the order of the file. Each rule has at most one entry."""

    entries: tuple[KnownFailure, ...] = ()

    def entry(self, rule_id: str) -> KnownFailure | None:
        """The entry for a rule; None if there is none."""
        return next((entry for entry in self.entries if entry.rule == rule_id), None)


def load_known_failures(path: Path, catalogue: Catalogue) -> KnownFailures:
    """Read a list of known failures.

    It is a TOML file with one table `[[known]]` for each rule: `rule` and `reason`, optionally `link` and
    `until`, the last day on which the rule may fail.

    Raises:
        KnownFailuresError: It cannot be read, or an entry is invalid or names a rule that does not exist.
    """
    values, text = read_toml(path, KnownFailuresError)
    top = Table(values, str(path), "", KnownFailuresError)
    top.allow_only(("known",))
    entries: dict[str, KnownFailure] = {}
    for table in top.tables("known"):
        entry = _entry(table, path, text)
        if entry.rule not in (ids := [rule.id for rule in catalogue.rules]):
            raise KnownFailuresError(entry.remove(f"is not a rule{nearest(entry.rule, ids)}"))
        if entry.rule in entries:
            raise KnownFailuresError(f"{path}: {entry.rule} is listed twice")
        entries[entry.rule] = entry
    return KnownFailures(tuple(entries.values()))


def _entry(table: Table, path: Path, text: str) -> KnownFailure:
    table.allow_only(_KEYS)
    table.require("rule", "reason")
    rule, reason, link, until = (
        table.string("rule") or "",
        table.string("reason") or "",
        table.string("link"),
        table.date("until"),
    )
    if not reason.strip():
        raise KnownFailuresError(table.wrong("reason", "a reason", repr(reason)))
    return KnownFailure(rule, reason.strip(), link, until, _place(rule, path, text))


def _place(rule: str, path: Path, text: str) -> str:
    """The file and line of the entry for a rule. The TOML reader gives no line numbers: search the line."""
    wanted = re.compile(rf"""[^#]*\brule["']?\s*=\s*(["']){re.escape(rule)}\1""")
    lines = enumerate(text.splitlines(), 1)
    return next((f"{path}:{number}" for number, line in lines if wanted.match(line)), str(path))


def apply(
    results: Sequence[RuleResult], known: KnownFailures, today: dt.date
) -> tuple[tuple[RuleResult, ...], tuple[str, ...]]:
    """Turn the failures that are listed into known failures, and find the entries to remove.

    A rule that is not tested or inconclusive stays so. Entries for rules without a result are ignored.

    Args:
        results: The results of the rules.
        known: The known failures.
        today: An entry whose last day is before this day has no effect.

    Returns:
        The results, and one message for each entry to remove.
    """
    applied: list[RuleResult] = []
    errors: list[str] = []
    for result in results:
        entry = known.entry(result.rule.id)
        if entry is None:
            applied.append(result)
            continue
        expired = entry.until is not None and entry.until < today
        if result.status is Status.PASSED:
            errors.append(entry.remove("passes now"))
        elif expired:
            errors.append(entry.remove(f"was allowed to fail until {entry.until}"))
        if result.status is Status.FAILED and not expired:
            applied.append(replace(result, status=Status.KNOWN_FAILURE, reason=entry.why))
        else:
            applied.append(result)
    return tuple(applied), tuple(errors)
