"""The arguments that describe the target, the same for every command."""

from __future__ import annotations

import argparse

from partially_conformance.commands.parser import Parser, file
from partially_conformance.target.target import Target, TargetOptions, from_options, load_target


def add_target_arguments(parser: Parser) -> None:
    """Add the target file, and the options that replace its values."""
    group = parser.add_argument_group("the target")
    group.add_argument(
        "target", nargs="?", type=file, metavar="TARGET.toml", help="a target file (docs/target-file.md)"
    )
    group.add_argument("--base-url", metavar="URL", help="the address of the API")
    group.add_argument(
        "--api-key",
        metavar="KEY",
        help="the key of a merchant; env:NAME reads it from the variable NAME, and"
        " keeps it out of the process list",
    )
    group.add_argument(
        "--other-api-key", metavar="KEY", help="the key of a second merchant, to check isolation"
    )
    group.add_argument(
        "--harness-url", metavar="URL", help="the address of the harness, the test-only API beside the target"
    )
    group.add_argument(
        "--smtp-listen",
        metavar="HOST:PORT",
        help="receive the login emails at this address by SMTP, instead of reading them from the harness",
    )


def target_of(args: argparse.Namespace) -> Target | None:
    """The target; None is the embedded reference server.

    Raises:
        TargetError: The file or an option cannot be used.
    """
    given = options_of(args)
    return from_options(given) if args.target is None else load_target(args.target, given)


def options_of(args: argparse.Namespace) -> TargetOptions:
    """The values of the target options."""
    return TargetOptions(args.base_url, args.api_key, args.other_api_key, args.harness_url, args.smtp_listen)
