"""The command `partially-generate`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from partially_generator import config as config_file
from partially_generator.errors import GeneratorError
from partially_spec import OPENAPI

_DESCRIPTION = """\
Turns an OpenAPI description into a typed Python client: a distribution of its own, with
blocking and asynchronous methods, models, errors, retries and paging."""

_EXAMPLES = """\
examples:
  partially-generate build                              write this project's client to ./generated
  partially-generate check                              is ./generated what the description gives?
  partially-generate build --spec new.yaml --output /tmp/client
                                                        try a changed description elsewhere

"""

_EXIT_CODES = """\
exit codes:
  0  done; with check: the client is what the description gives
  1  check only: it is not
  2  wrong usage, or a description or configuration that cannot be used: one line says where and why
"""

_COMMANDS = {
    "build": (
        "write the client",
        """\
Writes the whole client into a folder, and removes modules that are no longer part of it.
The same description always gives the same bytes.""",
    ),
    "check": (
        "compare the client with the description",
        """\
Writes nothing. Prints what `build` would change as a diff, files too many or missing included,
and exits with 1 if that is anything.""",
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        from partially_generator import commands  # noqa: PLC0415 - its libraries are an extra, and slow to load
    except ModuleNotFoundError as error:
        hint = "install partially-conformance[generator]"
        print(f"partially-generate: the library {error.name} is missing: {hint}", file=sys.stderr)
        return 2
    run = commands.build if options.command == "build" else commands.check
    try:
        return run(options.spec, options.config, options.output)
    except GeneratorError as error:
        print(f"partially-generate: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="partially-generate",
        description=_DESCRIPTION,
        epilog=_EXAMPLES + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, text) in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=text,
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument(
            "--spec",
            type=Path,
            default=OPENAPI,
            metavar="FILE",
            help="the OpenAPI 3.0 or 3.1 description, YAML or JSON (default: the Partial.ly customers API)",
        )
        command.add_argument(
            "--output",
            type=Path,
            default=Path("generated"),
            metavar="FOLDER",
            help="the folder of the client (default: ./generated)",
        )
        command.add_argument(
            "--config",
            type=Path,
            default=config_file.DEFAULT,
            metavar="FILE",
            help="a TOML file with the names and the version of the client (default: partially-client)",
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
