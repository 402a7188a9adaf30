"""`cleanup`: remove what a run that crashed has left."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from partially_conformance.arguments import Parser, UsageError
from partially_conformance.bench import bench_for
from partially_conformance.cleanup import clean_up
from partially_conformance.commands.target_arguments import add_target_arguments, target_of
from partially_conformance.journal import FILE_NAME, JournalError, read_journal
from partially_conformance.target import TargetOptions, from_options
from partially_conformance.verdict import EXIT_NO_VERDICT

if TYPE_CHECKING:
    from argparse import _SubParsersAction

NAME = "cleanup"

_DESCRIPTION = """\
Remove the customers that a run made and could not remove itself, from its journal. Customers that are
not in the journal are never touched. Keys are not in a journal, so they have to be given again: with the
target file of the run, or as options. Base URL and harness are taken from the journal.
"""

_EPILOG = """\
examples:
  partially-conformance cleanup recordings/monday acme.toml
  partially-conformance cleanup recordings/monday --api-key env:ACME_KEY --other-api-key env:ACME_KEY_2

exit codes:
  0  nothing is left
  2  wrong usage, or there is no journal
  3  something is left, and the output says why; run it again
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME, help="remove what a crashed run left", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder with the journal of the run")
    add_target_arguments(parser)
    return parser


def execute(args: argparse.Namespace) -> int:
    """Remove what is left.

    Raises:
        ConfigurationError: There is no journal, no key, or a key for another target.
    """
    try:
        base_url, harness_url, journal = read_journal(args.folder)
    except JournalError as error:
        raise UsageError(str(error)) from error
    target = target_of(args)
    if target is None:
        given = TargetOptions(base_url, args.api_key, args.other_api_key, args.harness_url or harness_url)
        target = from_options(given)
    if target is None or target.base_url != base_url:
        raise UsageError(
            f"the journal is about {base_url}, not about {target.base_url if target else 'nothing'}"
        )
    with bench_for(target) as bench:
        apis = {api.key.name: api for api in (bench.api, bench.other) if api is not None}
        cleaned = clean_up(journal, apis, bench.harness)
    print(f"{cleaned.removed} customers removed, {len(cleaned.left)} left")
    for customer_id, why in cleaned.left.items():
        print(f"  {customer_id}: {why}", file=sys.stderr)
    if cleaned.left:
        return EXIT_NO_VERDICT
    (args.folder / FILE_NAME).unlink()
    return 0
