"""Command-line arguments whose errors are one clear line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from partially_conformance.target.configuration import ConfigurationError, nearest

_E = TypeVar("_E", bound=StrEnum)


class UsageError(ConfigurationError):
    """The command line is wrong."""


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError` instead of printing its usage, and keeps the layout of its epilog."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            UsageError: Always.
        """
        message = message.removeprefix("argument ")
        if message.endswith("expected one argument"):  # argparse takes such a value for an option
            message += f"; one that begins with a dash is written {message.partition(':')[0]}=VALUE"
        raise UsageError(message)

    def options(self) -> list[str]:
        """The long options of this parser."""
        return [name for action in self._actions for name in action.option_strings if name.startswith("--")]

    def refuse(self, extra: str) -> NoReturn:
        """Refuse an unknown argument.

        Raises:
            UsageError: Always. The message names the most similar option, or all if none is similar.
        """
        name = extra.partition("=")[0]
        if not name.startswith("-"):
            raise UsageError(f"unexpected argument {extra!r}")
        hint = nearest(name, self.options()) or f"; the options are {', '.join(self.options())}"
        raise UsageError(f"unknown option {name!r}{hint}")


def choice(kind: type[_E]) -> Callable[[str], _E]:
    """An argument type: one value of an enumeration."""

    def convert(text: str) -> _E:
        try:
            return kind(text)
        except ValueError:
            valid = [member.value for member in kind]
            raise argparse.ArgumentTypeError(
                f"expected {', '.join(valid[:-1])} or {valid[-1]}, got {text!r}{nearest(text, valid)}"
            ) from None

    return convert


def seed(text: str) -> int:
    """An argument type: a whole number, 0 or above."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"expected a whole number of 0 or above, got {text!r}")
    return int(text)


def file(text: str) -> Path:
    """An argument type: the name of a file or folder."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"expected the name of a file, got {text!r}")
    return Path(text)
