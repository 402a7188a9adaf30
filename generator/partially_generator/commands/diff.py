"""The command `diff`: compares two descriptions."""

from __future__ import annotations

import argparse
from pathlib import Path

from partially_generator.diff.difference import difference
from partially_generator.diff.report.console import console_report
from partially_generator.diff.report.json_report import json_report
from partially_generator.diff.report.markdown import markdown_report
from partially_generator.reading.config import read_config
from partially_generator.reading.document import read_document
from partially_generator.reading.errors import GeneratorError


def diff(options: argparse.Namespace) -> int:
    """Print what changed between two descriptions; returns the exit code.

    Raises:
        GeneratorError: A document or the configuration cannot be used, or a report cannot be written.
    """
    config = read_config(options.config)
    found = difference(read_document(options.old), read_document(options.new), config)
    if options.json:
        _write(options.json, json_report(found))
    if options.markdown:
        _write(options.markdown, markdown_report(found))
    print("\n".join(console_report(found)))
    return int(options.fail_on == "breaking" and found.breaks_callers)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be written: {error.strerror}") from error
