"""Known failures: rules that may fail for now, each with a reason, and none of them forgotten."""

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
        rule: The id of the rule that may fail. Not a pattern: each failure is a decision of its own.
        reason: Why it fails and may.
        link: Where more about it is.
        until: The last day on which it may fail.
        place: File and line, for messages.
    """

    rule: str
    reason: str
    link: str | None
    until: dt.date | None
    place: str

    @property
    def why(self) -> str:
        """The reason, and where more about it is."""
        return f"{self.reason} ({self.link})" if self.link else self.reason

    def remove(self, because: str) -> str:
        """The message that asks for the removal of this entry."""
        return f'{self.place}: {self.rule} {because}; remove the entry with the line: rule = "{self.rule}"'


@dataclass(frozen=True, slots=True)
class KnownFailures:
    """The list, in the order of the file. No rule is in it twice."""

    entries: tuple[KnownFailure, ...] = ()

    def entry(self, rule_id: str) -> KnownFailure | None:
        """The entry for a rule, if there is one."""
        return next((entry for entry in self.entries if entry.rule == rule_id), None)


def load_known_failures(path: Path, catalogue: Catalogue) -> KnownFailures:
    """Read a list of known failures.

    It is a TOML file with one table `[[known]]` for each rule: `rule` and `reason`, and if wanted `link` and
    `until`, the last day on which the rule may fail.

    Raises:
        KnownFailuresError: It cannot be read, an entry is not as it must be, or names a rule there is not.
    """
    values, text = read_toml(path, KnownFailuresError)
    top = Table(values, str(path), "", KnownFailuresError)
    top.allow_only(("known",))
    entries: dict[str, KnownFailure] = {}
    for table in top.tables("known"):
        entry = _entry(table, path, text)
        if entry.rule not in (ids := [rule.id for rule in catalogue.rules]):
            raise KnownFailuresError(entry.remove(f"is no rule{nearest(entry.rule, ids)}"))
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
    """Where the entry for a rule is. The TOML reader gives no line numbers, so look for the line."""
    wanted = re.compile(rf"""[^#]*\brule["']?\s*=\s*(["']){re.escape(rule)}\1""")
    lines = enumerate(text.splitlines(), 1)
    return next((f"{path}:{number}" for number, line in lines if wanted.match(line)), str(path))


def apply(
    results: Sequence[RuleResult], known: KnownFailures, today: dt.date
) -> tuple[tuple[RuleResult, ...], tuple[str, ...]]:
    """Forgive the failures that are listed, and find the entries that should go.

    Only a failure is forgiven: what could not be tested or is inconclusive stays that. Entries for rules
    that are not among the results are left alone.

    Args:
        results: What became of the rules.
        known: The list.
        today: An entry whose last day is before this one forgives nothing.

    Returns:
        The results, with listed failures as known failures; and one message for each entry to remove.
    """
    forgiven: list[RuleResult] = []
    errors: list[str] = []
    for result in results:
        entry = known.entry(result.rule.id)
        if entry is None:
            forgiven.append(result)
            continue
        expired = entry.until is not None and entry.until < today
        if result.status is Status.PASSED:
            errors.append(entry.remove("passes now"))
        elif expired:
            errors.append(entry.remove(f"was to be mended by {entry.until}"))
        if result.status is Status.FAILED and not expired:
            forgiven.append(replace(result, status=Status.KNOWN_FAILURE, reason=entry.why))
        else:
            forgiven.append(result)
    return tuple(forgiven), tuple(errors)
