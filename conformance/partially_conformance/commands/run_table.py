"""The table `[run]` of a target file: options of the command `run`."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from partially_conformance.commands.parser import Parser, file
from partially_conformance.target.configuration import Table, read_toml
from partially_conformance.target.target import RUN_TABLE, TargetError, TargetOptions

_NOT_IN_THE_TABLE = {"help", "rerun", *(entry.name for entry in dataclasses.fields(TargetOptions))}
"""Options that the table cannot hold: those of the target have keys of their own in the file."""


def take_run_table(args: argparse.Namespace) -> None:
    """Set the options that the target file has in its table `[run]` and the command line does not have.

    Paths in the table are relative to the folder of the target file.

    Args:
        args: The parsed command line, with its parser and the options `given` in it.

    Raises:
        TargetError: The file cannot be read, or a key or a value of the table is not as it must be.
    """
    if args.target is None:
        return
    values, _ = read_toml(args.target, TargetError)
    table = Table(values, str(args.target), "", TargetError).table(RUN_TABLE)
    if table is None:
        return
    options = _options(args.parser)
    table.allow_only(options)
    for key in table.values:
        value = _value(table, key, options[key], args.target.parent)
        replaced = "rules" if args.rerun is not None else None
        if key != replaced and args.given.isdisjoint(options[key].option_strings):
            setattr(args, key, value)


def _options(parser: Parser) -> dict[str, argparse.Action]:
    """The options that the table can hold, by their key."""
    return {action.dest: action for action in parser.actions() if action.dest not in _NOT_IN_THE_TABLE}


def _value(table: Table, key: str, action: argparse.Action, folder: Path) -> Any:
    """A value of the table as the option has it on the command line."""
    if action.nargs == 0:
        return table.boolean(key)
    if action.nargs in ("+", "*"):
        return [_converted(table, key, action, text, folder) for text in table.strings(key) or ()]
    value = table.values[key]
    if action.nargs == "?" and value is True:
        return action.const
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        value = table.string(key)  # raises
    return _converted(table, key, action, str(value), folder)


def _converted(table: Table, key: str, action: argparse.Action, text: str, folder: Path) -> Any:
    if not callable(action.type):
        return text
    try:
        return folder / file(text) if action.type is file else action.type(text)
    except argparse.ArgumentTypeError as error:
        raise TargetError(table.message(key, str(error))) from error
