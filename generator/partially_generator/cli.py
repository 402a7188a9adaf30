"""The command `partially-generate`."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from partially_generator import config as config_file
from partially_generator import output
from partially_generator.api import describe
from partially_generator.document import read_document
from partially_generator.errors import GeneratorError, SpecError
from partially_generator.render import Files, render
from partially_spec import OPENAPI

_DIFF_LINES = 400
"""Lines of a diff that are printed; a person reads no more, and the first ones tell the story."""

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
        files = _generate(options)
        return _build(files, options.output) if options.command == "build" else _check(files, options.output)
    except GeneratorError as error:
        print(f"partially-generate: {error}", file=sys.stderr)
        return 2


def _generate(options: argparse.Namespace) -> Files:
    config = config_file.read_config(options.config)
    api = describe(read_document(options.spec))
    try:
        return render(api, config)
    except SpecError as error:
        raise GeneratorError(f"{options.spec}: {error}") from error


def _build(files: Files, folder: Path) -> int:
    output.write(files, folder)
    print(f"Wrote the client, {len(files)} files, to {folder.resolve()}")
    return 0


def _check(files: Files, folder: Path) -> int:
    lines = output.differences(files, folder)
    shown = list(itertools.islice(lines, _DIFF_LINES))
    if not shown:
        print(f"{folder} is what the description gives")
        return 0
    print("\n".join(shown))
    hidden = sum(1 for _ in lines)
    if hidden:
        print(f"... and {hidden} more lines")
    print(
        f"{folder} is not what the description gives; `partially-generate build` writes it", file=sys.stderr
    )
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="partially-generate",
        description="Turns an OpenAPI description into a typed Python client: a distribution of its own, "
        "with blocking and asynchronous methods, models, errors, retries and paging.",
        epilog=_EXIT_CODES,
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
