"""Writing reports to files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from partially_conformance.report import html, junit, markdown, to_json
from partially_conformance.rules.results import Report
from partially_conformance.target.configuration import ConfigurationError

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "json": to_json.render,
    "junit": junit.render,
    "html": html.render,
    "markdown": markdown.render,
}
"""The functions that render a report as text, by the name of the format."""


class OutputError(ConfigurationError):
    """A file cannot be written."""


def check_writable(path: Path) -> None:
    """Refuse, before a run, a file that could not be written after it.

    Raises:
        OutputError: Its folder does not exist, it is a folder itself, or it may not be written.
    """
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise OutputError(f"{path}: expected a file, got a folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OutputError(f"{path}: may not be written")


def usable_outputs(wanted: Mapping[str, Path | None], read: Iterable[Path | None]) -> dict[str, Path]:
    """The files to write, by the name of their option. Each of them is known to be writable.

    Args:
        wanted: The files, by the name of their option; None if the option was not given.
        read: Files that the same run reads.

    Raises:
        OutputError: One cannot be written, is written twice, or is read by the same run.
    """
    outputs = {name: path for name, path in wanted.items() if path is not None}
    taken = {path.resolve(): "is read" for path in read if path is not None}
    for name, path in outputs.items():
        check_writable(path)
        if path.is_char_device():
            continue
        if use := taken.get(path.resolve()):
            raise OutputError(f"--{name}: {path} {use} by the same run")
        taken[path.resolve()] = "is written"
    return outputs


def write_report(report: Report, format_: str, path: Path) -> None:
    """Write a report to a file, in one of the formats.

    Raises:
        OutputError: It cannot be written.
    """
    write_text(FORMATS[format_](report), path)


def write_text(text: str, path: Path) -> None:
    """Write the text of a report to a file.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        # Half a surrogate pair, from a body that is not UTF-8, becomes an escape, in JSON the right one.
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
