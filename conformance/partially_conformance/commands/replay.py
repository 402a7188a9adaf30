"""`replay`: send the stories of a report again, and say whether each still fails."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partially_conformance.commands.parser import Parser, UsageError, file
from partially_conformance.commands.target_arguments import add_target_arguments, options_of, target_of
from partially_conformance.report.text import one_line
from partially_conformance.report.to_json import read_report
from partially_conformance.rules.exit_codes import EXIT_CONFORMS, EXIT_NO_VERDICT, EXIT_VIOLATES
from partially_conformance.target.target import Target, from_options

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from partially_conformance.run.replay import Replayed

NAME = "replay"

_DESCRIPTION = """\
Send the stories of a report again: the few requests that showed each failure, with fresh emails and with the
ids that the target gives this time. For each story, say whether the target still answers as it did.

A report holds no keys, so they have to be given again: with the target file, or as options. Without a target
file the address of the API is that of the report. Customers that the stories create are removed at the end.
"""

_EPILOG = """\
examples:
  partially-conformance replay report.json acme.toml
  partially-conformance replay report.json SEARCH-2 'GDPR-*' acme.toml
  partially-conformance replay report.json --api-key env:ACME_KEY --harness-url http://127.0.0.1:8080/harness

exit codes:
  0  no story still fails
  1  a story still fails
  2  wrong usage, or the file is not a report
  3  the target is unreachable, or of some stories it cannot be told, and no other still fails
"""


def add_parser(subparsers: _SubParsersAction[Parser]) -> Parser:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        NAME, help="send the stories of a report again", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("report", type=file, metavar="REPORT.json", help="a report of `run --json`")
    parser.add_argument(
        "rules", nargs="*", metavar="RULE", help="only stories of rules whose id matches, such as 'GDPR-*'"
    )
    add_target_arguments(parser)
    return parser


def execute(args: argparse.Namespace) -> int:
    """Send the stories again and print what came of each.

    Returns:
        The exit code.

    Raises:
        ConfigurationError: The report or an argument cannot be used.
    """
    _find_target(args)
    report = read_report(args.report)
    target = _target(args, report)
    rules = _rules(args.rules, report)
    # Imported late: the engine is slow to import, and --help and wrong options do not need it.
    from partially_conformance.run.hiding import secrets_of  # noqa: PLC0415
    from partially_conformance.target.launch import StartError, started  # noqa: PLC0415

    try:
        with started(target):
            return _replay(report, rules, target)
    except StartError as error:
        return _no_verdict(secrets_of(target).hide(str(error)))


def _find_target(args: argparse.Namespace) -> None:
    """Take the target file from among the rules: it may stand before or after them."""
    files = [word for word in [*args.rules, args.target] if str(word or "").endswith(".toml")]
    if len(files) > 1:
        raise UsageError(f"expected one target file, got {len(files)}")
    rules = [str(word) for word in [*args.rules, args.target] if word is not None and word not in files]
    args.target, args.rules = (Path(files[0]) if files else None), rules


def _target(args: argparse.Namespace, report: Mapping[str, Any]) -> Target:
    if args.target is not None:
        target = target_of(args)
    else:
        options = options_of(args)
        if options.api_key is None:
            raise UsageError("expected a target file or --api-key; a report holds no keys")
        base_url = options.base_url or report["target"]["base_url"]
        target = from_options(dataclasses.replace(options, base_url=base_url))
    assert target is not None, "an API key was given"
    return target


def _rules(patterns: Sequence[str], report: Mapping[str, Any]) -> list[str]:
    """The ids of the rules that have stories and match.

    Raises:
        UsageError: A pattern matches none.
    """
    from fnmatch import fnmatchcase  # noqa: PLC0415

    ids = [rule["id"] for rule in report["rules"] if rule["failures"]]
    if not ids:
        raise UsageError("the report has no stories: no rule failed")
    for pattern in patterns:
        if not any(fnmatchcase(one, pattern.upper()) for one in ids):
            raise UsageError(f"no rule with a story matches {pattern!r}; those are {', '.join(ids)}")
    return [
        one for one in ids if not patterns or any(fnmatchcase(one, pattern.upper()) for pattern in patterns)
    ]


def _replay(report: Mapping[str, Any], rules: Sequence[str], target: Target) -> int:
    from partially_conformance.bench.bench import bench_for  # noqa: PLC0415
    from partially_conformance.bench.cleanup import clean_up  # noqa: PLC0415
    from partially_conformance.bench.run_folder import RunFolder  # noqa: PLC0415
    from partially_conformance.run.replay import replay  # noqa: PLC0415
    from partially_conformance.traffic.check_end import CheckEnd  # noqa: PLC0415
    from partially_conformance.traffic.redaction import Secrets  # noqa: PLC0415

    secrets, left = Secrets(), {"": ""}
    folder = RunFolder(None, secrets, target, disposable=False)
    with ExitStack() as stack:
        stack.callback(lambda: folder.close(complete=not left))
        bench = stack.enter_context(bench_for(target, journal=folder.journal, hidden=secrets))
        shown: list[Replayed] = []
        stopped: str | None = None
        try:
            if (first := bench.api.list().exchange).response is None:
                stopped = f"{target.base_url} does not respond: {first.error}"
            else:
                for one in replay(report, rules, bench):
                    shown.append(one)
                    print(_line(one), flush=True)
        except CheckEnd as end:
            stopped = str(end)
        finally:
            apis = {api.key.name: api for api in (bench.api, bench.other) if api is not None}
            left = dict(clean_up(folder.journal, apis, bench.harness).left) if shown else {}
        if left:
            path = folder.journal.path
            print(
                f"partially-conformance replay: {len(left)} customers could not be removed;"
                f" `partially-conformance cleanup {path.parent if path else ''}` tries again",
                file=sys.stderr,
            )
        return _no_verdict(secrets.hide(stopped)) if stopped is not None else _exit_code(shown)


def _line(one: Replayed) -> str:
    name = f"{one.rule} ({one.number} of {one.of})" if one.of > 1 else one.rule
    return one_line(f"{name} {one.verdict.outcome}: {one.verdict.reason}")


def _exit_code(shown: Sequence[Replayed]) -> int:
    from partially_conformance.stories.comparison import Outcome  # noqa: PLC0415

    outcomes = [one.verdict.outcome for one in shown]
    counts = [f"{outcomes.count(outcome)} {_words(outcome)}" for outcome in Outcome]
    print(f"{len(shown)} stories: {', '.join(counts)}")
    if Outcome.STILL_FAILS in outcomes:
        return EXIT_VIOLATES
    return EXIT_NO_VERDICT if Outcome.CANNOT_TELL in outcomes else EXIT_CONFORMS


def _words(outcome: str) -> str:
    return {"still fails": "still fail", "no longer fails": "no longer fail"}.get(outcome, "cannot be told")


def _no_verdict(reason: str) -> int:
    print(f"partially-conformance replay: {one_line(reason)}", file=sys.stderr)
    return EXIT_NO_VERDICT
