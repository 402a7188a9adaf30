"""The command `build`: writes the client."""

from __future__ import annotations

import argparse

from partially_generator.commands.watch import watch
from partially_generator.commands.write import write_client
from partially_generator.reading.document import read_document


def build(options: argparse.Namespace) -> int:
    """Write the client, and say what changed in the description since the last build; returns the exit code.

    Raises:
        GeneratorError: An input cannot be used, or the folder cannot be written.
    """
    if options.watch:
        return watch(options.spec, options.config, options.output, against=options.against)
    against = read_document(options.against) if options.against else None
    print("\n".join(write_client(options.spec, options.config, options.output, against=against)))
    return 0
