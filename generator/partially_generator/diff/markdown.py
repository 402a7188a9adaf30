"""The differences as Markdown, for a pull request or release notes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from partially_generator.diff import words
from partially_generator.diff.difference import Difference
from partially_generator.errors import one_line


def markdown(difference: Difference) -> str:
    """The whole text."""
    return "\n".join(_lines(difference)) + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    old, new = difference.old, difference.new
    title = str(new.raw["info"]["title"])
    yield f"# {_text(title)}: {_text(old.version)} → {_text(new.version)}"
    yield ""
    yield _text(words.verdict(difference))
    if difference.outcome == "same":
        return
    total = words.count_operations(difference)
    for section in words.sections(difference):
        yield ""
        yield f"## {section.title}"
        yield ""
        yield "| change | where | callers | servers | rule |"
        yield "|---|---|---|---|---|"
        for change in section.changes:
            rule = change.rule
            place = _text(words.where(change, total)), *map(_code, words.pointers(change.places))
            when = {"compile": " (type checker)", "run": " (run time)", None: ""}[rule.when]
            cells = (
                _text(change.text),
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
        yield from (f"- {_text(line)}" for line in words.versions(difference))


def _client(difference: Difference) -> Iterator[str]:
    client = difference.client
    if not client.names and not client.unknown:
        return
    yield ""
    yield "## The client"
    yield ""
    if client.unknown:
        yield f"Its signatures are not compared: {_text(client.unknown)}"
        return
    yield "| name | breaks | why |"
    yield "|---|---|---|"
    for change in client.names:
        reasons = "; ".join(change.reasons)
        yield f"| {_code(change.name)} | {'yes' if change.reasons else 'no'} | {_text(reasons)} |"
    yield ""
    yield "```diff"
    for change in client.names:
        for sign, signature in zip("-+", change.short_signatures, strict=True):
            if signature:
                yield f"{sign} {one_line(signature)}"
    yield "```"


def _text(text: str) -> str:
    """Text for a cell: foreign signs have no effect there. Code between backticks stays code."""
    parts = one_line(text).split("`")
    if len(parts) % 2 == 0:
        return _escaped("'".join(parts))
    return "".join(_code(part) if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _escaped(text: str) -> str:
    return (
        re.sub(r"([\\|*_\[\]])", r"\\\1", text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("#", "&#35;")
    )


def _code(text: str) -> str:
    safe = one_line(text).replace("`", "'").replace("|", "\\|")
    return f"`{safe}`" if safe else ""
