"""`cleanup`: remove what a run that crashed has left."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from partially_conformance.commands.parser import Parser, UsageError, file
from partially_conformance.commands.target_arguments import add_target_arguments, options_of, target_of
from partially_conformance.report.text import one_line
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_NO_VERDICT
from partially_conformance.target.journal import FILE_NAME, JournalError, read_journal
from partially_conformance.target.target import Target, from_options

if TYPE_CHECKING:
    from argparse import _SubParsersAction

NAME = "cleanup"

_DESCRIPTION = """\
Remove the customers that a run made and could not remove itself, from its journal. Customers that are
not in the journal are never touched. Keys are not in a journal, so they have to be given again: with the
target file of the run, or as options. Without a target file, base URL and harness are those of the journal.
"""

_EPILOG = """\
examples:
  partially-conformance cleanup recordings/monday acme.toml
  partially-conformance cleanup recordings/monday --api-key env:ACME_KEY --other-api-key env:ACME_KEY_2

exit codes:
  0  nothing is left; the journal is gone
  2  wrong usage, or there is no journal
  3  something is left, and the output says why; run it again
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME, help="remove what a crashed run left", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("folder", type=file, metavar="DIR", help="the folder with the journal of the run")
    add_target_arguments(parser)
    return parser


def execute(args: argparse.Namespace) -> int:
    """Remove what is left.

    Raises:
        ConfigurationError: There is no journal, no key, or a key for another target.
    """
    folder: Path = args.folder
    try:
        base_url, harness_url, journal = read_journal(folder)
    except JournalError as error:
        raise UsageError(str(error)) from error
    target = _target(args, base_url, harness_url)
    # Late: these pull in the engine, which --help and a wrong option need not wait for.
    from partially_conformance.bench.bench import bench_for  # noqa: PLC0415
    from partially_conformance.bench.cleanup import clean_up  # noqa: PLC0415

    with bench_for(target) as bench:
        apis = {api.key.name: api for api in (bench.api, bench.other) if api is not None}
        cleaned = clean_up(journal, apis, bench.harness)
    print(f"{cleaned.removed} customers removed, {len(cleaned.left)} left")
    for customer_id, why in cleaned.left.items():
        print(f"  {one_line(customer_id)}: {one_line(why)}", file=sys.stderr)
    if cleaned.left:
        return EXIT_NO_VERDICT
    (folder / FILE_NAME).unlink()
    if not any(folder.iterdir()):
        folder.rmdir()  # it was made for the journal alone
    return EXIT_CONFORMS


def _target(args: argparse.Namespace, base_url: str, harness_url: str | None) -> Target:
    if args.target is None:
        options = options_of(args)
        if options.api_key is None:
            raise UsageError("expected a target file or --api-key; a journal holds no keys")
        target = from_options(
            dataclasses.replace(
                options,
                base_url=options.base_url or base_url,
                harness_url=options.harness_url or harness_url,
            )
        )
    else:
        target = target_of(args)
    assert target is not None
    if target.base_url != base_url:
        raise UsageError(f"the journal is about {base_url}, not about {target.base_url}")
    return target
