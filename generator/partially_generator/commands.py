"""What the commands do, once their options are read."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from partially_generator import output
from partially_generator.api import describe
from partially_generator.config import read_config
from partially_generator.document import read_document
from partially_generator.errors import GeneratorError, SpecError
from partially_generator.render import Files, render

_DIFF_LINES = 400
"""Lines of a diff that are printed; a person reads no more, and the first ones tell the story."""


def build(spec: Path, config: Path, folder: Path) -> int:
    """Write the client; returns the exit code.

    Raises:
        GeneratorError: An input cannot be used, or the folder cannot be written.
    """
    files = _generate(spec, config)
    output.write(files, folder)
    print(f"Wrote the client, {len(files)} files, to {folder.resolve()}")
    return 0


def check(spec: Path, config: Path, folder: Path) -> int:
    """Compare the client with the description; returns the exit code.

    Raises:
        GeneratorError: An input cannot be used.
    """
    lines = output.differences(_generate(spec, config), folder)
    shown = list(itertools.islice(lines, _DIFF_LINES))
    if not shown:
        print(f"{folder} is what the description gives")
        return 0
    print("\n".join(shown))
    hidden = sum(1 for _ in lines)
    if hidden:
        print(f"... and {hidden} more lines")
    print(f"{folder} is not what the description gives; `partially-generate build` mends it", file=sys.stderr)
    return 1


def _generate(spec: Path, config: Path) -> Files:
    names = read_config(config)
    api = describe(read_document(spec))
    try:
        return render(api, names)
    except SpecError as error:
        raise GeneratorError(f"{spec}: {error}") from error
