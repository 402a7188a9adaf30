"""The report as Markdown, for a pull request or release notes."""

from __future__ import annotations

from collections.abc import Iterator

from partially_generator.diff.difference import Difference
from partially_generator.diff.report import wording
from partially_generator.reading.errors import one_line
from partially_generator.writing.text.markdown import cell, fenced, span


def markdown_report(difference: Difference) -> str:
    """The whole report."""
    return "\n".join(_lines(difference)) + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    old, new = difference.old, difference.new
    title = str(new.raw["info"]["title"])
    yield f"# {cell(title)}: {cell(old.version)} → {cell(new.version)}"
    yield ""
    yield cell(wording.summary_line(difference))
    if difference.outcome == "same":
        return
    total = wording.count_operations(difference)
    for section in wording.sections(difference):
        yield ""
        yield f"## {section.title}"
        yield ""
        yield "| change | where | callers | servers | rule |"
        yield "|---|---|---|---|---|"
        for change in section.changes:
            rule = change.rule
            place = cell(wording.operations_text(change, total)), *map(span, wording.pointers(change.places))
            when = {"compile": " (type checker)", "run": " (run time)", None: ""}[rule.when]
            cells = (
                cell(change.text),
                "<br>".join(place),
                f"{rule.callers}{when}",
                rule.servers,
                f"`{rule.id}`",
            )
            yield f"| {' | '.join(cells)} |"
    yield from _client(difference)
    if difference.step != "none":
        yield ""
        yield "## Version"
        yield ""
        yield from (f"- {cell(line)}" for line in wording.versions(difference))


def _client(difference: Difference) -> Iterator[str]:
    client = difference.client
    if not client.names and not client.unknown:
        return
    yield ""
    yield "## The client"
    yield ""
    if client.unknown:
        yield f"The signatures could not be compared: {cell(client.unknown)}"
        return
    yield "| name | breaks | why |"
    yield "|---|---|---|"
    for change in client.names:
        reasons = "; ".join(change.reasons)
        yield f"| {span(change.name)} | {'yes' if change.reasons else 'no'} | {cell(reasons)} |"
    yield ""
    signatures = [
        f"{sign} {one_line(signature)}"
        for change in client.names
        for sign, signature in zip("-+", change.short_signatures, strict=True)
        if signature
    ]
    yield from fenced("diff", signatures)
