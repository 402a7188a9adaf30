"""The arguments that say which client is checked."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from partially_conformance.clients.choice import DEFAULT_CLIENT, ClientChoice
from partially_conformance.commands.parser import Parser, UsageError, file
from partially_conformance.rules.catalogue import CLIENT, Rule
from partially_spec import OPENAPI


def add_client_arguments(parser: Parser) -> None:
    """Add the client to check, and the document it was built from."""
    group = parser.add_argument_group("the client")
    group.add_argument(
        "--client",
        nargs="?",
        const=DEFAULT_CLIENT,
        metavar="PACKAGE",
        help=f"also check this client, by the CLIENT rules (default: {DEFAULT_CLIENT})",
    )
    group.add_argument(
        "--client-spec",
        type=file,
        metavar="FILE",
        help="the document it was built from (default: the one of this project)",
    )


def client_of(args: argparse.Namespace) -> ClientChoice | None:
    """The client that was asked for, if only by a pattern such as `CLIENT-*`.

    Raises:
        UsageError: There is a document, and no client to go with it.
    """
    named = any(pattern.upper().startswith(CLIENT) for pattern in args.rules)
    if args.client is None and not named:
        if args.client_spec is not None:
            raise UsageError("--client-spec: it goes with --client, which is not there")
        return None
    return ClientChoice(args.client or DEFAULT_CLIENT, args.client_spec or OPENAPI)


def refuse_contradictions(
    args: argparse.Namespace, client: ClientChoice | None, rules: Sequence[Rule]
) -> None:
    """Refuse a client that no rule is about, and a target when all rules are about the client.

    Raises:
        UsageError: It is so.
    """
    if client is None:
        return
    about_clients = [rule.area == CLIENT for rule in rules]
    if not any(about_clients):
        raise UsageError("--client: no rule about clients is among those of --rules")
    if all(about_clients) and (args.target is not None or args.base_url is not None):
        raise UsageError("--rules: only rules about clients are selected, and they need no target")
