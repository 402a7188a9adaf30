"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from partially_generator.diff.changes.findings import Change
from partially_generator.diff.client.names import NameChange
from partially_generator.diff.difference import Difference
from partially_generator.diff.report import wording
from partially_generator.reading.errors import one_line

_SUMMARY_LINES = 8
"""The most changes that a short summary lists."""


def console_report(difference: Difference) -> Iterator[str]:
    """The whole report, the most severe changes first. The last line is a summary."""
    if difference.outcome != "same":
        total = wording.count_operations(difference)
        for section in wording.sections(difference):
            yield f"{section.title}:"
            for change in section.changes:
                yield from _change(change, total)
            yield ""
        yield from _client(difference)
        if difference.step != "none":
            yield "Version:"
            yield from (f"  {line}" for line in wording.versions(difference))
            yield ""
    yield wording.summary_line(difference)


def summary(difference: Difference) -> Iterator[str]:
    """A short report: the summary line, then the changes that break callers or servers."""
    yield wording.summary_line(difference)
    grave = [*difference.for_callers, *(c for c in difference.for_servers if c not in difference.for_callers)]
    for change in grave[:_SUMMARY_LINES]:
        whom = "callers" if change in difference.for_callers else "servers"
        operation = change.operations[0] if change.operations else "the document"
        more = f" and {len(change.operations) - 1} more" if len(change.operations) > 1 else ""
        yield f"  {whom}: {one_line(operation)}{more}: {one_line(change.text)}"
    if len(grave) > _SUMMARY_LINES:
        yield f"  and {len(grave) - _SUMMARY_LINES} more"


def _change(change: Change, total: int) -> Iterator[str]:
    yield f"  {one_line(change.text)}"
    yield f"      in {one_line(wording.operations_text(change, total))}"
    yield f"      {wording.marks(change)}  [{change.rule.id}]"
    for pointer in wording.pointers(change.places):
        yield f"      at {one_line(pointer)}"


def _client(difference: Difference) -> Iterator[str]:
    if difference.client.unknown:
        yield "The client:"
        yield f"  The signatures could not be compared: {difference.client.unknown}"
        yield ""
    elif difference.client.names:
        yield "The client:"
        for change in difference.client.names:
            yield from _name(change)
        yield ""


def _name(change: NameChange) -> Iterator[str]:
    why = f": {'; '.join(change.reasons)}" if change.reasons else ""
    yield f"  {change.name} ({'breaking' if change.reasons else 'safe'}){one_line(why)}"
    for sign, signature in zip("-+", change.short_signatures, strict=True):
        if signature:
            yield f"    {sign} {one_line(signature)}"
