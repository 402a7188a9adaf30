"""The command `partially-conformance`."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import cast

from partially_conformance.commands import cleanup, client, diff, doctor, matrix, rules, run, self_test
from partially_conformance.commands.parser import Parser, UsageError
from partially_conformance.rules.exit_codes import EXIT_CODES, EXIT_NO_VERDICT, EXIT_USAGE
from partially_conformance.target.configuration import ConfigurationError, nearest
from partially_conformance.traffic.interruption import interruptible

PROGRAM = "partially-conformance"

COMMANDS = (run, doctor, rules, client, matrix, diff, cleanup, self_test)
"""The modules of the commands, in the order of the help. Each has `NAME`, `add_parser` and `execute`."""

_EPILOG = f"""\
examples:
  partially-conformance run                             check the embedded reference server
  partially-conformance doctor acme.toml                see whether a target can be checked
  partially-conformance run acme.toml --json out.json   check a target, and write a report
  partially-conformance rules SEARCH-2                  explain a rule
  partially-conformance client -- node client.mjs       check what a client sends
  partially-conformance matrix acme.toml other.toml     check several targets, side by side
  partially-conformance diff old.json out.json          compare two reports

`partially-conformance COMMAND --help` explains a command.

{EXIT_CODES}"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments after the name of the program; None takes those of this process.

    Returns:
        The exit code.
    """
    if argv is None:
        _cache_character_tables()
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a character that the terminal cannot show must not end a run
    command = arguments[0] if arguments and arguments[0] in (module.NAME for module in COMMANDS) else None
    program = f"{PROGRAM} {command}" if command else PROGRAM
    try:
        return _execute(_parse(arguments))
    except ConfigurationError as error:
        _complain(f"{program}: {error}")
        return EXIT_USAGE
    except KeyboardInterrupt:
        _complain(f"{program}: interrupted")
        return 130
    except BrokenPipeError:
        # The reader closed the pipe, as `| head` does. Python must not flush to it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:  # a user sees one line, not a traceback
        if os.environ.get("PARTIALLY_DEBUG") == "1":
            traceback.print_exc()
        _complain(
            f"{program}: an error in the suite, not in the target: {type(error).__name__}: {error}"
            " (PARTIALLY_DEBUG=1 prints the traceback)"
        )
        return EXIT_NO_VERDICT


def _cache_character_tables() -> None:
    """Keep the character tables of Hypothesis in the cache of the user, not in the current folder.

    Otherwise it builds them again in every folder, which takes about a second.
    """
    with suppress(RuntimeError):  # there is no home folder
        cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache / PROGRAM / "hypothesis"))


def build_parser() -> Parser:
    """The parser of the whole command line."""
    parser = Parser(
        prog=PROGRAM,
        description="Say whether a server or a client conforms to the documented Partial.ly customers API.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('partially-conformance')}")
    subparsers = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", parser_class=Parser
    )
    for module in COMMANDS:
        command = module.add_parser(subparsers)
        command.set_defaults(execute=module.execute, parser=command)
    return parser


def _execute(args: argparse.Namespace) -> int:
    with interruptible():
        exit_code = cast("Callable[[argparse.Namespace], int]", args.execute)(args)
    sys.stdout.flush()  # a closed pipe raises here, and not when Python ends
    return exit_code


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = build_parser()
    names = [module.NAME for module in COMMANDS]
    if not arguments:
        raise UsageError(f"expected a command: {', '.join(names)}; --help explains them")
    first = arguments[0]
    if not first.startswith("-") and first not in names:
        raise UsageError(
            f"unknown command {first!r}{nearest(first, names)}; the commands are {', '.join(names)}"
        )
    own, words = _split_command(arguments)
    args, extra = parser.parse_known_args(own)
    args.words = words
    if extra:
        getattr(args, "parser", parser).refuse(extra[0])
    if args.command is None:
        raise UsageError(f"expected a command: {', '.join(names)}")
    return args


def _split_command(arguments: list[str]) -> tuple[list[str], list[str] | None]:
    """Split off the command after `--`, for the command `client`."""
    if arguments[0] != client.NAME or "--" not in arguments:
        return arguments, None
    place = arguments.index("--")
    return arguments[:place], arguments[place + 1 :]


def _complain(text: str) -> None:
    print(" ".join(text.split()), file=sys.stderr)
