"""The arguments that choose the generated client to check."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from partially_conformance.clients.choice import DEFAULT_CLIENT, ClientChoice
from partially_conformance.commands.parser import Parser, UsageError, file
from partially_conformance.rules.catalogue import CLIENT, Rule
from partially_spec import OPENAPI


def add_client_arguments(parser: Parser) -> None:
    """Add the client to check, and the document it was generated from."""
    group = parser.add_argument_group("the client")
    group.add_argument(
        "--client",
        nargs="?",
        const=DEFAULT_CLIENT,
        metavar="PACKAGE",
        help=f"also check this generated client, by the CLIENT rules (default: {DEFAULT_CLIENT})",
    )
    group.add_argument(
        "--client-spec",
        type=file,
        metavar="FILE",
        help="the OpenAPI document it was generated from (default: that of this project)",
    )


def client_of(args: argparse.Namespace) -> ClientChoice | None:
    """The client to check; None if neither `--client` nor a pattern such as `CLIENT-*` asks for one.

    Raises:
        UsageError: `--client-spec` is given without a client.
    """
    named = any(pattern.upper().startswith(CLIENT) for pattern in args.rules)
    if args.client is None and not named:
        if args.client_spec is not None:
            raise UsageError("--client-spec: it also needs --client")
        return None
    return ClientChoice(args.client or DEFAULT_CLIENT, args.client_spec or OPENAPI)


def refuse_contradictions(
    args: argparse.Namespace, client: ClientChoice | None, rules: Sequence[Rule]
) -> None:
    """Refuse a client without rules about clients, and a target with rules about clients alone.

    Raises:
        UsageError: The arguments contradict each other.
    """
    if client is None:
        return
    about_clients = [rule.area == CLIENT for rule in rules]
    if not any(about_clients):
        raise UsageError("--client: --rules selects no rule about clients")
    if all(about_clients) and (args.target is not None or args.base_url is not None):
        raise UsageError("--rules: only rules about clients are selected, which need no target")
