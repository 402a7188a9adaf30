"""The arguments that say what is checked, and how thoroughly."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TypeAlias

from partially_conformance.commands.parser import Parser, UsageError, choice, run_tag, seed
from partially_conformance.generation.effort import Effort
from partially_conformance.rules.catalogue import CLIENT, Level, Rule, load_catalogue
from partially_conformance.run.options import Profile

if TYPE_CHECKING:
    from argparse import _ArgumentGroup

    Group: TypeAlias = _ArgumentGroup


def add_selection_arguments(parser: Parser) -> Group:
    """Add the selection of rules, and give back the group, for what else says what is checked."""
    what = parser.add_argument_group("what is checked")
    what.add_argument(
        "--rules",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATTERN",
        help="only rules whose id matches, such as 'GDPR-*' or SEARCH-2",
    )
    what.add_argument(
        "--level",
        type=choice(Level),
        default=Level.SHOULD,
        metavar="must|should",
        help="must: only these rules; should: both levels (default)",
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
        help="shape: only what one exchange can show, for mocks that keep no state; full: all (default)",
    )
    what.add_argument(
        "--read-only", action="store_true", help="send nothing that creates, changes or removes"
    )
    what.add_argument(
        "--effort",
        type=choice(Effort),
        default=Effort.STANDARD,
        metavar="quick|standard|deep",
        help="how much the generated checks try (default: standard)",
    )
    add_seed_argument(what)
    what.add_argument(
        "--run-tag",
        type=run_tag,
        metavar="LETTERS",
        help="with the same seed and the same 8 letters, two runs send the same requests (default: random)",
    )


def add_seed_argument(group: Group) -> None:
    """Add the seed."""
    group.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="N",
        help="the same seed gives the same run, up to the letters in emails and names (default: 0)",
    )


def rules_of(args: argparse.Namespace, *, client: bool = False) -> tuple[Rule, ...]:
    """The rules that were asked for.

    Args:
        client: Whether a client is checked too. Else the rules about clients are left out.

    Raises:
        UsageError: A pattern matches none, or all that are left out.
    """
    levels = (Level.MUST,) if args.level is Level.MUST else tuple(Level)
    try:
        chosen = load_catalogue().select(args.rules, levels)
    except ValueError as error:
        raise UsageError(f"--rules: {error}") from error
    rules = tuple(rule for rule in chosen if client or rule.area != CLIENT)
    if not rules:
        raise UsageError("--rules: only rules about clients match, and no client is checked here")
    return rules
