"""The command `partially-generate`."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from partially_generator.reading import config as config_file
from partially_generator.reading.errors import GeneratorError, one_line
from partially_spec import OPENAPI

_DESCRIPTION = """\
Generates a typed Python client from an OpenAPI description: a distribution of its own,
with blocking and asynchronous methods, models, errors, retries and paging."""

_EXAMPLES = """\
examples:
  partially-generate build                              write this project's client to ./generated
  partially-generate check                              is ./generated up to date?
  partially-generate diff old.yaml new.yaml             what changed, and for whom it breaks
  partially-generate init acme.toml --spec acme.yaml    names for a client of another API
  partially-generate build --spec new.yaml --output /tmp/client
                                                        try a changed description elsewhere

"""

_EXIT_CODES = """\
exit codes:
  0  done; with check: the client matches the description
  1  check: the client does not match; diff --fail-on breaking: something breaks callers
  2  wrong usage, or a description or configuration that cannot be used: one line says where and why
  3  an internal error of the generator
"""

_FAILED_TO_RUN = 2
_FAULT = 3


@dataclass(frozen=True, slots=True)
class _Command:
    """A command. Its module in `commands` has its name, and a function of that name.

    The module is loaded only when the command runs: the libraries are an extra, and slow to load.
    """

    name: str
    summary: str
    text: str
    arguments: Callable[[argparse.ArgumentParser], None]
    examples: str = ""


def _build_arguments(parser: argparse.ArgumentParser) -> None:
    _check_arguments(parser)
    parser.add_argument(
        "--against",
        type=Path,
        metavar="OLD",
        help="the description to compare with (default: the one kept in the folder of the client)",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="keep running, and build again after each change of the description or configuration, until"
        " Ctrl-C"
        " (exit code 130) or SIGTERM (exit code 0)",
    )


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--spec",
        type=Path,
        default=OPENAPI,
        metavar="FILE",
        help="the OpenAPI 3.0 or 3.1 description, YAML or JSON (default: the Partial.ly customers API)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("generated"),
        metavar="FOLDER",
        help="the folder of the client (default: ./generated)",
    )
    _config_argument(parser)


def _config_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        default=config_file.DEFAULT,
        metavar="FILE",
        help="a TOML file with the names and the version of the client (default: partially-client)",
    )


def _diff_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD", help="the description before")
    parser.add_argument("new", type=Path, metavar="NEW", help="the description after")
    parser.add_argument(
        "--fail-on",
        choices=["breaking"],
        help="exit with 1 if a change breaks callers (default: exit with 0)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write it as Markdown")
    _config_argument(parser)
    parser.add_argument("--rules", action=_Rules, help="list the kinds of changes, and for whom each breaks")


def _init_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=Path("client.toml"),
        metavar="FILE",
        help="the configuration to write (default: ./client.toml)",
    )
    parser.add_argument("--spec", type=Path, required=True, metavar="FILE", help="the description of the API")
    parser.add_argument("--force", action="store_true", help="overwrite the file if it exists")


class _Rules(argparse.Action):
    """Prints the rules and exits, as `--help` does: no documents are needed."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:  # noqa: A002
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        from partially_generator.diff.changes.rules import listing  # noqa: PLC0415 - as with the commands

        del namespace, values, option_string
        print("\n".join(listing()))
        parser.exit()


_COMMANDS = (
    _Command(
        "build",
        "write the client",
        """\
Writes the whole client into a folder, and removes modules that are no longer part of it.
The same description always gives the same bytes. If the folder already holds a client,
says what changed in the description since then, and for whom that breaks.""",
        _build_arguments,
    ),
    _Command(
        "check",
        "compare the client with the description",
        """\
Writes nothing. Prints as a diff what `build` would change, with missing and surplus files.
Exits with 1 if there is a difference.""",
        _check_arguments,
    ),
    _Command(
        "diff",
        "what changed between two descriptions",
        """\
Says what changed from one description to another, and for whom each change breaks: for callers
of the old description, and for servers that implement it. Also compares the signatures of the
two clients, and suggests the next version. Ignores layout, comments, the order of keys, and
whether a schema is written as a reference.""",
        _diff_arguments,
        """\
examples:
  partially-generate diff old.yaml new.yaml
  partially-generate diff old.yaml new.yaml --fail-on breaking --markdown changes.md

""",
    ),
    _Command(
        "init",
        "write a configuration for another API",
        """\
Writes a configuration for `--config`, with names taken from the title of a description. Each key
is explained in the file.""",
        _init_arguments,
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a character that a terminal cannot show must not end a run
    options = _parser().parse_args(arguments)
    command = next(command for command in _COMMANDS if command.name == options.command)
    try:
        module = importlib.import_module(f"partially_generator.commands.{command.name}")
    except ModuleNotFoundError as error:
        hint = "install partially-conformance[generator]"
        print(f"partially-generate: the library {error.name} is missing: {hint}", file=sys.stderr)
        return _FAILED_TO_RUN
    try:
        code: int = getattr(module, command.name)(options)
        sys.stdout.flush()  # a closed pipe raises here, and not when Python exits
    except GeneratorError as error:
        print(f"partially-generate: {error}", file=sys.stderr)
        return _FAILED_TO_RUN
    except KeyboardInterrupt:
        print("partially-generate: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The pipe is closed, as with `| head`. Python must not flush to it on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:  # the last resort: no traceback reaches a user
        if os.environ.get("PARTIALLY_DEBUG") == "1":
            traceback.print_exc()
        print(
            f"partially-generate: an internal error of the generator: {type(error).__name__}:"
            f" {one_line(str(error))}"
            " (PARTIALLY_DEBUG=1 shows where)",
            file=sys.stderr,
        )
        return _FAULT
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="partially-generate",
        description=_DESCRIPTION,
        epilog=_EXAMPLES + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.arguments(
            commands.add_parser(
                command.name,
                help=command.summary,
                description=command.text,
                epilog=command.examples + _EXIT_CODES,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
