"""`cleanup`: remove the customers that an earlier run could not remove."""

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
Remove the customers that an earlier run created and could not remove itself. The journal in the run folder
lists them; no other customers are touched. A journal holds no keys, so give them again: with the target file
of the run, or as options. Without a target file, base URL and harness are those in the journal.
"""

_EPILOG = """\
examples:
  partially-conformance cleanup recordings/monday acme.toml
  partially-conformance cleanup recordings/monday --api-key env:ACME_KEY --other-api-key env:ACME_KEY_2

exit codes:
  0  all customers are removed, and the journal is deleted
  2  wrong usage, or there is no journal
  3  some customers could not be removed, and the output says why; run the command again
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME, help="remove the customers that an earlier run left", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("folder", type=file, metavar="DIR", help="the run folder, which holds the journal")
    add_target_arguments(parser)
    return parser


def execute(args: argparse.Namespace) -> int:
    """Remove the customers of the journal, and delete the journal once all are removed.

    Raises:
        ConfigurationError: There is no journal, no key was given, or the target is not that of the journal.
    """
    folder: Path = args.folder
    try:
        base_url, harness_url, journal = read_journal(folder)
    except JournalError as error:
        raise UsageError(str(error)) from error
    target = _target(args, base_url, harness_url)
    # Imported late: the engine is slow to import, and --help and wrong options do not need it.
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
        folder.rmdir()  # it was created for the journal alone
    return EXIT_CONFORMS


def _target(args: argparse.Namespace, base_url: str, harness_url: str | None) -> Target:
    if args.target is None:
        options = options_of(args)
        if options.api_key is None:
            raise UsageError("expected a target file or --api-key, since a journal holds no keys")
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
        raise UsageError(f"the journal belongs to {base_url}, but the target is {target.base_url}")
    return target
