"""The arguments that choose the rules, and how thoroughly they are checked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TypeAlias

from partially_conformance.commands.parser import Parser, UsageError, choice, seed
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import CLIENT, Level, Rule, load_catalogue
from partially_conformance.run.options import Profile

if TYPE_CHECKING:
    from argparse import _ArgumentGroup

    Group: TypeAlias = _ArgumentGroup


def add_selection_arguments(parser: Parser) -> Group:
    """Add the selection of rules. Returns the group, so that further arguments can join it."""
    what = parser.add_argument_group("what is checked")
    what.add_argument(
        "--rules",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATTERN",
        help="check only the rules whose id matches, such as 'GDPR-*' or SEARCH-2",
    )
    what.add_argument(
        "--level",
        type=choice(Level),
        default=Level.SHOULD,
        metavar="must|should",
        help="must: check only must rules; should: check both levels (default)",
    )
    return what


def add_check_arguments(parser: Parser) -> None:
    """Add the selection of rules, profile, effort and seed."""
    what = add_selection_arguments(parser)
    what.add_argument(
        "--profile",
        type=choice(Profile),
        default=Profile.FULL,
        metavar="shape|full",
        help="shape: check only what a single exchange can show, for mocks that keep no state;"
        " full: check everything (default)",
    )
    what.add_argument(
        "--read-only", action="store_true", help="send only requests that create, change and remove nothing"
    )
    what.add_argument(
        "--effort",
        type=choice(Effort),
        default=Effort.STANDARD,
        metavar="quick|standard|deep",
        help="how many requests the checks generate (default: standard)",
    )
    add_seed_argument(what)


def add_seed_argument(group: Group) -> None:
    """Add the seed."""
    group.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="N",
        help="generate the same data and requests as another run with this seed (default: 0)",
    )


def rules_of(args: argparse.Namespace, *, client: bool = False) -> tuple[Rule, ...]:
    """The selected rules.

    Args:
        args: The parsed command line.
        client: Whether a client is checked. Without one, rules about clients are left out.

    Raises:
        UsageError: A pattern matches no rule, or only rules about clients match and no client is checked.
    """
    levels = (Level.MUST,) if args.level is Level.MUST else tuple(Level)
    try:
        chosen = load_catalogue().select(args.rules, levels)
    except ValueError as error:
        raise UsageError(f"--rules: {error}") from error
    rules = tuple(rule for rule in chosen if client or rule.area != CLIENT)
    if not rules:
        raise UsageError("--rules: only rules about clients match, but this command checks no client")
    return rules
