"""The wording that the reports on the terminal and in Markdown share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from partially_generator.diff.changes.findings import Change, Place
from partially_generator.diff.changes.rules import Level, Step
from partially_generator.diff.changes.versions import Suggestion
from partially_generator.diff.difference import Difference
from partially_generator.diff.reading.operations import operations
from partially_generator.diff.reading.parts import DocumentReader

STEP_WORDS: dict[Step, str] = {
    "major": "a major change: something that callers wrote can fail",
    "minor": "a minor change: nothing that callers wrote fails",
    "patch": "a patch: only descriptions changed",
    "none": "no change",
}
"""The meaning of each step."""

_WHEN = {"compile": "seen by a type checker", "run": "seen at run time", None: ""}

_BELOW_ONE = " (below 1.0.0 the first number that is not 0 is the one that breaks)"

_SHOWN_PLACES = 3
"""The most places of one change that are listed. The JSON report has all."""


@dataclass(frozen=True, slots=True)
class Section:
    """Changes with the same consequences."""

    title: str
    changes: tuple[Change, ...]


def sections(difference: Difference) -> list[Section]:
    """The changes by their consequences, the most severe first; empty sections are left out."""
    titles = (
        "Breaks callers",
        "Asks only servers to change",
        "Needs attention",
        "Breaks nothing",
        "Only descriptions",
    )
    groups: dict[str, list[Change]] = {title: [] for title in titles}
    for change in difference.changes:
        rule = change.rule
        if rule.callers is Level.BREAKING:
            index = 0
        elif rule.servers is Level.BREAKING:
            index = 1
        elif Level.ATTENTION in {rule.callers, rule.servers}:
            index = 2
        else:
            index = 3 if rule.step == "minor" else 4
        groups[titles[index]].append(change)
    return [Section(title, tuple(found)) for title, found in groups.items() if found]


def marks(change: Change) -> str:
    """For whom it breaks: `callers: breaking (seen by a type checker), servers: safe`."""
    when = _WHEN[change.rule.when]
    return f"callers: {change.rule.callers}{f' ({when})' if when else ''}, servers: {change.rule.servers}"


def operations_text(change: Change, total: int) -> str:
    """The operations and parts: `POST /customer, PUT /customer/{id} (request body)`."""
    parts: dict[str, list[str]] = {}
    for place in change.places:
        if place.operation:
            parts.setdefault(place.operation, [])
            if place.part and place.part not in parts[place.operation]:
                parts[place.operation].append(place.part)
    if not parts:
        return "the document"
    groups: dict[str, list[str]] = {}
    for operation, names in parts.items():
        groups.setdefault(", ".join(names), []).append(operation)
    told = []
    for label, called in groups.items():
        shown = ", ".join(called[:_SHOWN_PLACES])
        if len(called) == total > 1:
            shown = "every operation"
        elif len(called) > _SHOWN_PLACES:
            shown += f" and {len(called) - _SHOWN_PLACES} more"
        told.append(f"{shown} ({label})" if label else shown)
    return "; ".join(told)


def pointers(places: Iterable[Place]) -> list[str]:
    """The places in the documents, each once: `#/a/b`, `#/a/b → #/a/c`, or `nothing → #/a/c` if it is new."""
    told = []
    for place in places:
        before, after = (None if p is None else f"#{p}" for p in (place.before, place.after))
        told.append(str(after) if before == after else f"{before or 'nothing'} → {after or 'nothing'}")
    unique = list(dict.fromkeys(told))
    hidden = len(unique) - _SHOWN_PLACES
    return unique if hidden <= 0 else [*unique[:_SHOWN_PLACES], f"{hidden} more places"]


def count_operations(difference: Difference) -> int:
    """How many operations the new document has."""
    return len(operations(DocumentReader(difference.new)))


def summary_line(difference: Difference) -> str:
    """The last line: how many changes there are, and how many of them break something."""
    if difference.outcome == "same":
        return "Nothing changed."
    names = len(difference.client.names)
    if difference.outcome == "layout":
        line = "Only the layout differs: the API is the same."
        return f"{line} {amount(names, 'name')} of the client changed." if names else line
    callers, servers = len(difference.for_callers), len(difference.for_servers)
    others = sum(
        Level.BREAKING not in {change.rule.callers, change.rule.servers} for change in difference.changes
    )
    told = f"{amount(len(difference.changes), 'change')}: {_verb(callers, 'break')} callers, "
    return f"{told}{_verb(servers, 'ask')} servers to change, {others} neither."


def versions(difference: Difference) -> list[str]:
    """The suggested versions."""
    lines = [f"This is {STEP_WORDS[difference.step]}."]
    for name, suggestion in (
        ("client", difference.client_version),
        ("description", difference.document_version),
    ):
        lines.append(f"{name}: {_suggestion(suggestion)}")
    return lines


def _suggestion(suggestion: Suggestion) -> str:
    current = suggestion.current
    if suggestion.suggested is None:
        return f"{current} does not consist of numbers, so there is no suggestion"
    if suggestion.suggested == current:
        return f"{current} can stay"
    reason = _BELOW_ONE if current.startswith("0.") else ""
    if suggestion.given is None:
        return f"{current} → {suggestion.suggested}{reason}"
    if suggestion.enough:
        return f"{current} → {suggestion.given} is enough"
    return f"{current} → {suggestion.given} is not enough, expected {suggestion.suggested} or more{reason}"


def amount(number: int, noun: str) -> str:
    """Such as `1 change` and `2 changes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _verb(number: int, verb: str) -> str:
    return f"{number} {verb}{'s' if number == 1 else ''}"
