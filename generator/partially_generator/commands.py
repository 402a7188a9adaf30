"""What `build` and `check` do, once their options are read."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from partially_generator import description, ir, output
from partially_generator.clients import client_of
from partially_generator.config import Config, read_config
from partially_generator.document import read_document
from partially_generator.errors import GeneratorError
from partially_generator.render import Files
from partially_spec import Document

_DIFF_LINES = 400
"""Lines of a diff that are printed; a person reads no more, and the first ones tell the story."""


def build(options: argparse.Namespace) -> int:
    """Write the client, and say what the description changed since the one before; returns the exit code.

    Raises:
        GeneratorError: An input cannot be used, or the folder cannot be written.
    """
    if options.watch:
        from partially_generator.watch import watch  # noqa: PLC0415 - one option of one command

        return watch(options.spec, options.config, options.output, against=options.against)
    against = read_document(options.against) if options.against else None
    print("\n".join(write_client(options.spec, options.config, options.output, against=against)))
    return 0


def check(options: argparse.Namespace) -> int:
    """Compare the client with the description; returns the exit code.

    Raises:
        GeneratorError: An input cannot be used.
    """
    folder: Path = options.output
    document, config = read_document(options.spec), read_config(options.config)
    lines = output.differences(_files(document, config)[1], folder)
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


def write_client(spec: Path, config: Path, folder: Path, *, against: Document | None) -> list[str]:
    """Write the client; returns what to tell about it.

    Args:
        against: The description to compare with; None for that of the client in the folder.

    Raises:
        GeneratorError: An input cannot be used, or the folder cannot be written.
    """
    document, names = read_document(spec), read_config(config)
    api, files = _files(document, names)
    told = list(_changes(document, names, folder, against))
    output.write(files, folder)
    left_out = [f"Left out, since the server calls it: {what}" for what in api.left_out]
    return [f"Wrote the client, {len(files)} files, to {folder.resolve()}", *left_out, *told]


def _files(document: Document, config: Config) -> tuple[ir.Api, Files]:
    api, files = client_of(document, config)
    return api, dict(sorted({**files, description.NAME: description.kept(document)}.items()))


def _changes(document: Document, config: Config, folder: Path, against: Document | None) -> Iterator[str]:
    """What changed since the client in the folder was written, in a few lines; none if nothing did."""
    if against is None:
        try:
            against = description.earlier(folder)
        except GeneratorError as error:
            yield f"What changed is not known: {error}"
            return
    if against is None or description.kept(against) == description.kept(document):
        return
    from partially_generator.diff.console import summary  # noqa: PLC0415 - griffe is slow to load
    from partially_generator.diff.difference import difference  # noqa: PLC0415

    found = difference(against, document, config)
    if found.outcome != "same":
        yield f"Since {against.path}:"
        yield from summary(found)
