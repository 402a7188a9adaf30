"""Reading TOML files of users: right keys, right types, and errors that name file, place and value."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

_T = TypeVar("_T")

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),  # before int, of which it is a subclass
    (str, "a string"),
    (int, "an integer"),
    (float, "a float"),
    (list, "an array"),
    (dict, "a table"),
    (dt.datetime, "a date and time"),  # before date, of which it is a subclass
    (dt.date, "a date"),
    (dt.time, "a time"),
)

_LONGEST_SHOWN = 60  # characters of a value that an error shows


class ConfigurationError(Exception):
    """The user gave something that cannot be used. The message is one line: file, place, expected, got."""


def read_toml(path: Path, error: type[ConfigurationError]) -> tuple[dict[str, Any], str]:
    """Read a TOML file.

    Args:
        path: The file.
        error: The class of the error to raise.

    Returns:
        Its values, and its text.

    Raises:
        ConfigurationError: As `error`: the file is missing, not UTF-8 or not TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text.replace("\r\n", "\n")), text
    except OSError as cause:
        raise error(f"{path}: cannot be read: {cause.strerror}") from cause
    except UnicodeDecodeError as cause:
        raise error(f"{path}: not UTF-8: byte {cause.start + 1} cannot be decoded") from cause
    except tomllib.TOMLDecodeError as cause:
        raise error(f"{path}: not TOML: {cause}") from cause


def kind(value: object) -> str:
    """The type of a TOML value with its article, such as `an integer`."""
    return next(name for type_, name in _KINDS if isinstance(value, type_))


def _described(value: object) -> str:
    """A TOML value as an error shows it: its type, and the value itself unless it is long."""
    match value:
        case bool():
            shown = str(value).lower()
        case str():
            shown = repr(value)
        case list() | dict():
            shown = ""
        case _:
            shown = str(value)
    return f"{kind(value)} ({shown})" if 0 < len(shown) <= _LONGEST_SHOWN else kind(value)


def nearest(word: str, valid: Iterable[str]) -> str:
    """A hint at the valid name that is most similar to `word`; empty if none is similar."""
    close = difflib.get_close_matches(word, list(valid), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


class Table:
    """A TOML table and its place in its file.

    Its methods raise `error` if a value is not as it must be.

    Args:
        values: The table.
        file: The name of the file in an error.
        place: The table as it is written, such as `[start]`; empty for the top of the file.
        error: The class of the errors.
        secret: Keys of this table whose values no error shows. This includes tables and arrays.
    """

    def __init__(
        self,
        values: dict[str, Any],
        file: str,
        place: str,
        error: type[ConfigurationError],
        secret: Iterable[str] = (),
    ) -> None:
        self._secret = frozenset(secret)
        self.values = values
        self._file = file
        self._place = place
        self._error = error

    def allow_only(self, valid: Iterable[str]) -> None:
        """Refuse a table with a key that is not among the valid ones."""
        valid = tuple(valid)
        if key := next((key for key in self.values if key not in valid), None):
            where = f" in {self._place}" if self._place else ""
            raise self._error(
                f"{self._file}: unknown key {key!r}{where}{nearest(key, valid)};"
                f" the keys are {', '.join(valid)}"
            )

    def require(self, *keys: str) -> None:
        """Refuse a table without one of the keys."""
        for key in keys:
            if key not in self.values:
                where = f" in {self._place}" if self._place else ""
                raise self._error(f"{self._file}: {key} is missing{where}")

    def string(self, key: str) -> str | None:
        """A string; None if the key is absent."""
        return self._typed(key, str, "a string")

    def boolean(self, key: str) -> bool | None:
        """A boolean; None if the key is absent."""
        return self._typed(key, bool, "a boolean")

    def date(self, key: str) -> dt.date | None:
        """A date without a time of day; None if the key is absent."""
        return self._typed(key, dt.date, "a date")

    def positive(self, key: str) -> float | None:
        """A finite number above zero; None if the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(self.wrong(key, "a number above 0", self._shown(key, value)))
        if not math.isfinite(value) or value <= 0:
            raise self._error(self.wrong(key, "a number above 0", str(value)))
        return float(value)

    def table(self, key: str) -> Table | None:
        """A table in this table; None if the key is absent."""
        values = self._typed(key, dict, "a table")
        if values is None:
            return None
        secret = values if key in self._secret else ()
        return Table(values, self._file, self.at(key, table=True), self._error, secret)

    def tables(self, key: str) -> list[Table]:
        """The tables of an array of tables; empty if the key is absent."""
        entries = self._typed(key, list, "an array of tables") or []
        for index, entry in enumerate(entries):
            if not isinstance(entry, dict):
                raise self._error(self.wrong(f"{key}[{index}]", "a table", self._shown(key, entry)))
        return [Table(entry, self._file, f"[[{key}]] {n}", self._error) for n, entry in enumerate(entries, 1)]

    def strings(self, key: str) -> tuple[str, ...] | None:
        """The strings of an array; None if the key is absent."""
        entries = self._typed(key, list, "an array of strings")
        for index, entry in enumerate(entries or ()):
            if not isinstance(entry, str):
                raise self._error(self.wrong(f"{key}[{index}]", "a string", self._shown(key, entry)))
        return None if entries is None else tuple(entries)

    def string_table(self, key: str) -> dict[str, str]:
        """A table of strings; empty if the key is absent."""
        entries = self._typed(key, dict, "a table of strings") or {}
        for name, entry in entries.items():
            if not isinstance(entry, str):
                raise self._error(self.wrong(f"{key}.{name}", "a string", self._shown(key, entry)))
        return dict(entries)

    def at(self, key: str, *, table: bool = False) -> str:
        """The place of a key, such as `[start].command`, or of a table, such as `[start]`."""
        if table:
            return f"[{key}]"
        return f"{self._place}.{key}" if self._place else key

    def wrong(self, key: str, wanted: str, got: str) -> str:
        """The message for a value that is not as it must be."""
        return self.message(key, f"expected {wanted}, got {got}")

    def message(self, key: str, text: str) -> str:
        """A message about a value, with its place."""
        return f"{self._file}: {self.at(key)}: {text}"

    def _shown(self, key: str, value: object) -> str:
        return kind(value) if key in self._secret else _described(value)

    def _typed(self, key: str, type_: type[_T], wanted: str) -> _T | None:
        value = self.values.get(key)
        if value is None:
            return None
        # bool is a subclass of int and datetime of date: only the very type will do
        if type(value) is not type_:
            raise self._error(self.wrong(key, wanted, self._shown(key, value)))
        return value
