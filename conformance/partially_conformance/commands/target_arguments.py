"""The arguments by which every command is told its target."""

from __future__ import annotations

import argparse

from partially_conformance.commands.parser import Parser, file
from partially_conformance.target.target import Target, TargetOptions, from_options, load_target


def add_target_arguments(parser: Parser) -> None:
    """Add a target file and the options that go before what it says."""
    group = parser.add_argument_group("the target")
    group.add_argument("target", nargs="?", type=file, metavar="TARGET.toml", help="a target file")
    group.add_argument("--base-url", metavar="URL", help="where the API is")
    group.add_argument(
        "--api-key",
        metavar="KEY",
        help="a key of a merchant; env:NAME reads a variable and keeps it out of the process list",
    )
    group.add_argument("--other-api-key", metavar="KEY", help="a key of a second merchant, to see isolation")
    group.add_argument("--harness-url", metavar="URL", help="where the harness is, to see what needs it")
    group.add_argument(
        "--smtp-listen",
        metavar="HOST:PORT",
        help="receive the login emails here, by SMTP, instead of reading them from the harness",
    )


def target_of(args: argparse.Namespace) -> Target | None:
    """The target that was asked for; None is the embedded reference server.

    Raises:
        TargetError: The file or an option cannot be used.
    """
    given = options_of(args)
    return from_options(given) if args.target is None else load_target(args.target, given)


def options_of(args: argparse.Namespace) -> TargetOptions:
    """What the options say about the target."""
    return TargetOptions(args.base_url, args.api_key, args.other_api_key, args.harness_url, args.smtp_listen)
