"""The command `check`: compares a client with its description."""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

from partially_generator.commands.write import client_files
from partially_generator.reading.config import read_config
from partially_generator.reading.document import read_document
from partially_generator.writing import client_folder

_DIFF_LINES = 400
"""The most lines of a diff that are printed: more than that helps no reader."""


def check(options: argparse.Namespace) -> int:
    """Compare the client with the description; returns the exit code.

    Raises:
        GeneratorError: An input cannot be used.
    """
    folder: Path = options.output
    document, config = read_document(options.spec), read_config(options.config)
    lines = client_folder.differences(client_files(document, config)[1], folder)
    shown = list(itertools.islice(lines, _DIFF_LINES))
    if not shown:
        print(f"{folder} matches the description")
        return 0
    print("\n".join(shown))
    hidden = sum(1 for _ in lines)
    if hidden:
        print(f"... and {hidden} more lines")
    print(f"{folder} does not match the description; `partially-generate build` updates it", file=sys.stderr)
    return 1
